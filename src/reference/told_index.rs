//! The definition of an index as JetGetTableIndexInfo tells it: a JET_INDEXCREATE of any kind, and
//! behind it, in the same buffer, what it points to.
//!
//! (jetgettableindexinfo-function.md, jet-indexcreate-structure.md)

use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::memory::Block;
use super::text::{Form, Wide};
use crate::model::index_information::ToldIndex;
use crate::model::index_options::{SpaceHints, TupleLimits};

/// `JET_bitIndexColumnMustBeNull` and `JET_bitIndexColumnMustBeNonNull`
const MUST_BE: [u32; 2] = [2, 1];

/// Where the fields of a kind are; the narrow and the wide form have one layout.
struct Fields {
    size: usize,
    name: usize,
    key: usize,
    key_size: usize,
    grbit: usize,
    density: usize,
    unicode: usize,
    segment: usize,
    conditions: usize,
    condition_count: usize,
    key_most: usize,
    space: Option<usize>,
    /// Whether the locale is told by its name.
    named: bool,
}

macro_rules! fields {
    ($kind:ident, $unicode:expr, $segment:ident, $space:expr, $named:literal) => {{
        use jet::$kind as S;
        Fields {
            size: size_of::<S>(),
            name: offset_of!(S, szIndexName),
            key: offset_of!(S, szKey),
            key_size: offset_of!(S, cbKey),
            grbit: offset_of!(S, grbit),
            density: offset_of!(S, ulDensity),
            unicode: $unicode,
            segment: offset_of!(S, $segment),
            conditions: offset_of!(S, rgconditionalcolumn),
            condition_count: offset_of!(S, cConditionalColumn),
            key_most: offset_of!(S, cbKeyMost),
            space: $space,
            named: $named,
        }
    }};
}

/// The fields of JET_INDEXCREATE, 2 and 3.
fn fields(kind: u8) -> Fields {
    match kind {
        1 => {
            let unicode = offset_of!(jet::JET_INDEXCREATE_A, Anonymous1);
            fields!(JET_INDEXCREATE_A, unicode, Anonymous2, None, false)
        }
        2 => {
            let unicode = offset_of!(jet::JET_INDEXCREATE2_A, Anonymous1);
            let space = Some(offset_of!(jet::JET_INDEXCREATE2_A, pSpacehints));
            fields!(JET_INDEXCREATE2_A, unicode, Anonymous2, space, false)
        }
        _ => {
            let unicode = offset_of!(jet::JET_INDEXCREATE3_A, pidxunicode);
            let space = Some(offset_of!(jet::JET_INDEXCREATE3_A, pSpacehints));
            fields!(JET_INDEXCREATE3_A, unicode, Anonymous, space, true)
        }
    }
}

/// The size of the structure of a kind, in bytes.
pub(super) fn own_size(kind: u8) -> usize {
    fields(kind).size
}

/// The bytes for a buffer at that address.
pub(super) fn bytes<F: Form>(index: &ToldIndex, kind: u8, address: usize) -> Vec<u8> {
    let fields = fields(kind);
    let mut block = Block::default();
    block.reserve(fields.size);
    number(&mut block, 0, fields.size as u32);
    number(&mut block, fields.grbit, index.grbit);
    number(&mut block, fields.density, index.density);
    number(&mut block, fields.key_most, index.key_most);
    if let Some(at) = fields.space {
        let hints = space(&index.space);
        append(&mut block, at, &hints);
    }
    append(&mut block, fields.name, &F::encode(&index.name));
    let mut key: Vec<u8> = index.key.iter().flat_map(|part| F::encode(part)).collect();
    key.extend(F::encode(""));
    append(&mut block, fields.key, &key);
    number(&mut block, fields.key_size, key.len() as u32);
    unicode(&mut block, &fields, index);
    match &index.tuples {
        Some(limits) => append(&mut block, fields.segment, &tuples(limits)),
        None => number(&mut block, fields.segment, index.segment_most),
    }
    conditions::<F>(&mut block, &fields, index);
    block.bytes_at(address)
}

fn number(block: &mut Block, at: usize, number: u32) {
    block.put(at, &number.to_ne_bytes());
}

/// Appends bytes, and makes the pointer at an offset point to them.
fn append(block: &mut Block, at: usize, bytes: &[u8]) {
    let target = block.append(bytes);
    block.point(at, target);
}

fn unicode(block: &mut Block, fields: &Fields, index: &ToldIndex) {
    let flags = index.unicode.map_flags;
    if fields.named {
        use jet::JET_UNICODEINDEX2 as S;
        let structure = block.reserve(size_of::<S>());
        number(block, structure + offset_of!(S, dwMapFlags), flags);
        let name = Wide::encode(&index.unicode.locale);
        append(block, structure + offset_of!(S, szLocaleName), &name);
        block.point(fields.unicode, structure);
    } else {
        use jet::JET_UNICODEINDEX as S;
        let structure = block.reserve(size_of::<S>());
        number(block, structure + offset_of!(S, lcid), index.unicode.lcid());
        number(block, structure + offset_of!(S, dwMapFlags), flags);
        block.point(fields.unicode, structure);
    }
}

fn conditions<F: Form>(block: &mut Block, fields: &Fields, index: &ToldIndex) {
    use jet::JET_CONDITIONALCOLUMN_A as S;
    if index.conditions.is_empty() {
        return;
    }
    let size = size_of::<S>();
    let array = block.reserve(size * index.conditions.len());
    for (position, (column, must_be_null)) in index.conditions.iter().enumerate() {
        let condition = array + position * size;
        number(block, condition + offset_of!(S, cbStruct), size as u32);
        let grbit = MUST_BE[usize::from(*must_be_null)];
        number(block, condition + offset_of!(S, grbit), grbit);
        let name = F::encode(column);
        append(block, condition + offset_of!(S, szColumnName), &name);
    }
    block.point(fields.conditions, array);
    let count = index.conditions.len() as u32;
    number(block, fields.condition_count, count);
}

/// JET_SPACEHINTS as bytes.
fn space(hints: &SpaceHints) -> Vec<u8> {
    let fields = [
        size_of::<jet::JET_SPACEHINTS>() as u32,
        hints.initial_density,
        hints.initial,
        hints.grbit,
        hints.maintenance_density,
        hints.growth,
        hints.least_extent,
        hints.most_extent,
    ];
    fields.into_iter().flat_map(u32::to_ne_bytes).collect()
}

/// JET_TUPLELIMITS as bytes.
fn tuples(limits: &TupleLimits) -> Vec<u8> {
    let fields = [
        limits.least,
        limits.most,
        limits.to_index,
        limits.increment,
        limits.start,
    ];
    fields.into_iter().flat_map(u32::to_ne_bytes).collect()
}
