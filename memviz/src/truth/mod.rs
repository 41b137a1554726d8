//! The picture compared with the machine.
//!
//! The model knows the machine only through its events. [`GroundTruth`] is the machine itself:
//! bitmap, reference counts, heap metadata, page tables walked from CR3. Where the two disagree,
//! the picture is marked and the place is reported with the last event known there. After a loss of
//! events the model is rebuilt from the truth.
//!
//! This folder uses `model`, and `units` for its messages.
//!
//! Both need a quiet moment: every event that was emitted must have been applied, and none may be
//! emitted meanwhile.

mod compare;
mod disagreement;
mod ground;
mod rebuild;
mod sweep;

pub use disagreement::Disagreement;
pub use ground::{GroundTruth, TrueBlock};
pub use sweep::Sweep;
