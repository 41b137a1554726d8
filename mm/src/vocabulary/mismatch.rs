//! Subjects of mismatches between the picture and the machine.

use super::byte_enum::byte_enum;

byte_enum! {
    /// The part of the state that differs between the picture and the machine.
    MismatchKind {
        /// The owner of a frame; free frames have none.
        Owner = 0, "owner of the frame";
        /// The reference count of a frame.
        References = 1, "references to the frame";
        /// How recently a frame was used.
        Heat = 2, "heat of the frame";
        /// The frame that a page-table entry names.
        Entry = 3, "frame in the entry";
        /// The access rights of a page-table entry.
        Rights = 4, "rights in the entry";
        /// The state of a heap block.
        Block = 5, "state of the block";
        /// Other state, which the log describes.
        Other = 6, "other state";
    }
}

impl MismatchKind {
    /// Returns whether the address of the mismatch is a physical one.
    pub const fn is_about_a_frame(self) -> bool {
        matches!(
            self,
            MismatchKind::Owner | MismatchKind::References | MismatchKind::Heat
        )
    }
}
