//! The updates of a producer that no other producer may split.
//!
//! ```text
//! count    total += 1                        a total stays exact
//! claim    number = head, head += 1          no two producers get the same number
//! enter    sequence: from → to, if it is from     one producer at a time is in a slot
//! ```
//! Each implementation names its producers. Its updates are atomic for these producers only: the
//! ring needs no more, because a reader never writes.
//!
//! Nested producers need not enter. Interrupt handlers of one CPU are nested: each ends before the
//! code that it interrupted continues. If handlers lap an interrupted producer, it ends last, and
//! publishes the sequence of an older round. So its slot looks unfinished, and no reader takes the
//! mixed words. A reader must not be one of the handlers.

use core::sync::atomic::{AtomicU64, Ordering};

/// The producers of a ring, and the updates that they need.
pub trait Producers {
    /// Adds 1.
    fn count(total: &AtomicU64);

    /// Adds 1 and returns the number before.
    fn claim(head: &AtomicU64) -> u64;

    /// Replaces `from` by `to`; `false` if another number is there. After `true`, everything that
    /// an earlier producer wrote to the slot has happened. Nested producers only return `true`.
    fn enter(sequence: &AtomicU64, from: u64, to: u64) -> bool;
}

/// Producers are threads on any number of CPUs: each update is a locked instruction.
#[derive(Clone, Copy, Debug)]
pub struct Threads;

impl Producers for Threads {
    #[inline(always)]
    fn count(total: &AtomicU64) {
        total.fetch_add(1, Ordering::Relaxed);
    }

    #[inline(always)]
    fn claim(head: &AtomicU64) -> u64 {
        head.fetch_add(1, Ordering::Relaxed)
    }

    #[inline(always)]
    fn enter(sequence: &AtomicU64, from: u64, to: u64) -> bool {
        sequence
            .compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }
}
