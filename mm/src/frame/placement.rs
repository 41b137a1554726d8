//! The placement policy of single frames.

/// Which free frame a request for a single frame gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// The lowest free frame, which keeps high memory contiguous.
    #[default]
    FirstFit,
    /// The first free frame after the one allocated last, which spreads allocations over memory.
    NextFit,
}
