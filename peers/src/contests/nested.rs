//! The producers of the kernel's ring, on a PC: the handlers of one CPU and what they interrupt.
//!
//! A contest has one thread, so its events come from one CPU as well.

use mm::ring::Producers;
use std::arch::asm;
use std::sync::atomic::AtomicU64;

/// Each update is one instruction without a lock.
#[derive(Clone, Copy, Debug)]
pub struct Nested;

impl Producers for Nested {
    #[inline(always)]
    fn count(total: &AtomicU64) {
        // SAFETY: the reference is valid, and only this thread writes the number.
        unsafe { asm!("inc qword ptr [{}]", in(reg) total.as_ptr(), options(nostack)) };
    }

    #[inline(always)]
    fn claim(head: &AtomicU64) -> u64 {
        let mut number = 1;
        // SAFETY: as in `count`.
        unsafe {
            asm!("xadd [{}], {}", in(reg) head.as_ptr(), inout(reg) number, options(nostack));
        }
        number
    }

    #[inline(always)]
    fn enter(_: &AtomicU64, _: u64, _: u64) -> bool {
        true
    }
}
