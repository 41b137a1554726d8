//! Entry and dispatch of exceptions, interrupts and system calls.
//!
//! ```text
//! table (entry code) ──► dispatch ──► page_fault, process::syscall, machine::ps2
//!                                └──► report, when the kernel cannot continue
//! ```
//! In here: the entry code, and handlers that need both memory and processes. It may use
//! `machine`, `memory` and `process`; none of them uses it.

mod dispatch;
pub mod page_fault;
mod report;
pub mod table;
