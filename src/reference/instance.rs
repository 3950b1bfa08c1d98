//! Instances: creating, initialising, stopping, terminating, listing.

use windows_sys::Win32::Storage::Jet::{JET_INSTANCE_INFO_A, JET_RSTINFO_A};

use super::border::{Subject, answer};
use super::memory::{Block, free};
use super::output::Out;
use super::status::status;
use super::text::{Form, Narrow, Wide, slice};
use crate::abi::errors::JetError;
use crate::abi::{Api, JET_ERR};
use crate::model::durable::moment::LogPosition;
use crate::model::handles::Instance;
use crate::model::information::InstanceInfo;
use crate::model::outputs::{FREES, FREES_NULL, LEFT_ALONE};
use crate::model::path::complete;
use crate::model::recovery::{InitOptions, Moved};
use crate::model::start::{InitTarget, OPTIONS};
use crate::model::structures::check_rstinfo;

pub(super) const fn fill(api: Api) -> Api {
    Api {
        JetCreateInstanceA: Some(create_instance::<Narrow>),
        JetCreateInstanceW: Some(create_instance::<Wide>),
        JetCreateInstance2A: Some(create_instance2::<Narrow>),
        JetCreateInstance2W: Some(create_instance2::<Wide>),
        JetFreeBuffer: Some(free_buffer),
        JetGetInstanceInfoA: Some(get_instance_info::<Narrow>),
        JetGetInstanceInfoW: Some(get_instance_info::<Wide>),
        JetInit: Some(init),
        JetInit2: Some(init2),
        JetInit3A: Some(init3::<Narrow>),
        JetInit3W: Some(init3::<Wide>),
        JetStopService: Some(stop_service),
        JetStopServiceInstance: Some(stop_service_instance),
        JetStopServiceInstance2: Some(stop_service_instance2),
        JetTerm: Some(term),
        JetTerm2: Some(term2),
        ..api
    }
}

unsafe extern "system" fn create_instance<F: Form>(
    pinstance: *mut usize,
    name: *const F::Unit,
) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came; null stands for no display name.
    unsafe { create_instance2::<F>(pinstance, name, std::ptr::null(), 0) }
}

unsafe extern "system" fn create_instance2<F: Form>(
    pinstance: *mut usize,
    name: *const F::Unit,
    display_name: *const F::Unit,
    grbit: u32,
) -> JET_ERR {
    // SAFETY: the caller promises a place that may be written, or null.
    let out = unsafe { Out::new(pinstance) };
    // SAFETY: the caller promises texts that end with zero, or null.
    let (name, display_name) = unsafe { (F::read(name), F::read(display_name)) };
    answer(Subject::Process, |engine| {
        OPTIONS.allow(grbit != 0, JetError::InvalidGrbit)?;
        let result = engine.create_instance(name, display_name, out.given());
        out.deliver(result.map(|instance| instance.0))
    })
}

unsafe extern "system" fn init(pinstance: *mut usize) -> JET_ERR {
    // SAFETY: the caller's promise is handed on as it came.
    unsafe { init2(pinstance, 0) }
}

unsafe extern "system" fn init2(pinstance: *mut usize, grbit: u32) -> JET_ERR {
    // SAFETY: the caller promises a place that may be read and written, or null.
    let place = unsafe { Out::new(pinstance) };
    let options = InitOptions {
        grbit,
        ..InitOptions::default()
    };
    start(place, &options)
}

unsafe extern "system" fn init3<F: Form>(
    pinstance: *mut usize,
    prstinfo: *const F::RstInfo,
    grbit: u32,
) -> JET_ERR {
    const { assert!(size_of::<F::RstInfo>() == size_of::<JET_RSTINFO_A>()) };
    // SAFETY: the caller promises a place that may be read and written, or null.
    let place = unsafe { Out::new(pinstance) };
    let size = if prstinfo.is_null() {
        None
    } else {
        // SAFETY: the caller promises a structure that begins with its size.
        Some(unsafe { prstinfo.cast::<u32>().read_unaligned() })
    };
    let right = size.is_none_or(|size| size as usize == size_of::<F::RstInfo>());
    let checked = answer(Subject::Process, |_| check_rstinfo(right));
    if checked < 0 {
        return checked;
    }
    let mut options = InitOptions {
        grbit,
        ..InitOptions::default()
    };
    if size.is_some() && right {
        // SAFETY: the caller promises a structure of that size.
        let info = unsafe { prstinfo.read_unaligned() };
        let (map, count, stop, function) = F::rstinfo(&info);
        // SAFETY: the caller promises so many maps with texts that end with zero, and a function
        // that may be called until the call returns, or null.
        unsafe {
            options.moved = moved::<F>(map, count);
            options.status = status(function);
        }
        options.stop = LogPosition::read(stop);
    }
    start(place, &options)
}

/// The map of databases that were moved.
///
/// # Safety
/// The pointer is null, or has so many maps behind it, whose texts end with zero or are null.
pub(super) unsafe fn moved<F: Form>(map: *const F::RstMap, count: i32) -> Vec<Moved> {
    let count = usize::try_from(count).unwrap_or(0);
    // SAFETY: as promised.
    let map = unsafe { slice(map, count) }.unwrap_or_default();
    let texts = map.iter().filter_map(|one| {
        let (before, after) = F::rstmap(one);
        // SAFETY: as promised.
        let (before, after) = unsafe { (F::read(before), F::read(after)) };
        Some(Moved {
            before: before.as_deref().map(complete),
            after: complete(&after?),
        })
    });
    texts.collect()
}

/// The variable gets the handle, and zero where a failure has freed the instance.
fn start(place: Out<usize>, options: &InitOptions) -> JET_ERR {
    let given = place.present();
    let subject = given.map_or(Subject::Process, Subject::Instance);
    answer(subject, |engine| {
        let target = given.map_or(InitTarget::Null, |handle| {
            InitTarget::Handle(Instance(handle))
        });
        match engine.init_with(target, options) {
            Ok(started) => {
                place.put(started.value.0);
                Ok(started)
            }
            Err(failed) => {
                if failed.freed {
                    place.put(0);
                }
                place.spoil(&LEFT_ALONE);
                Err(failed.error)
            }
        }
    })
}

unsafe extern "system" fn term(instance: usize) -> JET_ERR {
    // SAFETY: no pointer is involved.
    unsafe { term2(instance, 0) }
}

unsafe extern "system" fn term2(instance: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Instance(instance), |engine| {
        engine.term(Instance(instance), grbit)
    })
}

unsafe extern "system" fn stop_service() -> JET_ERR {
    answer(Subject::Process, |engine| engine.stop_service())
}

unsafe extern "system" fn stop_service_instance(instance: usize) -> JET_ERR {
    answer(Subject::Instance(instance), |engine| {
        engine.stop_service_instance(Instance(instance))
    })
}

unsafe extern "system" fn stop_service_instance2(instance: usize, grbit: u32) -> JET_ERR {
    answer(Subject::Instance(instance), |engine| {
        engine.stop_service_instance2(Instance(instance), grbit)
    })
}

unsafe extern "system" fn get_instance_info<F: Form>(
    count: *mut u32,
    infos: *mut *mut F::InstanceInfo,
) -> JET_ERR {
    // SAFETY: the caller promises places that may be written, or null.
    let (count, array) = unsafe { (Out::new(count), Out::new(infos.cast::<usize>())) };
    answer(Subject::Process, |engine| {
        let listed = engine.instance_info(count.given() && array.given());
        if listed.is_err() {
            count.spoil(&LEFT_ALONE);
            array.spoil(&LEFT_ALONE);
        }
        let listed = listed?;
        count.put(u32::try_from(listed.len()).unwrap_or(u32::MAX));
        array.put(if listed.is_empty() {
            0
        } else {
            list::<F>(&listed).give().expose_provenance()
        });
        Ok(())
    })
}

/// The array of JET_INSTANCE_INFO with the names behind it.
pub(super) fn list<F: Form>(infos: &[InstanceInfo]) -> Block {
    const { assert!(size_of::<F::InstanceInfo>() == size_of::<JET_INSTANCE_INFO_A>()) };
    use std::mem::offset_of;
    let mut block = Block::default();
    let size = size_of::<JET_INSTANCE_INFO_A>();
    let array = block.reserve(size * infos.len());
    for (index, info) in infos.iter().enumerate() {
        let at = array + index * size;
        let field = |offset| at + offset;
        let handle = field(offset_of!(JET_INSTANCE_INFO_A, hInstanceId));
        block.put(handle, &info.handle.0.to_ne_bytes());
        if let Some(name) = &info.name {
            let name = block.append(&F::encode(name));
            block.point(field(offset_of!(JET_INSTANCE_INFO_A, szInstanceName)), name);
        }
        let count = field(offset_of!(JET_INSTANCE_INFO_A, cDatabases));
        block.put(count, &info.databases.len().to_ne_bytes());
        if info.databases.is_empty() {
            continue;
        }
        let width = size_of::<usize>();
        let names = block.reserve(width * info.databases.len());
        let display_names = block.reserve(width * info.databases.len());
        for (number, path) in info.databases.iter().enumerate() {
            let name = block.append(&F::encode(&path.to_string_lossy()));
            block.point(names + number * width, name);
        }
        block.point(
            field(offset_of!(JET_INSTANCE_INFO_A, szDatabaseFileName)),
            names,
        );
        let display = field(offset_of!(JET_INSTANCE_INFO_A, szDatabaseDisplayName));
        block.point(display, display_names);
    }
    block
}

/// Null, and an address that is none of the engine's, are left alone. (jetfreebuffer-function.md)
unsafe extern "system" fn free_buffer(memory: *const u8) -> JET_ERR {
    answer(Subject::Process, |_| {
        FREES_NULL.allow(memory.is_null(), JetError::InvalidParameter)?;
        let freed = free(memory.addr());
        FREES.allow(freed, JetError::InvalidParameter)
    })
}
