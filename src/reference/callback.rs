//! A C function of the application as the engine's callback.
//!
//! (jet-callback-callback-function.md)

use std::ffi::c_void;
use std::fmt;
use std::ptr::with_exposed_provenance_mut;
use std::sync::Arc;

use windows_sys::Win32::Storage::Jet::JET_CALLBACK;

#[cfg(all(windows, target_arch = "x86_64"))]
use super::guarded;
#[cfg(all(windows, target_arch = "x86_64"))]
use crate::model::callback::fault_code;
use crate::model::callback::{Argument, Callback, Context, Event};

/// The pointer behind a `JET_CALLBACK` that is not null.
type Function = unsafe extern "system" fn(
    usize,
    u32,
    usize,
    u32,
    *mut c_void,
    *mut c_void,
    *const c_void,
    usize,
) -> i32;

/// No system has code below its first 64 KiB.
const LOWEST_CODE: usize = 0x1_0000;

/// A `JET_CALLBACK` function.
#[derive(Clone, Copy)]
pub(super) struct CFunction(Function);

impl fmt::Debug for CFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JET_CALLBACK {:p}", self.0 as *const ())
    }
}

/// The callback behind a parameter; `None` for a null pointer.
///
/// # Safety
/// The pointer is null, or a function with that signature that may be called, from any thread, for
/// as long as it is registered. It does not unwind.
pub(super) unsafe fn callback(function: JET_CALLBACK) -> Option<Arc<dyn Callback>> {
    function.map(|function| Arc::new(CFunction(function)) as Arc<dyn Callback>)
}

impl Callback for CFunction {
    fn call(&self, event: &mut Event) -> i32 {
        let (mut name1, mut name2) = (Vec::new(), Vec::new());
        let arg1 = lend(&mut event.arg1, &mut name1);
        let arg2 = lend(&mut event.arg2, &mut name2);
        let context: *const c_void = match &event.context {
            Context::Value(value) => std::ptr::with_exposed_provenance(*value),
            Context::Data(data) => data.as_ptr().cast(),
        };
        let (sesid, dbid, tableid) = (event.sesid.0, event.dbid.0, event.tableid.0);
        #[cfg(all(windows, target_arch = "x86_64"))]
        if let Some(code) = fault_code(event.cbtyp) {
            let arguments = [
                sesid as u64,
                u64::from(dbid),
                tableid as u64,
                u64::from(event.cbtyp),
                arg1.expose_provenance() as u64,
                arg2.expose_provenance() as u64,
                context.expose_provenance() as u64,
                event.unused as u64,
            ];
            // SAFETY: as below, and these are its arguments in their order.
            return unsafe { guarded::call(self.0 as usize, &arguments) }.unwrap_or(code);
        }
        // SAFETY: whoever registered the function promised that it may be called; the pointers are
        // null, what the application gave, or memory that lives until the call returns.
        unsafe {
            (self.0)(
                sesid,
                dbid,
                tableid,
                event.cbtyp,
                arg1,
                arg2,
                context,
                event.unused,
            )
        }
    }

    fn is_plausible(&self) -> bool {
        (self.0 as *const ()).addr() >= LOWEST_CODE
    }
}

/// The pointer that a callback gets for an argument. Bytes and numbers are lent where they are, so
/// that what the callback writes is there afterwards.
fn lend(argument: &mut Argument, name: &mut Vec<u8>) -> *mut c_void {
    match argument {
        Argument::Null => std::ptr::null_mut(),
        Argument::Value(value) => with_exposed_provenance_mut(*value),
        Argument::Text(text) => {
            name.extend_from_slice(text.as_bytes());
            name.push(0);
            name.as_mut_ptr().cast()
        }
        Argument::Bytes(bytes) => bytes.as_mut_ptr().cast(),
        Argument::Number(number) => std::ptr::from_mut(number).cast(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::handles::{Dbid, Sesid, Tableid};

    unsafe extern "system" fn writes(
        sesid: usize,
        dbid: u32,
        tableid: usize,
        cbtyp: u32,
        arg1: *mut c_void,
        arg2: *mut c_void,
        context: *const c_void,
        unused: usize,
    ) -> i32 {
        assert_eq!((sesid, dbid, tableid, cbtyp, unused), (1, 2, 3, 0x80, 256));
        assert_eq!(context.addr(), 7);
        // SAFETY: the test lends four bytes and a number.
        unsafe {
            arg1.cast::<u8>().write(9);
            arg2.cast::<u32>().write(1);
        }
        -1601
    }

    #[test]
    fn a_function_gets_its_arguments_and_what_it_writes_comes_back() {
        let mut event = Event {
            sesid: Sesid(1),
            dbid: Dbid(2),
            tableid: Tableid(3),
            cbtyp: 0x80,
            arg1: Argument::Bytes(vec![0; 4]),
            arg2: Argument::Number(4),
            context: Context::Value(7),
            unused: 256,
        };
        // SAFETY: the function is there for good.
        let function = unsafe { callback(Some(writes)) }.expect("not null");
        assert_eq!(function.call(&mut event), -1601);
        assert_eq!(event.arg1, Argument::Bytes(vec![9, 0, 0, 0]));
        assert_eq!(event.arg2, Argument::Number(1));
    }
}
