//! The comparison of the model with the machine.
//!
//! The model knows the machine only through its events. [`GroundTruth`] is the machine itself:
//! bitmap, reference counts, heap metadata, page tables walked from CR3. Each difference is marked
//! in the model and reported with the last event there. After a loss of events, the model is
//! rebuilt from the machine.
//!
//! This folder uses `model`, and `units` for its messages.
//!
//! Comparison and rebuild require that all emitted events are applied, and that none is emitted
//! meanwhile.

mod compare;
pub mod event;
mod ground;
mod mismatch;
mod rebuild;
mod swap;
mod sweep;

pub use ground::{GroundTruth, TrueBlock};
pub use mismatch::Mismatch;
pub use sweep::Sweep;
