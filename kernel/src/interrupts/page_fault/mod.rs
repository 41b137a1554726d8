//! The page-fault handler: finds the cause of a fault, resolves it if it can, and returns what the
//! dispatcher must do.
//!
//! ```text
//! CR2, error code ──► regions, tables ──► cause ──► Outcome
//!   demand-zero, stack growth, copy-on-write ─► Resolved            a frame was mapped
//!   a test access of the kernel ──────────────► TestAccessCaught    it returns an error
//!   any other fault of a process ─────────────► EndProcess
//!   any other fault of the kernel ────────────► Fatal
//! ```
//! The handler runs on a stack of its own, and allocates only the frame that it maps. Only
//! resolving takes locks (processes, frames, tables). Code that holds such a lock touches no memory
//! that faults. A fault inside the handler gets the next part of the stack, and both are logged.

mod explain;
pub mod log;
mod record;

use crate::lock::Mutex;
use crate::machine::segments::{self, FaultStack};
use crate::machine::trap_frame::TrapFrame;
use crate::machine::{clock, stack_trace};
use crate::memory::checks::test_access;
use crate::memory::paging::kernel_space::{self, PagingError};
use crate::memory::paging::{regions, stacks, walk};
use crate::memory::physical::frames;
use crate::memory::trace;
use crate::process::{self, SpaceError};
use ::log::Level;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use explain::Callers;
use mm::event::Payload;
use mm::paging::{Access, FaultCause, FaultOutcome, PageSize, classify};
use mm::tag::Tag;
use record::Record;
use x86_64::VirtAddr;
use x86_64::registers::control::Cr3;

/// Faults that can be handled at once, each on its own part of the stack.
const DEPTH: u64 = 3;
/// Bytes of one part.
const PART: u64 = stacks::FAULT_STACK / DEPTH / 16 * 16;

static COUNT: AtomicU64 = AtomicU64::new(0);
/// Ticks of the time-stamp counter in the handler.
static TICKS: AtomicU64 = AtomicU64::new(0);
static LAST_CAUSE: Mutex<Option<FaultCause>> = Mutex::new(None);
/// The number of faults that are being handled now.
static NESTED: AtomicU64 = AtomicU64::new(0);
/// The number of the fault that is being handled now, 0 for none.
static HANDLING: AtomicU64 = AtomicU64::new(0);
/// The next fault causes another one inside its handler.
static PROVOKE: AtomicBool = AtomicBool::new(false);

/// The action of the dispatcher after a fault.
#[expect(
    clippy::large_enum_variant,
    reason = "one value, on the fault's own stack"
)]
pub enum Outcome {
    /// Return: the access succeeds now.
    Resolved,
    /// Return: the test access reports that it was refused.
    TestAccessCaught,
    /// End the process that faulted.
    EndProcess(FaultCause),
    /// End the run: the kernel faulted.
    Fatal(Record),
    /// End the run: the stack has no part left for this many faults inside each other.
    TooDeep(u64),
}

/// Returns how many page faults there have been.
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Returns how long the handler has worked on faults that ended, with their lines of the log, in
/// nanoseconds.
pub fn time() -> u64 {
    clock::nanoseconds(TICKS.load(Ordering::Relaxed))
}

/// Returns why the last page fault happened.
pub fn last_cause() -> Option<FaultCause> {
    *LAST_CAUSE.lock()
}

/// For a test: the handler of the next fault follows a null pointer.
pub fn provoke_nested() {
    PROVOKE.store(true, Ordering::Relaxed);
}

/// Handles a page fault for the address in CR2.
pub fn handle(frame: &mut TrapFrame, cr2: u64) -> Outcome {
    let begin = clock::ticks();
    let outer = match enter() {
        Ok(outer) => outer,
        Err(depth) => return Outcome::TooDeep(depth),
    };
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
    record_begin(&fault);
    if PROVOKE.swap(false, Ordering::Relaxed) {
        // The read is refused, which is what the test expects.
        let _ = test_access::read(VirtAddr::zero());
    }

    match resolve(&fault, frame) {
        Ok(outcome) => {
            conclude(&mut fault, outcome);
            leave(outer);
            match outcome {
                FaultOutcome::AccessCaught => Outcome::TestAccessCaught,
                _ => Outcome::Resolved,
            }
        }
        Err(error) if frame.is_from_user() => {
            conclude(&mut fault, FaultOutcome::ProcessEnded);
            if !matches!(error, SpaceError::Forbidden(..)) {
                ::log::warn!("{error}");
            }
            leave(outer);
            Outcome::EndProcess(fault.cause)
        }
        Err(error) => {
            conclude(&mut fault, FaultOutcome::Fatal);
            if !matches!(error, SpaceError::Forbidden(..)) {
                ::log::error!("{error}");
            }
            Outcome::Fatal(fault)
        }
    }
}

/// Makes room on the stack for a fault inside this one. Returns the number of the fault that this
/// one is inside of, 0 for none.
///
/// # Errors
/// When there is no room, with the number of faults inside each other.
fn enter() -> Result<u64, u64> {
    let depth = NESTED.fetch_add(1, Ordering::Relaxed) + 1;
    if depth >= DEPTH {
        return Err(depth);
    }
    segments::lower_stack(FaultStack::PageFault, PART);
    Ok(HANDLING.load(Ordering::Relaxed))
}

/// Reverses [`enter`].
fn leave(outer: u64) {
    HANDLING.store(outer, Ordering::Relaxed);
    segments::raise_stack(FaultStack::PageFault, PART);
    NESTED.fetch_sub(1, Ordering::Relaxed);
}

/// Finds the cause of a fault from tables and regions. This is its only classification.
fn diagnose(fault: &mut Record) {
    let address = fault.address;
    (fault.cause, fault.region) = if fault.is_in_lower_half() {
        process::classify(address, fault.code)
    } else {
        let access = kernel_space::peek(address).map(|found| found.access);
        let region = regions::find(address);
        (
            classify(fault.code, address, access.into(), region.as_ref()),
            region,
        )
    };
    // Code that reads the last cause while it faults wants the cause of the fault before.
    if let Some(mut last) = LAST_CAUSE.try_lock() {
        *last = Some(fault.cause);
    }
    fault.process = process::current();
    // The walk reads tables through the direct map, which may not exist yet at the first faults.
    let readable = log::is_on() && !frames::direct_map().is_null();
    fault.walk = readable.then(|| walk::decode(Cr3::read().0, address));
}

/// Records the fault as an event of the space that it happened in.
fn record_begin(fault: &Record) {
    trace::set_site(fault.frame.rip);
    if fault.frame.is_from_user() || fault.is_in_lower_half() {
        process::count_fault();
        trace::enter_space(fault.process.unwrap_or(0));
    }
    trace::record(Payload::FaultBegin {
        address: fault.address,
        instruction: VirtAddr::new_truncate(fault.frame.rip),
        code: fault.code,
        cause: fault.cause,
    });
}

/// Makes the access possible, or sends a test access to its exit.
///
/// # Errors
/// When the access is not allowed, or memory runs out.
fn resolve(fault: &Record, frame: &mut TrapFrame) -> Result<FaultOutcome, SpaceError> {
    if frame.is_from_user() {
        return process::resolve(fault.address, fault.code, fault.cause);
    }
    if fault.cause == FaultCause::DemandZero && !fault.is_in_lower_half() {
        return match map_zeroed(fault.address) {
            Err(_) if test_access::catch(frame) => Ok(FaultOutcome::AccessCaught),
            mapped => Ok(mapped?),
        };
    }
    if test_access::catch(frame) {
        return Ok(FaultOutcome::AccessCaught);
    }
    Err(SpaceError::Forbidden(fault.address, fault.cause))
}

/// Maps a zeroed frame at the page of this address, in the kernel's half.
fn map_zeroed(address: VirtAddr) -> Result<FaultOutcome, PagingError> {
    let page = address.align_down(frames::FRAME);
    let frame =
        frames::allocate_for_fault(Tag::USER).map_err(|_| PagingError::OutOfFrames(page))?;
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

/// Records how the fault ended: as an event, in the log of faults, and as a line of the log.
fn conclude(fault: &mut Record, outcome: FaultOutcome) {
    let resolved = matches!(
        outcome,
        FaultOutcome::Mapped
            | FaultOutcome::Copied
            | FaultOutcome::MadeWritable
            | FaultOutcome::SwappedIn
    );
    fault.outcome = Some(outcome);
    if !resolved && log::is_on() {
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
    // Every process has faults that are resolved, so they are logged only for debugging.
    let level = if fault.process.is_some() && resolved {
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
    // The line of the log is a part of the handler too: it is no work of the process.
    TICKS.fetch_add(clock::ticks() - fault.begin, Ordering::Relaxed);
}
