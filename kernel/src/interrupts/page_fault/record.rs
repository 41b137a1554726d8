//! Everything that explains one page fault.

use crate::machine::stack_trace::Trace;
use crate::machine::trap_frame::TrapFrame;
use mm::paging::walk::Walk;
use mm::paging::{ErrorCode, FaultCause, FaultOutcome, Region};
use x86_64::VirtAddr;

/// Everything about a page fault.
#[derive(Clone)]
pub struct Record {
    /// Page faults are numbered from 1 on.
    pub number: u64,
    /// The time of its start, in ticks of the time-stamp counter.
    pub begin: u64,
    /// The address that was accessed.
    pub address: VirtAddr,
    /// The error code of the CPU.
    pub code: ErrorCode,
    /// The cause.
    pub cause: FaultCause,
    /// The region that contains the address.
    pub region: Option<Region>,
    /// The running process.
    pub process: Option<u32>,
    /// All registers at the fault.
    pub frame: TrapFrame,
    /// The walk of the address through the tables, down to the level that ends it.
    pub walk: Option<Walk>,
    /// The callers; empty if the fault was resolved.
    pub callers: Trace,
    /// The fault in whose handler this one happened.
    pub inside: Option<u64>,
    /// The outcome; `None` while the fault is handled.
    pub outcome: Option<FaultOutcome>,
    /// Time in the handler.
    pub nanoseconds: u64,
}

impl Record {
    /// Creates a record of a fault that has just begun.
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

    /// Returns whether the address is in the processes' half.
    pub fn is_in_lower_half(&self) -> bool {
        self.address.as_u64() < 1 << 47
    }
}
