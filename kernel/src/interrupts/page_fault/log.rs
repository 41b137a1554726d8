//! The last page faults, with everything that explains them: bounded, and without allocation.
//!
//! The dashboard's fault panel lives on events; this is for whoever wants the whole story. Off, by
//! Cargo feature `fault-log` or `fault-log=off`, nothing is kept and nobody asks who called.

use crate::machine::stack_trace::Trace;
use crate::machine::traps::TrapFrame;
use core::sync::atomic::{AtomicBool, Ordering};
use heapless::Deque;
use mm::paging::walk::Walk;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome, Region};
use spin::Mutex;
use x86_64::VirtAddr;

/// Faults that are kept.
const KEPT: usize = 64;

static ON: AtomicBool = AtomicBool::new(true);
static LOG: Mutex<Deque<Record, KEPT>> = Mutex::new(Deque::new());

/// Switches the log on or off.
pub fn switch_log(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Whether faults are kept.
pub fn is_log_on() -> bool {
    cfg!(feature = "fault-log") && ON.load(Ordering::Relaxed)
}

/// Everything about a page fault.
#[derive(Clone)]
pub struct Record {
    /// Page faults are numbered from 1 on.
    pub number: u64,
    /// When it came, in ticks of the time-stamp counter.
    pub begin: u64,
    /// What was touched.
    pub address: VirtAddr,
    /// How, as the CPU says.
    pub code: ErrorCode,
    /// Why it faulted.
    pub cause: FaultCause,
    /// The region that has the address.
    pub region: Option<Region>,
    /// The process that ran.
    pub process: Option<u32>,
    /// All registers at the fault.
    pub frame: TrapFrame,
    /// The way of the address through the tables, down to the level that ends it.
    pub walk: Option<Walk>,
    /// Who called; empty if the fault was mended, as nobody asks then.
    pub callers: Trace,
    /// The fault in whose handler this one happened.
    pub inside: Option<u64>,
    /// What was done; nothing yet while it is handled.
    pub outcome: Option<FaultOutcome>,
    /// Time in the handler.
    pub nanoseconds: u64,
}

impl Record {
    /// A fault that came just now.
    pub(super) fn new(
        number: u64,
        begin: u64,
        address: VirtAddr,
        frame: TrapFrame,
        inside: Option<u64>,
    ) -> Record {
        Record {
            number,
            begin,
            address,
            code: ErrorCode::from_bits_truncate(frame.error_code as u8),
            cause: FaultCause::Unmapped,
            region: None,
            process: None,
            frame,
            walk: None,
            callers: Trace::new(),
            inside,
            outcome: None,
            nanoseconds: 0,
        }
    }

    /// Whether a process's half was touched.
    pub fn is_in_lower_half(&self) -> bool {
        self.address.as_u64() < 1 << 47
    }
}

/// Keeps a fault; the oldest one makes room. Somebody who is reading the log makes it miss one.
pub(super) fn keep(fault: &Record) {
    if !is_log_on() {
        return;
    }
    let Some(mut log) = LOG.try_lock() else {
        return;
    };
    if log.is_full() {
        log.pop_front();
    }
    let _ = log.push_back(fault.clone());
}

/// Calls `visit` with each fault that is kept, newest first.
pub fn for_each(mut visit: impl FnMut(&Record)) {
    if is_log_on() {
        LOG.lock().iter().rev().for_each(&mut visit);
    }
}
