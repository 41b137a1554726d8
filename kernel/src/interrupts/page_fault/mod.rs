//! The page-fault handler: says what a fault means, mends what can be mended, and tells the rest.
//!
//! ```text
//! CR2, error code ──► mapping? region? ──► cause ─┬─ demand-zero, stack, copy-on-write ─► a frame, go on
//!                                                 ├─ a probe's ──► tell the probe, go on
//!                                                 ├─ a process's ► end the process
//!                                                 └─ the kernel's ► report, power off
//! ```
//! It runs on a stack of its own and allocates nothing but the frame that it maps. Only the mending
//! takes locks (processes, frames, tables); code that holds one of these touches nothing that
//! faults. A fault inside the handler gets the next part of the stack, and both are kept.

mod explain;
mod log;

pub use log::{Record, for_each as for_each_record, is_log_on, switch_log};

use crate::machine::segments::{self, FaultStack};
use crate::machine::traps::{self, TrapFrame};
use crate::machine::{clock, stack_trace};
use crate::memory::checks::test_access;
use crate::memory::paging::kernel_space::{self, PagingError};
use crate::memory::paging::{regions, walk};
use crate::memory::physical::frames;
use crate::memory::physical::heat;
use crate::memory::trace;
use crate::process::{self, End, SpaceError};
use ::log::Level;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use explain::Callers;
use mm::event::Payload;
use mm::paging::{Access, FaultCause, FaultOutcome, PageSize, classify};
use mm::tag::Tag;
use spin::Mutex;
use x86_64::VirtAddr;
use x86_64::registers::control::Cr3;

/// Faults that may be handled at once, each on its own part of the stack.
const DEPTH: u64 = 3;
/// Bytes of one part.
const PART: u64 = crate::memory::paging::stacks::FAULT_STACK / DEPTH / 16 * 16;

static COUNT: AtomicU64 = AtomicU64::new(0);
static LAST_CAUSE: Mutex<Option<FaultCause>> = Mutex::new(None);
/// How many faults are being handled now.
static NESTED: AtomicU64 = AtomicU64::new(0);
/// The number of the fault that is being handled now, 0 for none.
static HANDLING: AtomicU64 = AtomicU64::new(0);
/// The next fault shall have another one inside.
static PROVOKE: AtomicBool = AtomicBool::new(false);

/// How many page faults there have been.
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Why the last page fault happened.
pub fn last_cause() -> Option<FaultCause> {
    *LAST_CAUSE.lock()
}

/// For a test: the next fault touches a null pointer while it is handled.
pub fn provoke_nested() {
    PROVOKE.store(true, Ordering::Relaxed);
}

/// Handles a page fault for the address in CR2.
pub fn page_fault(frame: &mut TrapFrame, cr2: u64) {
    let begin = clock::ticks();
    let outer = enter(frame);
    let mut fault = Record::new(
        COUNT.fetch_add(1, Ordering::Relaxed) + 1,
        begin,
        // The CPU puts only canonical addresses into CR2 (SDM vol. 3A, 4.7).
        VirtAddr::new_truncate(cr2),
        *frame,
        (outer != 0).then_some(outer),
    );
    HANDLING.store(fault.number, Ordering::Relaxed);
    diagnose(&mut fault);
    trace::set_site(frame.rip);
    if frame.is_from_user() || fault.is_in_lower_half() {
        trace::enter_space(process::count_fault());
    }
    trace::record(Payload::FaultBegin {
        address: fault.address,
        instruction: VirtAddr::new_truncate(frame.rip),
        code: fault.code,
        cause: fault.cause,
    });
    if PROVOKE.swap(false, Ordering::Relaxed) {
        // Refused, which is what the test wants to see.
        let _ = test_access::read(VirtAddr::zero());
    }

    match mend(&fault, frame) {
        Ok(outcome) => {
            conclude(&mut fault, outcome);
            leave(outer);
        }
        Err(error) if frame.is_from_user() => {
            conclude(&mut fault, FaultOutcome::ProcessEnded);
            if !matches!(error, SpaceError::Forbidden(..)) {
                ::log::warn!("{error}");
            }
            leave(outer);
            process::end(End::Fault(fault.cause))
        }
        Err(error) => {
            conclude(&mut fault, FaultOutcome::Fatal);
            if !matches!(error, SpaceError::Forbidden(..)) {
                ::log::error!("{error}");
            }
            traps::fatal(frame, format_args!("{fault}"))
        }
    }
}

/// Makes room on the stack for a fault inside this one: the number of the fault that this one is
/// inside of.
fn enter(frame: &TrapFrame) -> u64 {
    let depth = NESTED.fetch_add(1, Ordering::Relaxed) + 1;
    if depth >= DEPTH {
        traps::fatal(frame, format_args!("{depth} page faults inside each other"));
    }
    segments::lower_stack(FaultStack::PageFault, PART);
    HANDLING.load(Ordering::Relaxed)
}

/// The reverse of [`enter`].
fn leave(outer: u64) {
    HANDLING.store(outer, Ordering::Relaxed);
    segments::raise_stack(FaultStack::PageFault, PART);
    NESTED.fetch_sub(1, Ordering::Relaxed);
}

/// Finds out what the tables and regions say, and so why it faulted.
fn diagnose(fault: &mut Record) {
    let address = fault.address;
    let (mapping, region) = if fault.is_in_lower_half() {
        process::look_up(address)
    } else {
        (kernel_space::peek(address), regions::find(address))
    };
    let access = mapping.map(|found| found.access);
    fault.region = region;
    fault.cause = classify(fault.code, address, access, region.as_ref());
    // Whoever is reading it while a fault comes asks about the one before.
    if let Some(mut last) = LAST_CAUSE.try_lock() {
        *last = Some(fault.cause);
    }
    fault.process = process::current();
    // Before the direct map is known, tables cannot be read.
    let readable = is_log_on() && !frames::direct_map().is_null();
    fault.walk = readable.then(|| walk::decode(Cr3::read().0, address));
}

/// Does what makes the access possible, or tells the probe that made it.
///
/// # Errors
/// Nobody is entitled to the access, or memory runs out.
fn mend(fault: &Record, frame: &mut TrapFrame) -> Result<FaultOutcome, SpaceError> {
    if frame.is_from_user() {
        return process::resolve(fault.address, fault.code);
    }
    if fault.cause == FaultCause::DemandZero && !fault.is_in_lower_half() {
        return match map_zeroed(fault.address) {
            Err(_) if test_access::forgive(frame) => Ok(FaultOutcome::AccessCaught),
            mapped => Ok(mapped?),
        };
    }
    if test_access::forgive(frame) {
        return Ok(FaultOutcome::AccessCaught);
    }
    Err(SpaceError::Forbidden(fault.address, fault.cause))
}

/// Maps a zeroed frame under the page of this address, in the kernel's half.
fn map_zeroed(address: VirtAddr) -> Result<FaultOutcome, PagingError> {
    let page = address.align_down(frames::FRAME);
    let frame = frames::allocate(Tag::USER).map_err(|_| PagingError::OutOfFrames(page))?;
    heat::faulted(frame);
    let mapped = kernel_space::lock().map(
        page,
        frame.start_address(),
        PageSize::Size4KiB,
        Access::WRITE,
    );
    match mapped {
        Ok(flush) => flush.not_cached(),
        Err(error) => {
            frames::free(frame).expect("a frame allocated a moment ago can be freed");
            return Err(error);
        }
    }
    Ok(FaultOutcome::Mapped)
}

/// Records how the fault ended, in the ring, in the log of faults, and as a line of the log.
fn conclude(fault: &mut Record, outcome: FaultOutcome) {
    let mended = matches!(outcome, FaultOutcome::Mapped | FaultOutcome::Copied);
    fault.outcome = Some(outcome);
    if !mended && is_log_on() {
        fault.callers = stack_trace::walk(fault.frame.rip, fault.frame.rbp);
    }
    fault.nanoseconds = clock::nanoseconds(clock::ticks() - fault.begin);
    trace::record(Payload::FaultEnd {
        address: fault.address,
        nanoseconds: fault.nanoseconds,
        cause: fault.cause,
        outcome,
    });
    log::keep(fault);
    // Faults that every process has, and that were mended, are for those who ask.
    let level = if fault.process.is_some() && mended {
        Level::Debug
    } else {
        Level::Info
    };
    ::log::log!(
        level,
        "{fault}: {} in {}.{} µs{}",
        outcome.words(),
        fault.nanoseconds / 1000,
        fault.nanoseconds / 100 % 10,
        Callers(fault),
    );
}
