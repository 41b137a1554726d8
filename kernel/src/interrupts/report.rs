//! The report of an exception after which the kernel cannot continue.

use crate::machine::power::{self, Status};
use crate::machine::trap_frame::TrapFrame;
use crate::machine::{machine_check, serial, stack_trace};

/// The vector of machine checks.
pub const MACHINE_CHECK: u8 = 18;

/// Logs why the kernel ends, all registers and the callers, then ends the run with a failure.
pub fn fatal(frame: &TrapFrame, cause: core::fmt::Arguments<'_>) -> ! {
    // SAFETY: the code that holds the port never runs again.
    unsafe { serial::seize() };
    log::error!("{cause}");
    if frame.vector == u64::from(MACHINE_CHECK) {
        machine_check::log();
    }
    log::error!(
        "  rip {:#018x}  rsp {:#018x}  rbp {:#018x}  flags {:#x}  code {:#x}",
        frame.rip,
        frame.rsp,
        frame.rbp,
        frame.rflags,
        frame.error_code
    );
    log::error!(
        "  rax {:#018x}  rbx {:#018x}  rcx {:#018x}  rdx {:#018x}",
        frame.rax,
        frame.rbx,
        frame.rcx,
        frame.rdx
    );
    log::error!(
        "  rsi {:#018x}  rdi {:#018x}  r8  {:#018x}  r9  {:#018x}",
        frame.rsi,
        frame.rdi,
        frame.r8,
        frame.r9
    );
    log::error!(
        "  r10 {:#018x}  r11 {:#018x}  r12 {:#018x}  r13 {:#018x}",
        frame.r10,
        frame.r11,
        frame.r12,
        frame.r13
    );
    log::error!("  r14 {:#018x}  r15 {:#018x}", frame.r14, frame.r15);
    stack_trace::log(frame.rip, frame.rbp);
    power::off(Status::Failure)
}

/// Returns the CPU's name for an exception.
pub fn exception_name(vector: u8) -> &'static str {
    match vector {
        0 => "divide error",
        1 => "debug exception",
        2 => "non-maskable interrupt",
        4 => "overflow",
        5 => "bound range exceeded",
        6 => "invalid opcode",
        7 => "device not available",
        10 => "invalid TSS",
        11 => "segment not present",
        12 => "stack-segment fault",
        13 => "general protection fault",
        16 => "x87 floating-point exception",
        17 => "alignment check",
        18 => "machine check",
        19 => "SIMD floating-point exception",
        20 => "virtualization exception",
        21 => "control protection exception",
        30 => "security exception",
        _ => "unknown exception",
    }
}
