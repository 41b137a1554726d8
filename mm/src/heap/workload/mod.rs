//! Workloads: the requests of a program, played to one strategy.
//!
//! ```text
//! trace file ──host──► Request … ──encode───► bytes ──Workload──► Request … ──Player──► Arena
//!                         └──────────────────Player──────────────────────► Arena
//! ```
//! Host and kernel use the same [`Player`], so their placements can be compared: the checksum in
//! [`Outcome`] covers all of them.

mod checksum;
mod encoding;
mod lifetimes;
mod outcome;
mod player;
mod request;
mod step;
#[cfg(test)]
mod tests;

pub use encoding::{Malformed, Requests, Workload, encode, encode_pause, header, id};
pub use lifetimes::{Lifetime, Lifetimes};
pub use outcome::Outcome;
pub use player::{Held, Player};
pub use request::Request;
pub use step::{Placed, Step};
