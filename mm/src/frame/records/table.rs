//! Reference counts of frames with three references or more: a hash table with linear probing.
//!
//! ```text
//!   ┌───────┬───────┬───────┬───────┐     a frame's entry is at its hash, or after it without a gap
//!   │ 0     │ frame │ frame │ 0     │     0 is a gap
//!   └───────┴───────┴───────┴───────┘
//!     entry: frame + 1 in 40 bits, count in 24
//! ```

/// Bits of a count.
const COUNT_BITS: u32 = 24;
/// The highest count.
pub const MOST: u32 = (1 << COUNT_BITS) - 1;

#[derive(Debug)]
pub struct Table<'m> {
    entries: &'m mut [u64],
    used: usize,
}

impl<'m> Table<'m> {
    /// Returns the number of entries for this many frames. Few frames have so many references at
    /// once.
    pub const fn entries(frames: usize) -> usize {
        1024 + frames / 256
    }

    /// Creates an empty table in a zeroed buffer.
    pub fn new(entries: &'m mut [u64]) -> Self {
        Table { entries, used: 0 }
    }

    /// Returns the count of a frame; 0 if it has no entry.
    pub fn get(&self, frame: usize) -> u32 {
        let entry = self.entries[self.position(frame)];
        (entry & u64::from(MOST)) as u32
    }

    /// Sets the count of a frame. Returns false if there is no room.
    pub fn set(&mut self, frame: usize, count: u32) -> bool {
        let at = self.position(frame);
        if self.entries[at] == 0 {
            // An eighth stays empty, so that searches are short and end.
            if self.used >= self.entries.len() / 8 * 7 {
                return false;
            }
            self.used += 1;
        }
        self.entries[at] = (frame as u64 + 1) << COUNT_BITS | u64::from(count);
        true
    }

    /// Removes the entry of a frame, and moves later ones down so that no search meets a gap.
    pub fn remove(&mut self, frame: usize) {
        let len = self.entries.len();
        let mut gap = self.position(frame);
        if self.entries[gap] == 0 {
            return;
        }
        self.used -= 1;
        self.entries[gap] = 0;
        let mut at = (gap + 1) % len;
        while let Some(moved) = frame_of(self.entries[at]) {
            let start = self.hash(moved);
            // It may move to the gap if that is not before its own start.
            if (gap + len - start) % len < (at + len - start) % len {
                self.entries[gap] = self.entries[at];
                self.entries[at] = 0;
                gap = at;
            }
            at = (at + 1) % len;
        }
    }

    /// Returns the position of a frame's entry, or of the gap where it would be.
    fn position(&self, frame: usize) -> usize {
        let mut at = self.hash(frame);
        while frame_of(self.entries[at]).is_some_and(|other| other != frame) {
            at = (at + 1) % self.entries.len();
        }
        at
    }

    /// Returns the first position for a frame. Neighbouring frames have entries far apart.
    fn hash(&self, frame: usize) -> usize {
        (frame as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize % self.entries.len()
    }
}

fn frame_of(entry: u64) -> Option<usize> {
    ((entry >> COUNT_BITS) as usize).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn equals_a_map(steps in prop::collection::vec((0..40_usize, 0..5_u32), 1..crate::testing::steps(200))) {
            let mut entries = [0; 16];
            let mut table = Table::new(&mut entries);
            let mut map = BTreeMap::new();
            for (frame, count) in steps {
                if count == 0 {
                    table.remove(frame);
                    map.remove(&frame);
                } else if table.set(frame, count) {
                    map.insert(frame, count);
                } else {
                    prop_assert!(map.len() == 14 && !map.contains_key(&frame));
                }
                for frame in 0..40 {
                    prop_assert_eq!(table.get(frame), map.get(&frame).copied().unwrap_or(0));
                }
            }
        }
    }
}
