//! The placement policy.

/// The choice of free frames for a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placement {
    /// Segregated fit: the frame that was freed last, else a frame of the word of 64 frames whose
    /// longest free run is the shortest. So single frames fill words that are partly used, and
    /// whole words stay whole. A run gets the shortest free run that suffices in the same way.
    #[default]
    SegregatedFit,
    /// The lowest free frame, and the lowest aligned run.
    FirstFit,
    /// The first free frame after the one allocated last, which spreads allocations over memory.
    /// Runs are placed as by first fit.
    NextFit,
}
