//! Events: every change of memory, as 32 bytes that can be undone.
//!
//! ```text
//! byte  0        8     9    10     11   12          16        24        32
//!       +--------+-----+-----+-----+----+-----------+---------+---------+
//!       | time   | kind| tag |flags| cpu| call site | address |  value  |   little-endian
//!       +--------+-----+-----+-----+----+-----------+---------+---------+
//! ```
//! The bytes are the same in memory, in a trace file and on the wire. Every event carries the data
//! that undoes it: a free names the freed memory, a change has the old value and the new one. So a
//! reader can go back in time without snapshots.
//!
//! [`Payload`] is the typed form of all but time, CPU and call site. Encoding and decoding lose
//! nothing, except that a number that is too large for its bits saturates.
//!
//! ```text
//! table     one entry for each event      slots     the position and the bits of a field
//! define    the macro that reads it       words     fields as text
//! origin    CPU and call site             subject   what an event is about
//! ```
//! Allocators are above this module: events carry only the types of
//! [`vocabulary`](crate::vocabulary).

mod define;
#[cfg(test)]
mod edges;
mod origin;
mod packed;
mod slots;
mod subject;
mod table;
mod words;

pub use crate::vocabulary::mismatch::MismatchKind;
pub use crate::vocabulary::process::{FAULT_COUNTS, ProcessState};
pub use origin::{Origin, OriginCell};
pub use packed::{Event, changed_frames};
pub use slots::DecodeError;
pub use subject::{Subject, Topic};
pub use table::{Kind, Payload};

#[cfg(test)]
mod tests;
