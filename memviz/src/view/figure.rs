//! Figures: large pictures of one idea each. A lesson step names the figure that shows it.

/// A figure. It fills the screen above the caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// The pages of two address spaces, and the frames that they share.
    SharedPages,
    /// The walk of one address through the page tables.
    Walk,
}

impl Figure {
    /// All figures, in the order in which the key goes through them.
    pub const ALL: [Figure; 2] = [Figure::SharedPages, Figure::Walk];
}
