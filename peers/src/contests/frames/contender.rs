//! What a frame allocator must do to take part.

/// A frame allocator. Frames have numbers; a run has a power of two of frames.
pub trait FrameContender {
    /// Its name, with the version of a peer.
    const NAME: &'static str;
    /// The longest run that it allocates, as an exponent of two.
    const MOST_ORDER: u32;
    /// True if it searches fragmented memory linearly, which would take minutes.
    const IS_LINEAR: bool = false;
    /// True if it searches for runs linearly.
    const RUNS_ARE_LINEAR: bool = Self::IS_LINEAR;

    /// Creates an allocator with at least this many free frames.
    fn new(frames: usize) -> Self;
    /// Allocates a frame and returns its number.
    fn allocate(&mut self) -> Option<usize>;
    /// Frees a frame.
    fn free(&mut self, frame: usize);
    /// Allocates an aligned run of 2^order frames and returns the first.
    fn allocate_run(&mut self, order: u32) -> Option<usize>;
    /// Frees a run.
    fn free_run(&mut self, first: usize, order: u32);
}
