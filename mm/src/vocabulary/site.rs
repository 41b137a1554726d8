//! The call site of an allocation.

/// The call site of an allocation: the distance of a code address from the start of the kernel
/// image, in 23 bits; 0 if unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(u32);

impl Site {
    /// An unknown call site.
    pub const UNKNOWN: Site = Site(0);

    /// Returns the site at this distance, or [`Site::UNKNOWN`] if the distance does not fit into 23
    /// bits.
    pub const fn new(distance: u64) -> Site {
        if distance < 1 << 23 {
            Site(distance as u32)
        } else {
            Site::UNKNOWN
        }
    }

    /// Returns the distance from the start of the kernel image.
    pub const fn distance(self) -> u32 {
        self.0
    }
}
