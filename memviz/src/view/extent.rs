//! How much of a panel a picture draws.

/// How much of a panel to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The whole panel: nothing of it is on the screen yet.
    All,
    /// The parts that changed since the last picture.
    Changed,
}
