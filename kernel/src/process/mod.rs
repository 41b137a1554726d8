//! Processes in ring 3: each with an address space, a kernel stack, and a turn.
//!
//! ```text
//! main loop ──run_slice──► process ──┬─ timer, yield ──► main loop      (its turn is over)
//!     ▲                              ├─ system call ───► syscall.rs ──► process
//!     │                              ├─ page fault ────► interrupts ─┬─ resolved ─► process
//!     └────── reap ◄── exit, fault ──┘                               └─ end
//! ```
//! One CPU, one queue: the main loop gives every ready process a turn, up to the next timer tick. A
//! process that ends, by itself or for a fault, frees all its memory.

//!
//! In here: processes, their programs, and their system calls. It may use `memory` and everything
//! below; `interrupts` calls it.

mod address_space;
pub mod call;

mod error;
mod heat;
pub mod paging_out;
pub mod programs;
pub mod references;
mod running;
mod scheduler;
mod shortage;
mod spawn;
mod switch;
pub mod syscall;
mod table;
mod user_memory;
mod working_sets;
pub mod workload;

pub use address_space::AddressSpace;
pub use error::SpaceError;
pub use heat::{end_heat_period, sample_heat};
pub use running::{classify, count_fault, current, resolve, with_space};
pub use scheduler::{end, end_turn, kill, kill_all, run_all, run_slice, wake};
pub use spawn::spawn;
pub use table::CAPACITY;
pub use table::{End, Process, State, TABLE, Table};
pub use working_sets::measure as measure_working_sets;
