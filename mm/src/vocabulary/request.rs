//! Kinds of requests of a workload, with what came of them.

use super::byte_enum::byte_enum;

byte_enum! {
    /// A request of a workload, and its result.
    RequestKind {
        /// An allocation that was served.
        Allocate = 0, "allocation";
        /// A resize in place.
        Resize = 1, "resize in place";
        /// A resize that moved the block.
        Move = 2, "resize with a move";
        /// A free of a live block.
        Free = 3, "free";
        /// An allocation or a resize that was refused.
        Refused = 4, "refused";
        /// A free of a block whose allocation was refused.
        Nothing = 5, "free of a refused block";
        /// A free or a resize of a block that was never allocated.
        FreeUnknown = 6, "free of an unknown block";
        /// A free or a resize of a block that was freed before.
        FreeAgain = 7, "double free";
        /// A size that no 64-bit number holds.
        SizeOverflow = 8, "size overflow";
    }
}

impl RequestKind {
    /// Returns whether the request is a corruption, which the player does not pass on.
    pub const fn is_corruption(self) -> bool {
        matches!(
            self,
            RequestKind::FreeUnknown | RequestKind::FreeAgain | RequestKind::SizeOverflow
        )
    }
}
