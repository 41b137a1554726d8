//! The clock of a replay.

/// The clock of a replay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Replay {
    /// The time of the events that are due, in nanoseconds since boot.
    pub clock: u64,
    /// The time of the last tick.
    pub last_tick: u64,
}
