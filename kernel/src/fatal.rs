//! Deliberate fatal errors, to show and test the kernel's reports.

use crate::boot::image;
use crate::boot::options::Fatal;
use crate::interrupts::table;
use crate::machine::clock;
use crate::machine::cpu::{self, Features};
use crate::machine::power::{self, Status};
use crate::memory::paging::demand;
use crate::memory::physical::frames;
use core::arch::asm;
use core::hint::black_box;

/// The time that the host has to inject a machine check, in nanoseconds.
const MACHINE_CHECK_TIMEOUT: u64 = 30 * clock::SECOND;

/// Causes this fatal error.
pub fn end(way: Fatal) -> ! {
    log::info!("breaking on purpose: {way:?}");
    match way {
        Fatal::Stack => {
            deeper(0);
        }
        Fatal::Text => {
            let text = image::text().start as *mut u8;
            // SAFETY: the write faults, as intended.
            unsafe { text.write_volatile(0xcc) };
        }
        Fatal::NoExecute if !cpu::has(Features::NX) => {
            log::error!("skipped: no NX");
            power::off(Status::Failure);
        }
        Fatal::NoExecute => call(image::data().start),
        Fatal::Null => call(0),
        Fatal::DoubleFault => {
            table::install_only_double_fault();
            // SAFETY: raises an exception that has no handler any more, as intended.
            unsafe { asm!("ud2") };
        }
        Fatal::MachineCheck => {
            if !cpu::has(Features::MCE) {
                log::error!("skipped: no MCE");
                power::off(Status::Failure);
            }
            // The host injects it. No halt: a clock that counts instructions would skip the wait.
            let end = clock::now() + MACHINE_CHECK_TIMEOUT;
            while clock::now() < end {
                core::hint::spin_loop();
            }
            log::error!("no machine check came");
            power::off(Status::Failure);
        }
        Fatal::Lock => {
            let _frames = frames::lock();
            demand::touch(0);
        }
        Fatal::OutOfMemory => unreachable!("boot ended with no memory"),
        Fatal::Panic => panic!("on purpose"),
    }
    unreachable!("still alive after {way:?}")
}

/// Calls itself until the stack ends.
#[expect(unconditional_recursion, reason = "the stack must end")]
fn deeper(depth: u64) -> u64 {
    black_box(deeper(black_box(depth) + 1)) + 1
}

fn call(address: u64) {
    // SAFETY: the fetch faults, as intended.
    unsafe { asm!("call {}", in(reg) address, clobber_abi("C")) };
}
