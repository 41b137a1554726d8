//! The registers of interrupted code, as they lie on the stack, and the way back to it.
//!
//! ```text
//! the CPU pushes    SS RSP RFLAGS CS RIP (error code)
//! a stub pushes     0 if the CPU pushed no error code, then the vector
//! `common` pushes   all general registers                    (interrupts/table.rs)
//! trap_return       pops all of it again
//! ```
//! Source: Intel SDM vol. 3A, chapter 6.

use super::segments;
use core::arch::naked_asm;
use x86_64::VirtAddr;

/// All registers of the interrupted code.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct TrapFrame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rbp: u64,
    pub rdi: u64,
    pub rsi: u64,
    pub rdx: u64,
    pub rcx: u64,
    pub rbx: u64,
    pub rax: u64,
    /// 0 to 31: an exception; above: an interrupt.
    pub vector: u64,
    /// The error code of the exception, 0 for one without.
    pub error_code: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

/// RFLAGS of a new process: interrupts on.
const USER_FLAGS: u64 = 1 << 9 | 1 << 1;

impl TrapFrame {
    /// Returns the registers of a process that starts at `entry` with an empty stack.
    pub fn for_user(entry: VirtAddr, stack_end: VirtAddr) -> TrapFrame {
        let (cs, ss) = segments::user();
        TrapFrame {
            rip: entry.as_u64(),
            cs,
            rflags: USER_FLAGS,
            rsp: stack_end.as_u64(),
            ss,
            ..TrapFrame::default()
        }
    }

    /// Returns whether ring 3 was interrupted.
    pub fn is_from_user(&self) -> bool {
        self.cs & 3 == 3
    }
}

/// Returns to the code whose trap frame is on top of the stack.
#[unsafe(naked)]
pub extern "C" fn trap_return() {
    naked_asm!(
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop r11",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rbp",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rbx",
        "pop rax",
        "add rsp, 16",
        "iretq",
    )
}
