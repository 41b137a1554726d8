//! States of a process.

use super::byte_enum::byte_enum;

/// A process's count of page faults starts again at 0 after this many: an event has 24 bits for it.
pub const FAULT_COUNTS: u32 = 1 << 24;

byte_enum! {
    /// The state of a process.
    ProcessState {
        /// The scheduler may run it.
        Ready = 0, "ready";
        /// It waits until a point in time.
        Asleep = 1, "asleep";
        /// It has ended and returns its memory.
        Ended = 2, "ended";
    }
}
