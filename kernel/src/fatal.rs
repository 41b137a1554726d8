//! Ways to end on purpose: what does the kernel say when it is truly broken?

use crate::boot::options::Fatal;
use crate::machine::cpu::{self, Features};
use crate::machine::power::{self, Status};
use crate::machine::{clock, traps};
use crate::memory::paging::layout;
use core::arch::asm;
use core::hint::black_box;

/// How long the host has to inject a machine check, in nanoseconds.
const MACHINE_CHECK_TIMEOUT: u64 = 30 * clock::SECOND;

/// Breaks in this way.
pub fn end(way: Fatal) -> ! {
    log::info!("breaking on purpose: {way:?}");
    match way {
        Fatal::Stack => {
            deeper(0);
        }
        Fatal::Text => {
            let text = layout::text().start as *mut u8;
            // SAFETY: the write faults, which is the point.
            unsafe { text.write_volatile(0xcc) };
        }
        Fatal::NoExecute if !cpu::has(Features::NX) => {
            log::error!("skipped: no NX");
            power::off(Status::Failure);
        }
        Fatal::NoExecute => call(layout::data().start),
        Fatal::Null => call(0),
        Fatal::DoubleFault => {
            traps::lose_all_but_double_fault();
            // SAFETY: raises an exception that has no handler any more, which is the point.
            unsafe { asm!("ud2") };
        }
        Fatal::MachineCheck => {
            if !cpu::has(Features::MCE) {
                log::error!("skipped: no MCE");
                power::off(Status::Failure);
            }
            // The host injects it; halting would let a clock that counts instructions run away.
            let end = clock::now() + MACHINE_CHECK_TIMEOUT;
            while clock::now() < end {
                core::hint::spin_loop();
            }
            log::error!("no machine check came");
            power::off(Status::Failure);
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
    // SAFETY: the fetch faults, which is the point.
    unsafe { asm!("call {}", in(reg) address, clobber_abi("C")) };
}
