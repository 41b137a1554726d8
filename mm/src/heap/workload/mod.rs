//! Workloads: the requests of a program, played to one strategy.
//!
//! ```text
//! trace file ──host──► Request … ──encode───► bytes ──Workload──► Request … ──Player──► Arena
//!                         └──────────────────Player──────────────────────► Arena
//! ```
//! Host and kernel use the same [`Player`], so their placements can be compared: the checksum in
//! [`Outcome`] covers all of them.

mod encoding;
mod player;
mod request;
#[cfg(test)]
mod tests;

pub use encoding::{Malformed, Requests, Workload, encode, header};
pub use player::{Held, Outcome, Placed, Player, Step};
pub use request::Request;
