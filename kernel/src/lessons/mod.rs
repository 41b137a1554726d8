//! Lessons: scripts of captioned steps over the real memory subsystem.
//!
//! ```text
//! lesson ─┬─ step ── question? ── during? ── act, act, … ── check ── answer?
//!         ├─ step    │            │          │              │        └ the result, in figures
//!         └─ …       │            │          │              └ the facts that must hold
//!                    │            │          └ once for each beat
//!                    │            └ the caption while the step acts
//!                    └ a prediction: nothing has happened yet
//! ```
//! The same script is the live demo, a lesson in the classroom, a test and the pictures of a
//! report: see `player.rs` and `unattended.rs`. The scripts are in `scripts/`. Nothing here draws:
//! the picture comes from the events of the allocators. `docs/lessons.md` explains how to write a
//! lesson.
//!
//! In here: the scripts and their player. This folder may use `interrupts` and everything below;
//! the dashboard, the shell and the main loop use it.

mod captions;
mod catalog;
pub mod duration;
mod failure;
mod lesson;
pub mod player;
mod scripts;
mod stage;
pub mod words;

pub use captions::caption;
pub use catalog::{entry, number, report_unknown};
pub use player::Player;
pub use scripts::LESSONS;
