//! Kinds of heap corruption.

use super::byte_enum::byte_enum;

byte_enum! {
    /// The kind of a heap corruption.
    CorruptionKind {
        /// A write past the end of an allocation.
        OutOfBounds = 1, "out-of-bounds write";
        /// A write to an allocation that was freed.
        UseAfterFree = 2, "use after free";
        /// A free of an allocation that is already free.
        DoubleFree = 3, "double free";
        /// A free of an address where no allocation begins.
        WildFree = 4, "wild free";
    }
}
