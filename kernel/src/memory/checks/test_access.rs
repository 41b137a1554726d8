//! Touching memory that may not be there, without falling over.
//!
//! The three instructions below are the only ones in the kernel whose faults are forgiven: the
//! fault handler sees their address, sends them to their exit, and the caller learns that the
//! access failed. A lesson shows a guard page that way.

use crate::machine::trap_frame::TrapFrame;
use crate::memory::paging::kernel_space;
use core::arch::naked_asm;
use x86_64::VirtAddr;

/// The access was refused: nothing is mapped there, or not in that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub VirtAddr);

/// Reads a byte.
///
/// # Errors
/// When the read faults and the fault cannot be resolved.
pub fn read(address: VirtAddr) -> Result<(), Refused> {
    // SAFETY: a faulting read is sent to the exit; reading changes nothing.
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
    // SAFETY: a faulting write is sent to the exit; the caller answers for one that succeeds.
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
    // SAFETY: a faulting fetch is sent to the exit; the caller answers for one that succeeds.
    if unsafe { call_code(address.as_u64()) } {
        Ok(())
    } else {
        Err(Refused(address))
    }
}

/// Sends the fault of a test access to its exit. Returns false for any other fault.
pub fn catch(frame: &mut TrapFrame) -> bool {
    if frame.rip == symbol(&raw const probe_read_access)
        || frame.rip == symbol(&raw const probe_write_access)
    {
        frame.rip = symbol(&raw const probe_failed);
        return true;
    }
    // A fetch faults at its target; the probe's own address is on top of the stack.
    let target_is_probed = frame.error_code & 1 << 4 != 0
        && kernel_space::is_mapped(VirtAddr::new_truncate(frame.rsp))
        // SAFETY: the tables map the word that the `call` pushed just now.
        && unsafe { (frame.rsp as *const u64).read() } == symbol(&raw const probe_call_return);
    if target_is_probed {
        frame.rsp += 8;
        frame.rip = symbol(&raw const probe_call_failed);
    }
    target_is_probed
}

fn symbol(label: *const u8) -> u64 {
    label as u64
}

unsafe extern "C" {
    static probe_read_access: u8;
    static probe_write_access: u8;
    static probe_call_return: u8;
    static probe_call_failed: u8;
    static probe_failed: u8;
}

#[unsafe(naked)]
unsafe extern "C" fn read_byte(address: u64) -> bool {
    naked_asm!(
        ".global probe_read_access",
        ".global probe_failed",
        "probe_read_access:",
        "mov al, [rdi]",
        "mov eax, 1",
        "ret",
        "probe_failed:",
        "xor eax, eax",
        "ret",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn write_byte(address: u64) -> bool {
    naked_asm!(
        ".global probe_write_access",
        "probe_write_access:",
        "mov byte ptr [rdi], 0",
        "mov eax, 1",
        "ret",
    )
}

#[unsafe(naked)]
unsafe extern "C" fn call_code(address: u64) -> bool {
    naked_asm!(
        ".global probe_call_return",
        ".global probe_call_failed",
        "push rbp",
        "mov rbp, rsp",
        "call rdi",
        "probe_call_return:",
        "pop rbp",
        "mov eax, 1",
        "ret",
        "probe_call_failed:",
        "pop rbp",
        "xor eax, eax",
        "ret",
    )
}
