//! What the kernel does when the CPU interrupts it.
//!
//! In here: handlers that need both memory and processes. It may use `machine`, `memory` and
//! `process`; none of them uses it.

pub mod page_fault;
