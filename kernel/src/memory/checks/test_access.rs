//! Test accesses: they may fault, and report it to the caller.
//!
//! The three instructions below are the only ones of the kernel whose unresolved faults do not end
//! the run. The fault handler recognizes their addresses and continues at their exit, and the
//! caller gets an error. Lessons show guard pages that way.

use crate::machine::trap_frame::TrapFrame;
use crate::memory::paging::kernel_space;
use core::arch::naked_asm;
use x86_64::VirtAddr;

/// The access was refused: the page is not mapped, or its access rights forbid the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub VirtAddr);

/// Reads a byte.
///
/// # Errors
/// When the read faults and the fault cannot be resolved.
pub fn read(address: VirtAddr) -> Result<(), Refused> {
    // SAFETY: a faulting read continues at the exit; reading changes nothing.
    if unsafe { read_byte(address.as_u64()) } {
        Ok(())
    } else {
        Err(Refused(address))
    }
}

/// Writes a zero byte.
///
/// # Safety
/// If the address is mapped for writing, the byte must be the caller's to write.
///
/// # Errors
/// When the write faults and the fault cannot be resolved.
pub unsafe fn write(address: VirtAddr) -> Result<(), Refused> {
    // SAFETY: a faulting write continues at the exit; the caller owns the byte.
    if unsafe { write_byte(address.as_u64()) } {
        Ok(())
    } else {
        Err(Refused(address))
    }
}

/// Calls the code at this address.
///
/// # Safety
/// If the address can be executed, there must be code that returns.
///
/// # Errors
/// When the first fetch faults.
pub unsafe fn execute(address: VirtAddr) -> Result<(), Refused> {
    // SAFETY: a faulting fetch continues at the exit; otherwise the code returns.
    if unsafe { call_code(address.as_u64()) } {
        Ok(())
    } else {
        Err(Refused(address))
    }
}

/// Sends the fault of a test access to its exit. Returns false for any other fault.
pub fn catch(frame: &mut TrapFrame) -> bool {
    if frame.rip == symbol(&raw const test_read_access)
        || frame.rip == symbol(&raw const test_write_access)
    {
        frame.rip = symbol(&raw const test_failed);
        return true;
    }
    // A fetch faults at its target; the return address of the `call` is on top of the stack.
    let is_test_call = frame.error_code & 1 << 4 != 0
        && kernel_space::is_mapped(VirtAddr::new_truncate(frame.rsp))
        // SAFETY: the tables map the word that the `call` pushed just now.
        && unsafe { (frame.rsp as *const u64).read() } == symbol(&raw const test_call_return);
    if is_test_call {
        frame.rsp += 8;
        frame.rip = symbol(&raw const test_call_failed);
    }
    is_test_call
}

fn symbol(label: *const u8) -> u64 {
    label as u64
}

unsafe extern "C" {
    static test_read_access: u8;
    static test_write_access: u8;
    static test_call_return: u8;
    static test_call_failed: u8;
    static test_failed: u8;
}

#[unsafe(naked)]
unsafe extern "C" fn read_byte(address: u64) -> bool {
    naked_asm!(
        ".global test_read_access",
        ".global test_failed",
        "test_read_access:",
        "mov al, [rdi]",
        "mov eax, 1",
        "ret",
        "test_failed:",
        "xor eax, eax",
        "ret",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn write_byte(address: u64) -> bool {
    naked_asm!(
        ".global test_write_access",
        "test_write_access:",
        "mov byte ptr [rdi], 0",
        "mov eax, 1",
        "ret",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn call_code(address: u64) -> bool {
    naked_asm!(
        ".global test_call_return",
        ".global test_call_failed",
        "push rbp",
        "mov rbp, rsp",
        "call rdi",
        "test_call_return:",
        "pop rbp",
        "mov eax, 1",
        "ret",
        "test_call_failed:",
        "pop rbp",
        "xor eax, eax",
        "ret",
    )
}
