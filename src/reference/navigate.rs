//! Navigation: moving, seeking, keys, ranges, bookmarks, positions, the current index.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet::{JET_INDEXID, JET_RECPOS};

use super::border::{Subject, answer, required, without_pointer};
use super::output::{Buffer, Out};
use super::structures::write_field;
use super::text::{Form, Narrow, Wide, slice};
use crate::abi::{Api, JET_ERR};
use crate::model::current_index::chosen;
use crate::model::handles::{Sesid, Tableid};
use crate::model::outcome::Warned;
use crate::model::room;
use crate::model::store::IndexId;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetGetBookmark: Some(get_bookmark),
        JetGetCurrentIndexA: Some(get_current_index::<Narrow>),
        JetGetCurrentIndexW: Some(get_current_index::<Wide>),
        JetGetCursorInfo: Some(get_cursor_info),
        JetGetRecordPosition: Some(get_record_position),
        JetGetSecondaryIndexBookmark: Some(get_secondary_index_bookmark),
        JetGotoBookmark: Some(goto_bookmark),
        JetGotoPosition: Some(goto_position),
        JetGotoSecondaryIndexBookmark: Some(goto_secondary_index_bookmark),
        JetIndexRecordCount: Some(index_record_count),
        JetMakeKey: Some(make_key),
        JetMove: Some(move_cursor),
        JetRetrieveKey: Some(retrieve_key),
        JetSeek: Some(seek),
        JetSetCurrentIndexA: Some(set_current_index::<Narrow>),
        JetSetCurrentIndexW: Some(set_current_index::<Wide>),
        JetSetCurrentIndex2A: Some(set_current_index2::<Narrow>),
        JetSetCurrentIndex2W: Some(set_current_index2::<Wide>),
        JetSetCurrentIndex3A: Some(set_current_index3::<Narrow>),
        JetSetCurrentIndex3W: Some(set_current_index3::<Wide>),
        JetSetCurrentIndex4A: Some(set_current_index4::<Narrow>),
        JetSetCurrentIndex4W: Some(set_current_index4::<Wide>),
        JetSetIndexRange: Some(set_index_range),
        ..api
    }
}

unsafe extern "system" fn move_cursor(
    sesid: usize,
    tableid: usize,
    rows: i32,
    grbit: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.move_cursor(Sesid(sesid), Tableid(tableid), rows, grbit)
    })
}

unsafe extern "system" fn make_key(
    sesid: usize,
    tableid: usize,
    data: *const c_void,
    size: u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` bytes, or null.
    let data = unsafe { slice(data.cast::<u8>(), size as usize) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, data.is_some() || size == 0)?;
        let data = data.unwrap_or_default();
        engine.make_key(Sesid(sesid), Tableid(tableid), data, grbit)
    })
}

unsafe extern "system" fn seek(sesid: usize, tableid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.seek(Sesid(sesid), Tableid(tableid), grbit)
    })
}

unsafe extern "system" fn set_index_range(sesid: usize, tableid: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.set_index_range(Sesid(sesid), Tableid(tableid), grbit)
    })
}

unsafe extern "system" fn index_record_count(
    sesid: usize,
    tableid: usize,
    count: *mut u32,
    most: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(count) };
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, out.given())?;
        let counted = engine.index_record_count(Sesid(sesid), Tableid(tableid), most.into());
        out.deliver(counted.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
    })
}

/// Writes what fits of a key or bookmark, and its whole length. Whether all did.
fn hand_over(buffer: &Buffer, bytes: &[u8]) -> bool {
    buffer.put_actual(bytes.len());
    buffer.put(bytes)
}

unsafe extern "system" fn get_bookmark(
    sesid: usize,
    tableid: usize,
    bookmark: *mut c_void,
    size: u32,
    actual: *mut u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` writable bytes and a place for the length, or nulls.
    let buffer = unsafe { Buffer::new(bookmark, size, actual) };
    answer(Subject::Session(sesid), |engine| {
        let result = engine.get_bookmark(Sesid(sesid), Tableid(tableid));
        let bookmark = buffer.guard(result)?;
        room::bookmark(hand_over(&buffer, &bookmark))
    })
}

unsafe extern "system" fn goto_bookmark(
    sesid: usize,
    tableid: usize,
    bookmark: *const c_void,
    size: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` bytes, or null.
    let bookmark = unsafe { slice(bookmark.cast::<u8>(), size as usize) };
    answer(Subject::Session(sesid), |engine| {
        let bookmark = bookmark.unwrap_or_default();
        engine.goto_bookmark(Sesid(sesid), Tableid(tableid), bookmark)
    })
}

unsafe extern "system" fn get_secondary_index_bookmark(
    sesid: usize,
    tableid: usize,
    key: *mut c_void,
    key_size: u32,
    key_actual: *mut u32,
    bookmark: *mut c_void,
    bookmark_size: u32,
    bookmark_actual: *mut u32,
    _grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises writable bytes and places for the lengths, or nulls.
    let (key_buffer, bookmark_buffer) = unsafe {
        (
            Buffer::new(key, key_size, key_actual),
            Buffer::new(bookmark, bookmark_size, bookmark_actual),
        )
    };
    answer(Subject::Session(sesid), |engine| {
        let result = engine.get_secondary_index_bookmark(Sesid(sesid), Tableid(tableid));
        let (key, bookmark) = bookmark_buffer.guard(key_buffer.guard(result))?;
        let key_fits = hand_over(&key_buffer, &key);
        let bookmark_fits = hand_over(&bookmark_buffer, &bookmark);
        room::secondary_bookmark(key_fits && bookmark_fits)
    })
}

unsafe extern "system" fn goto_secondary_index_bookmark(
    sesid: usize,
    tableid: usize,
    key: *const c_void,
    key_size: u32,
    bookmark: *const c_void,
    bookmark_size: u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises as many bytes as it says, or nulls.
    let (key, bookmark) = unsafe {
        (
            slice(key.cast::<u8>(), key_size as usize),
            slice(bookmark.cast::<u8>(), bookmark_size as usize),
        )
    };
    answer(Subject::Session(sesid), |engine| {
        let (key, bookmark) = (key.unwrap_or_default(), bookmark.unwrap_or_default());
        engine.goto_secondary_index_bookmark(Sesid(sesid), Tableid(tableid), key, bookmark, grbit)
    })
}

unsafe extern "system" fn retrieve_key(
    sesid: usize,
    tableid: usize,
    key: *mut c_void,
    size: u32,
    actual: *mut u32,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` writable bytes and a place for the length, or nulls.
    let buffer = unsafe { Buffer::new(key, size, actual) };
    answer(Subject::Session(sesid), |engine| {
        let result = engine.retrieve_key(Sesid(sesid), Tableid(tableid), grbit);
        let key = buffer.guard(result)?;
        Ok(room::key(hand_over(&buffer, &key), grbit))
    })
}

unsafe extern "system" fn get_record_position(
    sesid: usize,
    tableid: usize,
    precpos: *mut JET_RECPOS,
    size: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, !precpos.is_null())?;
        let position = engine.get_record_position(Sesid(sesid), Tableid(tableid), size)?;
        // SAFETY: the caller promises a structure of `size` bytes, which is large enough.
        unsafe {
            write_field(precpos, offset_of!(JET_RECPOS, cbStruct), size);
            write_field(precpos, offset_of!(JET_RECPOS, centriesLT), position.before);
            write_field(
                precpos,
                offset_of!(JET_RECPOS, centriesInRange),
                position.in_range,
            );
            write_field(
                precpos,
                offset_of!(JET_RECPOS, centriesTotal),
                position.total,
            );
        }
        Ok(())
    })
}

unsafe extern "system" fn goto_position(
    sesid: usize,
    tableid: usize,
    precpos: *const JET_RECPOS,
) -> JET_ERR {
    // SAFETY: the caller promises a structure, or null.
    let position = (!precpos.is_null()).then(|| unsafe { precpos.read_unaligned() });
    answer(Subject::Session(sesid), |engine| {
        required(engine, sesid, position.is_some())?;
        let position = position.ok_or_else(without_pointer)?;
        let structure = position.cbStruct as usize == size_of::<JET_RECPOS>();
        let (before, total) = (position.centriesLT, position.centriesTotal);
        engine.goto_position(Sesid(sesid), Tableid(tableid), before, total, structure)
    })
}

/// Nothing is written: the call tells no more than its code.
unsafe extern "system" fn get_cursor_info(
    sesid: usize,
    tableid: usize,
    _result: *mut c_void,
    size: u32,
    level: u32,
) -> JET_ERR {
    answer(Subject::Session(sesid), |engine| {
        engine.check_cursor_info(Sesid(sesid), Tableid(tableid), size, level)?;
        engine.get_cursor_info(Sesid(sesid), Tableid(tableid))
    })
}

unsafe extern "system" fn get_current_index<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *mut F::Unit,
    size: u32,
) -> JET_ERR {
    // SAFETY: the caller promises `size` writable bytes, or null.
    let buffer = unsafe { Buffer::new(name.cast(), size, std::ptr::null_mut()) };
    answer(Subject::Session(sesid), |engine| {
        let result = engine.get_current_index(Sesid(sesid), Tableid(tableid));
        let name = F::encode(&buffer.guard(result)?);
        let room = buffer.size().unwrap_or(0);
        if name.len() <= room {
            buffer.put(&name);
            return Ok(Warned::plain(()));
        }
        // What is cut ends with a zero all the same.
        let end = F::encode("");
        let kept = (room / end.len()).saturating_sub(1) * end.len();
        if room >= end.len() {
            buffer.put(&[&name[..kept], &end[..]].concat());
        }
        Ok(room::index_name(false, room))
    })
}

unsafe extern "system" fn set_current_index<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { set_current_index4::<F>(sesid, tableid, name, std::ptr::null(), MOVE_FIRST, 1) }
}

unsafe extern "system" fn set_current_index2<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { set_current_index4::<F>(sesid, tableid, name, std::ptr::null(), grbit, 1) }
}

unsafe extern "system" fn set_current_index3<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    grbit: u32,
    itag: u32,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { set_current_index4::<F>(sesid, tableid, name, std::ptr::null(), grbit, itag) }
}

/// `JET_bitMoveFirst`, which JetSetCurrentIndex stands for. (jetsetcurrentindex2-function.md)
const MOVE_FIRST: u32 = 0;

unsafe extern "system" fn set_current_index4<F: Form>(
    sesid: usize,
    tableid: usize,
    name: *const F::Unit,
    pindexid: *const JET_INDEXID,
    grbit: u32,
    itag: u32,
) -> JET_ERR {
    // SAFETY: the caller promises text that ends with zero, or null.
    let name = unsafe { F::read(name) };
    // SAFETY: the caller promises a structure, or null.
    let identity = (!pindexid.is_null()).then(|| unsafe { pindexid.read_unaligned() });
    answer(Subject::Session(sesid), |engine| {
        let chosen = chosen(name.as_deref(), identity.as_ref().map(index_id));
        engine.set_current_index(Sesid(sesid), Tableid(tableid), chosen, grbit, itag)
    })
}

/// What makes an index identity one of ours.
const IDENTITY_MARK: [u8; 12] = *b"jetspecindex";

/// The identity in a JET_INDEXID, `None` where it is none.
fn index_id(given: &JET_INDEXID) -> Option<IndexId> {
    let (number, mark) = given.rgbIndexId.split_first_chunk()?;
    let ours = given.cbStruct as usize == size_of::<JET_INDEXID>() && mark == IDENTITY_MARK;
    ours.then(|| IndexId(u32::from_le_bytes(*number)))
}

/// The bytes of an identity, as JetGetIndexInfo gives them. (jet-indexid-structure.md)
pub(super) fn index_id_bytes(id: IndexId) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&id.0.to_le_bytes());
    bytes[4..].copy_from_slice(&IDENTITY_MARK);
    bytes
}
