//! The tag of a frame or a block: its owners and attributes.
//!
//! ```text
//!  15            8 7             0
//! +---------------+---------------+
//! |  attributes   |    owners     |     no owner = the frame is free
//! +---------------+---------------+
//! ```
//! An event carries the owners in its tag byte and the attributes in its flags byte.

use bitflags::bitflags;
use core::fmt;

bitflags! {
    /// Owners (low byte) and attributes (high byte) of a frame.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Tag: u16 {
        /// Kernel image, boot data and allocator metadata.
        const KERNEL = 1 << 0;
        /// A page table of any level.
        const PAGE_TABLE = 1 << 1;
        /// A stack of the kernel or of a process.
        const STACK = 1 << 2;
        /// A frame that backs the kernel heap.
        const HEAP = 1 << 3;
        /// Memory of a process.
        const USER = 1 << 4;
        /// The dashboard's own buffers.
        const MEMVIZ = 1 << 5;
        /// A cache that frees memory on demand.
        const CACHE = 1 << 6;
        /// A buffer that a driver gave to a device.
        const DEVICE = 1 << 7;

        /// Physically contiguous and below the ceiling that a device can reach.
        const DMA_SAFE = 1 << 8;
        /// More than one owner: the reference count is above one.
        const SHARED = 1 << 9;
        /// Mapped for a driver, at separate addresses.
        const DEVICE_MAPPED = 1 << 10;
        /// A device may write to it now.
        const DEVICE_OWNED = 1 << 11;
        /// Shared until a process writes to it; the write copies it.
        const COPY_ON_WRITE = 1 << 12;
        /// Reserved at boot and never freed.
        const PINNED = 1 << 13;
    }
}

/// The names of the owners, by bit of [`Tag::OWNERS`].
pub const OWNER_WORDS: [&str; 8] = [
    "kernel",
    "page table",
    "stack",
    "heap",
    "user",
    "memviz",
    "cache",
    "device",
];

/// The owners in a tag, in words: "kernel and cache", or "free" without an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owners(pub Tag);

/// A tag in words: its owners, then its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagWords(pub Tag);

impl fmt::Display for TagWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Owners(self.0).fmt(f)?;
        let mut attributes = self.0.attribute_words();
        attributes.try_for_each(|words| write!(f, ", {words}"))
    }
}

impl fmt::Display for Owners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = self.0.owner_words();
        f.write_str(words.next().unwrap_or("free"))?;
        words.try_for_each(|word| write!(f, " and {word}"))
    }
}

impl Tag {
    /// All owner bits.
    pub const OWNERS: Tag = Tag::from_bits_truncate(0x00ff);
    /// All attribute bits.
    pub const ATTRIBUTES: Tag = Tag::from_bits_truncate(0xff00);

    /// True if the content could move to another frame, as only page tables refer to it. That holds
    /// for a stack, the heap, a process and a cache. The kernel, page tables, the dashboard and
    /// devices refer to frames by physical address.
    pub const fn is_movable(self) -> bool {
        let movable = Tag::STACK
            .union(Tag::HEAP)
            .union(Tag::USER)
            .union(Tag::CACHE);
        let fixed = Tag::PINNED
            .union(Tag::DMA_SAFE)
            .union(Tag::DEVICE_MAPPED)
            .union(Tag::DEVICE_OWNED)
            .union(Tag::OWNERS.difference(movable));
        self.intersects(movable) && !self.intersects(fixed)
    }

    /// Returns the owner byte of an event.
    pub const fn owners(self) -> u8 {
        self.bits() as u8
    }

    /// Returns the attribute byte of an event.
    pub const fn attributes(self) -> u8 {
        (self.bits() >> 8) as u8
    }

    /// Returns the names of its owners: none for a free frame.
    pub fn owner_words(self) -> impl Iterator<Item = &'static str> {
        let owners = (0..OWNER_WORDS.len()).filter(move |bit| self.owners() >> bit & 1 != 0);
        owners.map(|bit| OWNER_WORDS[bit])
    }

    /// Returns the names of its attributes.
    pub fn attribute_words(self) -> impl Iterator<Item = &'static str> {
        const WORDS: [(Tag, &str); 6] = [
            (Tag::DMA_SAFE, "DMA-safe"),
            (Tag::DEVICE_MAPPED, "mapped for a driver"),
            (Tag::DEVICE_OWNED, "lent to a device"),
            (Tag::SHARED, "shared"),
            (Tag::COPY_ON_WRITE, "copied on write"),
            (Tag::PINNED, "pinned"),
        ];
        let has = move |&(attribute, _): &(Tag, _)| self.contains(attribute);
        WORDS.into_iter().filter(has).map(|(_, words)| words)
    }

    /// Returns the tag in these two bytes of an event; unknown bits are dropped.
    pub const fn from_bytes(owners: u8, attributes: u8) -> Tag {
        Tag::from_bits_truncate(owners as u16 | (attributes as u16) << 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_have_words() {
        let words = |tag| Owners(tag).to_string();
        assert_eq!(
            words(Tag::KERNEL | Tag::CACHE | Tag::PINNED),
            "kernel and cache"
        );
        assert_eq!(words(Tag::DMA_SAFE), "free");
        for (bit, owner) in Tag::OWNERS.iter().enumerate() {
            assert_eq!(words(owner), OWNER_WORDS[bit]);
        }
    }
}
