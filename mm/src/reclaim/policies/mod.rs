//! The policies, one idea a file. A policy uses [`Pages`](super::pages::Pages) and nothing else.

pub mod aging;
pub mod clock;
pub mod fifo;
pub mod future;
pub mod lru;
pub mod nru;
pub mod random;
