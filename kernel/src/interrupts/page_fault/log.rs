//! The log of the last page faults: bounded, and without allocation.
//!
//! The dashboard's fault panel shows only events; this log also has registers, walk and callers. If
//! it is off, by Cargo feature `fault-log` or `fault-log=off`, the handler keeps no record and
//! walks no stack.

pub use super::record::Record;
use crate::lock::Mutex;
use core::sync::atomic::{AtomicBool, Ordering};
use heapless::Deque;

/// The number of faults that are kept.
const KEPT: usize = 64;

static ON: AtomicBool = AtomicBool::new(true);
static LOG: Mutex<Deque<Record, KEPT>> = Mutex::new(Deque::new());

/// Switches the log on or off.
pub fn switch(on: bool) {
    ON.store(on, Ordering::Relaxed);
}

/// Returns whether faults are kept.
pub fn is_on() -> bool {
    cfg!(feature = "fault-log") && ON.load(Ordering::Relaxed)
}

/// Replaces the oldest fault by this one. A fault while the log is read is not kept.
pub(super) fn keep(fault: &Record) {
    if !is_on() {
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
    if is_on() {
        LOG.lock().iter().rev().for_each(&mut visit);
    }
}
