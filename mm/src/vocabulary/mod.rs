//! The words that events carry: leaf types below everything else in this crate.
//!
//! ```text
//! frames     FRAME_BYTES, frame numbers       tag         owners and attributes of a frame
//! run        a request for contiguous frames  memory_kind what firmware says of a range
//! order      block sizes of the buddy system  site        the call site of an allocation
//! strategy   the number of a heap strategy    corruption  kinds of heap corruption
//! level      how recently a frame was used    process     states of a process
//! pages      access rights, sizes, policies   faults      error codes, causes, outcomes
//! request    kinds of requests of a workload  mismatch  differences from the machine
//! byte_enum  the macro for enums that travel as one byte
//! ```
//!
//! A type may go in if an event has a field of it, or if such a type is made of it. It is `Copy`,
//! holds no reference, and uses `core`, `bitflags`, `x86_64` and this folder only. Its module
//! elsewhere re-exports it: [`mm::heap::Order`](crate::heap::Order) is defined here.

pub(crate) mod byte_enum;
pub mod corruption;
pub mod faults;
pub mod frames;
pub mod level;
pub mod memory_kind;
pub mod mismatch;
pub mod order;
pub mod pages;
pub mod process;
pub mod request;
pub mod run;
pub mod site;
pub mod strategy;
pub mod tag;
