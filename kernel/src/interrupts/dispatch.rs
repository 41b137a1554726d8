//! Selects the handler of each exception and interrupt.
//!
//! ```text
//! page fault ──► page_fault::handle ──► resolved or caught: return
//!                                   ├─► the process's: end it
//!                                   └─► the kernel's: report, power off
//! system call ─► process::syscall
//! timer ───────► the end of a process's turn
//! keyboard, mouse ► machine::ps2
//! the rest ────► end the process, or report and power off
//! ```

use super::page_fault::{self, Outcome};
use super::report::{MACHINE_CHECK, exception_name, fatal};
use crate::machine::interrupt_controller::{self, FIRST_INTERRUPT, TIMER};
use crate::machine::trap_frame::TrapFrame;
use crate::process::{self, End, call, syscall};
use x86_64::registers::control::Cr2;

/// Handles every exception, interrupt and system call.
pub extern "C" fn dispatch(frame: &mut TrapFrame) {
    match frame.vector as u8 {
        14 => page_fault(frame),
        call::VECTOR => syscall::serve(frame),
        vector if vector >= FIRST_INTERRUPT => interrupt(vector, frame),
        3 if !frame.is_from_user() => log::info!("breakpoint at {:#x}", frame.rip),
        8 => fatal(
            frame,
            format_args!("double fault: a fault while a fault was being delivered"),
        ),
        vector if frame.is_from_user() && vector != 2 && vector != MACHINE_CHECK => {
            let name = exception_name(vector);
            log::info!(
                "process {} at {:#x}: {name}",
                process::current().unwrap_or_default(),
                frame.rip
            );
            process::end(End::Exception(vector));
        }
        vector => fatal(frame, format_args!("{}", exception_name(vector))),
    }
}

/// Handles an interrupt of a device. The timer's tick wakes the CPU, and ends a process's turn.
fn interrupt(vector: u8, frame: &TrapFrame) {
    #[cfg(feature = "demo")]
    if vector != TIMER {
        crate::machine::ps2::interrupt();
    }
    interrupt_controller::end_of_interrupt(vector);
    if vector == TIMER && frame.is_from_user() {
        process::end_turn();
    }
}

/// Acts on the outcome of the page-fault handler.
fn page_fault(frame: &mut TrapFrame) {
    match page_fault::handle(frame, Cr2::read_raw()) {
        Outcome::Resolved | Outcome::TestAccessCaught => {}
        Outcome::EndProcess(cause) => process::end(End::Fault(cause)),
        Outcome::Fatal(why) => fatal(frame, format_args!("{why}")),
        Outcome::TooDeep(depth) => {
            fatal(frame, format_args!("{depth} page faults inside each other"))
        }
    }
}
