//! A contest: the same work done by several contenders.
//!
//! ```text
//!            contender   contender   contender
//!   row        sample      sample      sample      a contender may sit out a row
//!   row        sample      sample      sample
//! ```

/// A contest: several contenders do the same work.
pub struct Contest {
    /// Its name on the command line.
    pub name: &'static str,
    /// The subject of the contest, in one line.
    pub title: &'static str,
    /// The data that only memviz keeps, and the costs that the measurement leaves out.
    pub notes: &'static [&'static str],
    /// Its kinds of work.
    pub rows: &'static [Row],
    /// Who does it.
    pub contenders: &'static [Contender],
}

/// A kind of work.
pub struct Row {
    /// A short name.
    pub name: &'static str,
    /// The work, in one line.
    pub work: &'static str,
    /// The meaning of its number.
    pub unit: Unit,
}

/// The meaning of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds an operation: less is better. Counts in the geometric mean.
    Nanoseconds,
    /// Percent: more is better. Not a time, so one sample a run is enough.
    Percent,
}

/// On which side a contender is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the work costs at least: no allocator, only its loop and its memory.
    Floor,
    /// A published crate.
    Peer,
    /// Ours, with a tracer that drops every event.
    Ours,
    /// Ours, with every event recorded.
    OursTraced,
}

/// A sample: does the work once and returns its figure.
pub type Work = Box<dyn FnMut() -> f64>;

/// A contender.
pub struct Contender {
    /// Its name, with the exact version of a peer.
    pub name: &'static str,
    /// Its side.
    pub side: Side,
    /// Checks that it does its work correctly.
    pub check: fn() -> Result<(), String>,
    /// Prepares the work of the row with this name; `None` if it cannot do it.
    pub prepare: fn(row: &str) -> Option<Work>,
}
