//! The blocks of an arena at one time, by rows of pixels.

use super::lane::{BlockSize, Lane};

/// The most rows of a map.
pub const ROWS: usize = 256;

/// The use of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Requested bytes.
    Requested,
    /// Bytes of a block that were not requested.
    Spare,
}

/// For each row, from the start of the arena on: the live blocks in it.
#[derive(Clone, Debug)]
pub struct Rows {
    len: usize,
    /// Blocks with requested bytes in the row.
    requested: [u16; ROWS],
    /// Blocks in the row.
    live: [u16; ROWS],
    /// Blocks that begin in the row.
    begin: [u16; ROWS],
}

impl Rows {
    /// Creates an empty arena.
    pub fn new(len: usize) -> Rows {
        Rows {
            len: len.clamp(1, ROWS),
            requested: [0; ROWS],
            live: [0; ROWS],
            begin: [0; ROWS],
        }
    }

    /// Returns the number of rows.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns the first and the last row of a block of this many bytes.
    pub fn rows_of(&self, lane: &Lane, address: u64, bytes: u64) -> (usize, usize) {
        let row = |offset: u64| {
            let row = u128::from(offset) * self.len as u128 / u128::from(lane.bytes);
            (row as usize).min(self.len - 1)
        };
        let offset = address.saturating_sub(lane.start);
        let last = offset.saturating_add(bytes.max(1) - 1);
        (row(offset), row(last))
    }

    /// Adds a block, or removes it.
    pub fn set(&mut self, lane: &Lane, block: BlockSize, is_live: bool) {
        let count = |counter: &mut u16| {
            *counter = match is_live {
                true => counter.saturating_add(1),
                false => counter.saturating_sub(1),
            };
        };
        let (first, last) = self.rows_of(lane, block.address, block.bytes);
        self.live[first..=last].iter_mut().for_each(count);
        let (first, last) = self.rows_of(lane, block.address, block.requested);
        self.requested[first..=last].iter_mut().for_each(count);
        count(&mut self.begin[first]);
    }

    fn use_of(&self, row: usize) -> Option<Use> {
        match (self.requested[row], self.live[row]) {
            (0, 0) => None,
            (0, _) => Some(Use::Spare),
            _ => Some(Use::Requested),
        }
    }

    /// Returns the runs of rows with live blocks: the first row, the row after the last one, and
    /// their use. A block that begins in a row begins a run.
    pub fn runs(&self) -> impl Iterator<Item = (usize, usize, Use)> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let first = (at..self.len).find(|&row| self.use_of(row).is_some())?;
            let used = self.use_of(first)?;
            let ends = |&row: &usize| self.use_of(row) != Some(used) || self.begin[row] > 0;
            at = (first + 1..self.len).find(ends).unwrap_or(self.len);
            Some((first, at, used))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mm::heap::strategy::Strategy;
    use x86_64::VirtAddr;

    #[test]
    fn a_run_is_a_block_or_its_spare_bytes_or_rows_of_small_blocks() {
        let start = VirtAddr::new(0x10_0000);
        let lane = Lane::new(start, 1000, Strategy::FirstFit, 0);
        let mut rows = Rows::new(10);
        let block = |offset, bytes, requested| BlockSize {
            address: start.as_u64() + offset,
            bytes,
            requested,
        };
        rows.set(&lane, block(0, 300, 300), true);
        rows.set(&lane, block(300, 200, 100), true);
        rows.set(&lane, block(710, 10, 10), true);
        let runs = |rows: &Rows| rows.runs().collect::<Vec<_>>();
        let (requested, spare) = (Use::Requested, Use::Spare);
        let rest = [(3, 4, requested), (4, 5, spare), (7, 8, requested)];
        assert_eq!(runs(&rows)[0], (0, 3, requested));
        assert_eq!(runs(&rows)[1..], rest);
        rows.set(&lane, block(0, 300, 300), false);
        assert_eq!(runs(&rows), rest);
    }
}
