//! How much of a panel a picture draws.

/// How much of a panel to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything: nothing of it is on the screen yet.
    All,
    /// Only what changed since the last time.
    Changed,
}
