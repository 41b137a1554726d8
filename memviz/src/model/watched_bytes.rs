//! Watched bytes: the bytes of a heap block that the kernel reports as they change.
//!
//! ```text
//! address / 4 % 64    0     1     2    …    63        256 bytes in a row never meet in a slot
//! slot              [word][word][    ] …  [word]      empty: not watched
//! ```
//! Invariant: an event that contradicts its slot changes nothing.

use super::direction::Direction;
use x86_64::VirtAddr;

/// The maximum number of words of four bytes that are watched at a time.
pub const WATCHED_WORDS: usize = 64;
/// The bytes of a word.
pub const WORD_BYTES: u64 = 4;

/// Four watched bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchedWord {
    /// The address of the first one, a multiple of four.
    pub address: VirtAddr,
    /// The bytes, the first one in the lowest bits.
    pub bytes: u32,
}

/// The watched bytes, and the number of words that differed from the machine in the last
/// comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedBytes {
    words: [Option<WatchedWord>; WATCHED_WORDS],
    /// The number of differences in the last comparison.
    pub differing: u64,
}

impl WatchedBytes {
    pub(super) const fn new() -> WatchedBytes {
        WatchedBytes {
            words: [None; WATCHED_WORDS],
            differing: 0,
        }
    }

    /// Returns the watched word that contains this byte.
    pub fn word(&self, address: VirtAddr) -> Option<WatchedWord> {
        let start = address.align_down(WORD_BYTES);
        self.words[slot(start)].filter(|word| word.address == start)
    }

    /// Returns the byte at this address, if it is watched.
    pub fn byte(&self, address: VirtAddr) -> Option<u8> {
        let word = self.word(address)?;
        let at = (address - word.address) as usize;
        Some(word.bytes.to_le_bytes()[at])
    }

    /// Returns all watched words, in no order.
    pub fn all(&self) -> impl Iterator<Item = WatchedWord> {
        self.words.iter().flatten().copied()
    }

    /// Returns the lowest watched address.
    pub fn start(&self) -> Option<VirtAddr> {
        self.all().map(|word| word.address).min()
    }

    /// Replaces a word, or reverts that. Returns false if the old word is another one.
    pub(super) fn step(
        &mut self,
        address: VirtAddr,
        (from, to): (Option<u32>, Option<u32>),
        direction: Direction,
    ) -> bool {
        let (from, to) = direction.ordered(from, to);
        let word = |bytes| WatchedWord { address, bytes };
        let is_word = address.is_aligned(WORD_BYTES);
        let slot = &mut self.words[slot(address)];
        let fits = is_word && *slot == from.map(word);
        if fits {
            *slot = to.map(word);
        }
        fits
    }

    /// Removes all words.
    pub(crate) fn clear(&mut self) {
        *self = WatchedBytes::new();
    }

    /// Stores a word of the machine.
    pub(crate) fn put(&mut self, word: WatchedWord) {
        self.words[slot(word.address)] = Some(word);
    }
}

/// Returns the slot of a word.
fn slot(address: VirtAddr) -> usize {
    (address.as_u64() / WORD_BYTES) as usize % WATCHED_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Back, Forward};

    #[test]
    fn bytes_are_known_while_they_are_watched() {
        let start = VirtAddr::new(0x1000);
        let mut bytes = WatchedBytes::new();
        let first = (None, Some(0xbb00_0102));
        assert!(bytes.step(start, first, Forward));
        assert_eq!(
            [0, 1, 3, 4].map(|at| bytes.byte(start + at)),
            [Some(2), Some(1), Some(0xbb), None]
        );
        let change = (Some(0xbb00_0102), Some(0x0900_0102));
        let before = bytes.clone();
        assert!(bytes.step(start, change, Forward));
        assert_eq!(bytes.byte(start + 3_u64), Some(9));
        // The word is another one now, and another word has this slot.
        assert!(!bytes.step(start, change, Forward));
        assert!(!bytes.step(start + 256_u64, first, Forward));
        assert!(bytes.step(start, change, Back));
        assert_eq!(bytes, before);
        assert!(bytes.step(start, first, Back));
        assert_eq!(bytes, WatchedBytes::new());
    }
}
