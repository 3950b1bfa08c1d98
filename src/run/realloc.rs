//! The runner's `JET_PFNREALLOC` (jet-pfnrealloc-callback-function.md): memory for the arrays of
//! JetEnumerateColumns, accounted for so that a pointer that was never given out does no harm.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

/// What has been given out and not been given back, by address.
static GIVEN: Mutex<BTreeMap<usize, Vec<u128>>> = Mutex::new(BTreeMap::new());

/// Allocates with a null `pv`, frees with a zero `cb`, resizes otherwise; null where that cannot be.
unsafe extern "system" fn realloc(_: *const c_void, pv: *const c_void, cb: u32) -> *mut c_void {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let old = match pv.is_null() {
        true => Vec::new(),
        false => match given.remove(&pv.addr()) {
            Some(old) => old,
            None => return std::ptr::null_mut(),
        },
    };
    if cb == 0 {
        return std::ptr::null_mut();
    }
    let mut new = old;
    new.resize((cb as usize).div_ceil(size_of::<u128>()), 0);
    let address = new.as_mut_ptr().expose_provenance();
    given.insert(address, new);
    std::ptr::with_exposed_provenance_mut(address)
}

/// Whether so many bytes from an address on lie within one piece that has been given out.
pub(super) fn holds(address: u64, size: usize) -> bool {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let Ok(address) = usize::try_from(address) else {
        return false;
    };
    let Some((start, memory)) = given.range(..=address).next_back() else {
        return false;
    };
    let end = address.checked_add(size);
    end.is_some_and(|end| end <= start + size_of_val(memory.as_slice()))
}

/// The address of the function.
pub(super) fn address() -> u64 {
    let function: unsafe extern "system" fn(*const c_void, *const c_void, u32) -> *mut c_void =
        realloc;
    function as usize as u64
}

/// Frees what the plan's calls have left.
pub(super) fn clear() {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// So many bytes, as a call would get them.
#[cfg(test)]
pub(super) fn give(size: u32) -> *mut c_void {
    // SAFETY: nothing is dereferenced.
    unsafe { realloc(std::ptr::null(), std::ptr::null(), size) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_keeps_and_frees() {
        let null = std::ptr::null();
        // SAFETY: the pointers are the function's own, or never dereferenced.
        unsafe {
            let first = realloc(null, null, 16).cast::<u8>();
            first.write(7);
            let second = realloc(null, first.cast(), 4096).cast::<u8>();
            assert_eq!(second.read(), 7);
            assert!(holds(second.expose_provenance() as u64 + 96, 4000));
            assert!(!holds(second.expose_provenance() as u64 + 97, 4000));
            assert!(!holds(second.expose_provenance() as u64 - 1, 1));
            assert!(realloc(null, second.cast(), 0).is_null());
            assert!(!holds(second.expose_provenance() as u64, 1));
            assert!(realloc(null, second.cast(), 8).is_null());
        }
    }
}
