//! The page-fault handler: says what a fault means, mends what can be mended, and tells the rest.
//!
//! ```text
//! CR2, error code ──► mapping? window? ──► cause ─┬─ demand-zero ──► map a zeroed frame, go on
//!                                                 ├─ a probe's ────► tell the probe, go on
//!                                                 └─ anything else ► report, power off
//! ```
//! It runs on a stack of its own and allocates nothing but the frame that it maps. Only the demand-zero
//! path takes locks (frames, tables); code that holds one of these never touches such a window.

use super::frames;
use super::paging::{self, PagingError};
use super::{probe, trace, windows};
use crate::machine::traps::{self, TrapFrame};
use crate::machine::{clock, stack_trace, symbols};
use crate::process::{self, End, SpaceError};
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use log::Level;
use mm::event::Payload;
use mm::paging::{Access, ErrorCode, FaultCause, FaultOutcome, PageSize, Window, classify};
use mm::tag::Tag;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// How many page faults there have been.
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Handles a page fault for the address in CR2.
pub fn page_fault(frame: &mut TrapFrame, cr2: u64) {
    let begin = clock::ticks();
    let number = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    // The CPU puts only canonical addresses into CR2 (SDM vol. 3A, 4.7).
    let address = VirtAddr::new_truncate(cr2);
    let code = ErrorCode::from_bits_truncate(frame.error_code as u8);
    let (mapping, window) = if is_user(address) {
        process::look_up(address)
    } else {
        (paging::peek(address), windows::find(address))
    };
    let cause = classify(
        code,
        address,
        mapping.map(|found| found.access),
        window.as_ref(),
    );
    let fault = Fault {
        number,
        address,
        code,
        cause,
        window,
        instruction: frame.rip,
        process: process::current(),
    };
    trace::set_site(frame.rip);
    trace::record(Payload::FaultBegin {
        address,
        instruction: VirtAddr::new_truncate(frame.rip),
        code,
        cause,
    });

    let outcome = match cause {
        _ if frame.from_user() => match process::resolve(address, code) {
            Ok(outcome) => outcome,
            Err(error) => {
                let nanoseconds = record_end(&fault, begin, FaultOutcome::ProcessEnded);
                fault.report(FaultOutcome::ProcessEnded, nanoseconds, frame.rbp);
                if !matches!(error, SpaceError::Forbidden(..)) {
                    log::warn!("{error}");
                }
                process::end(End::Fault(cause))
            }
        },
        FaultCause::DemandZero => match map_zeroed(address) {
            Ok(_) => FaultOutcome::Mapped,
            Err(error) => traps::fatal(frame, format_args!("{fault}; {error}")),
        },
        _ if probe::forgive(frame) => FaultOutcome::ProbeRefused,
        _ => {
            record_end(&fault, begin, FaultOutcome::Fatal);
            traps::fatal(frame, format_args!("{fault}"))
        }
    };
    let nanoseconds = record_end(&fault, begin, outcome);
    fault.report(outcome, nanoseconds, frame.rbp);
}

/// Whether an address is in the half of the processes.
fn is_user(address: VirtAddr) -> bool {
    address.as_u64() < 1 << 47
}

/// Maps a zeroed frame under the page of this address.
fn map_zeroed(address: VirtAddr) -> Result<PhysFrame, PagingError> {
    let page = address.align_down(frames::FRAME);
    let frame = frames::allocate(Tag::USER).map_err(|_| PagingError::OutOfFrames(page))?;
    paging::lock()
        .map(
            page,
            frame.start_address(),
            PageSize::Size4KiB,
            Access::WRITE,
        )?
        .not_cached();
    Ok(frame)
}

/// Records how the fault ended, and says how long that took.
fn record_end(fault: &Fault, begin: u64, outcome: FaultOutcome) -> u64 {
    let nanoseconds = clock::nanoseconds(clock::ticks() - begin);
    trace::record(Payload::FaultEnd {
        address: fault.address,
        nanoseconds,
        cause: fault.cause,
        outcome,
    });
    nanoseconds
}

impl Fault {
    /// A line of the log. Faults that every process has, and that were mended, are for those who ask.
    fn report(&self, outcome: FaultOutcome, nanoseconds: u64, rbp: u64) {
        let mended = matches!(outcome, FaultOutcome::Mapped | FaultOutcome::Copied);
        let level = if self.process.is_some() && mended {
            Level::Debug
        } else {
            Level::Info
        };
        log::log!(
            level,
            "{self}: {} in {}.{} µs{}",
            outcome.words(),
            nanoseconds / 1000,
            nanoseconds / 100 % 10,
            Callers(rbp),
        );
    }
}

/// Everything that a report says about a fault.
struct Fault {
    number: u64,
    address: VirtAddr,
    code: ErrorCode,
    cause: FaultCause,
    window: Option<Window>,
    instruction: u64,
    process: Option<u32>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = if self.code.contains(ErrorCode::FETCH) {
            "executing"
        } else if self.code.contains(ErrorCode::WRITE) {
            "writing"
        } else {
            "reading"
        };
        write!(
            f,
            "page fault {} {access} {:#x}: {}",
            self.number,
            self.address,
            self.cause.words()
        )?;
        if let Some(window) = self.window {
            let owner = owner_name(window.owner);
            write!(
                f,
                " of the {owner}, {} bytes inside",
                self.address.as_u64() - window.start.as_u64()
            )?;
        }
        match self.process {
            Some(number) => write!(f, ", by process {number} at {:#x}", self.instruction),
            None => write!(f, ", by {}", symbols::name(self.instruction)),
        }
    }
}

/// The owner of a window in words.
fn owner_name(owner: Tag) -> &'static str {
    match owner {
        Tag::STACK => "stack",
        Tag::HEAP => "heap",
        Tag::USER => "mapping",
        _ => "memory",
    }
}

/// Who called the faulting function, in one line.
struct Callers(u64);

impl fmt::Display for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The first entry is the instruction itself, which has been told already.
        for address in stack_trace::walk(0, self.0).into_iter().skip(1).take(3) {
            write!(f, " ← {}", symbols::name(address).function())?;
        }
        Ok(())
    }
}
