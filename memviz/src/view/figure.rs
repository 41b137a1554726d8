//! Figures: large pictures of one idea each. A lesson step names the figure that shows it.

use serde::{Deserialize, Serialize};

/// A figure. It fills the screen above the caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Figure {
    /// The pages of two address spaces, and the frames that they share.
    SharedPages,
    /// The walk of one address through the page tables.
    Walk,
    /// The halves of a chunk down to one block, and its buddy's address.
    Buddy,
    /// The bytes of a heap block that was corrupted, and its life.
    BlockBytes,
    /// Replays of a reference string under replacement policies.
    Replacement,
    /// The blocks of arenas over time.
    HeapMap,
    /// All of physical memory, or the part that the lesson shows.
    Memory,
    /// The bitmap of the frame allocator, bit by bit.
    Bitmap,
    /// The memory map of the firmware, to scale.
    MemoryMap,
    /// One page fault, and the pages around its address.
    Fault,
    /// The arenas of a heap race.
    Race,
    /// Heap allocations since the last mark, by call site.
    Leaks,
    /// The last comparison of the picture with the machine.
    Truth,
    /// One page fault that reads a page from swap.
    HardFault,
    /// Working sets and memory over time, with page faults.
    WorkingSets,
    /// Pages by their access rights.
    Rights,
}

impl Figure {
    /// Returns whether the figure has room for the large text of a projector. Otherwise a
    /// projector shows the panels of the board.
    pub const fn suits_projector(self) -> bool {
        matches!(self, Figure::SharedPages)
    }

    /// All figures, in the order in which the key goes through them.
    pub const ALL: [Figure; 16] = [
        Figure::SharedPages,
        Figure::Walk,
        Figure::Buddy,
        Figure::BlockBytes,
        Figure::Replacement,
        Figure::HeapMap,
        Figure::Memory,
        Figure::Bitmap,
        Figure::MemoryMap,
        Figure::Fault,
        Figure::Race,
        Figure::Leaks,
        Figure::Truth,
        Figure::HardFault,
        Figure::WorkingSets,
        Figure::Rights,
    ];
}
