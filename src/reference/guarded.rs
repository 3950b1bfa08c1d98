//! A call of a function of the application that may end by an exception of Windows: the handler of
//! this call catches every one, as `__try` and `__except` of C would.
//!
//! (jetdelete-function.md: access violations in callbacks become an error)

use std::arch::global_asm;
use std::ffi::c_void;

use windows_sys::Win32::System::Diagnostics::Debug::{CONTEXT, EXCEPTION_RECORD, RtlUnwindEx};

// Eight words go where the calling convention wants them: four registers, then the stack above the
// room that every function may use for itself. The code that comes back is widened with zeros, so
// that nothing above it can be taken for the mark of a fault.
global_asm!(
    ".text",
    ".p2align 4",
    ".globl jetspec_guarded_call",
    ".def jetspec_guarded_call; .scl 2; .type 32; .endef",
    ".seh_proc jetspec_guarded_call",
    "jetspec_guarded_call:",
    "sub rsp, 72",
    ".seh_stackalloc 72",
    ".seh_handler {fault}, @except",
    ".seh_endprologue",
    "mov rax, rcx",
    "mov r10, rdx",
    "mov rcx, [r10 + 32]",
    "mov [rsp + 32], rcx",
    "mov rcx, [r10 + 40]",
    "mov [rsp + 40], rcx",
    "mov rcx, [r10 + 48]",
    "mov [rsp + 48], rcx",
    "mov rcx, [r10 + 56]",
    "mov [rsp + 56], rcx",
    "mov rcx, [r10]",
    "mov rdx, [r10 + 8]",
    "mov r8, [r10 + 16]",
    "mov r9, [r10 + 24]",
    "call rax",
    "mov eax, eax",
    ".globl jetspec_guarded_end",
    "jetspec_guarded_end:",
    "add rsp, 72",
    "ret",
    ".seh_endproc",
    fault = sym fault,
);

unsafe extern "system" {
    fn jetspec_guarded_call(function: usize, arguments: *const u64) -> u64;
    fn jetspec_guarded_end();
}

/// What the call gives after a fault: no code of 32 bits.
const FAULTED: usize = 1 << 32;
/// `EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND`
const UNWINDS: u32 = 0x2 | 0x4;
/// `ExceptionContinueSearch`
const CONTINUE_SEARCH: i32 = 1;

/// Calls a function with eight words; `None` where it ended by an exception.
///
/// # Safety
/// It is a function with eight parameters of at most 64 bits and a result of 32, and may be called
/// with these.
pub(super) unsafe fn call(function: usize, arguments: &[u64; 8]) -> Option<i32> {
    // SAFETY: the caller's promise; the eight words live until the call returns.
    let result = unsafe { jetspec_guarded_call(function, arguments.as_ptr()) };
    u32::try_from(result).ok().map(|code| code as i32)
}

/// The handler of the call: the frames above it are left, and the call goes on at its end.
unsafe extern "system" fn fault(
    record: *const EXCEPTION_RECORD,
    frame: *const c_void,
    context: *const CONTEXT,
    _dispatcher: *const c_void,
) -> i32 {
    // SAFETY: Windows passes a record that is valid during the call.
    if unsafe { (*record).ExceptionFlags } & UNWINDS == 0 {
        let end: *const c_void = (jetspec_guarded_end as *const ()).cast();
        let result = std::ptr::without_provenance(FAULTED);
        // SAFETY: the frame is the one that Windows found this handler in, and its end is a place
        // in that very function, where only the result counts.
        unsafe { RtlUnwindEx(frame, end, record, result, context, std::ptr::null()) };
    }
    CONTINUE_SEARCH
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "system" fn adds(
        a: u64,
        b: u64,
        c: u64,
        d: u64,
        e: u64,
        f: u64,
        g: u64,
        h: u64,
    ) -> i32 {
        (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h) as i32
    }

    unsafe extern "system" fn faults(_: u64) -> i32 {
        // SAFETY: caught by the call under test.
        unsafe {
            windows_sys::Win32::System::Diagnostics::Debug::RaiseException(
                0xC000_0005,
                0,
                0,
                std::ptr::null(),
            )
        };
        0
    }

    #[test]
    fn every_argument_arrives_and_an_exception_is_caught() {
        let words = [1, 2, 3, 4, 5, 6, 7, 8];
        // SAFETY: functions of the test, which may be called with any words.
        unsafe {
            assert_eq!(call(adds as usize, &words), Some(204));
            assert_eq!(call(faults as usize, &words), None);
            assert_eq!(call(adds as usize, &words), Some(204));
        }
    }
}
