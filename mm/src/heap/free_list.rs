//! The textbook's free list: free pieces by address, the first or the best one that fits.
//!
//! ```text
//! pieces   [ at 0: 5 ][ at 9: 2 ][ at 40: 300 ]   by address, apart; units of 16 B
//! live     . . . . . [60] . . . . . [460] …       at a block's start: its requested bytes
//! ```
//! First fit takes the lowest piece that is large enough, best fit the smallest. Both cut from its
//! start. A block that comes back joins the pieces at both sides of it. To compare with the buddy
//! system, not to live on: each operation walks the list.

use super::fragmentation::FreeSpace;
use super::strategy::BlockAllocator;
use crate::event::Payload;
use crate::tracer::{Silent, Tracer};
use crate::vocabulary::strategy::Strategy;
use crate::vocabulary::tag::Tag;
use x86_64::VirtAddr;

/// Sizes are multiples of this many bytes.
const UNIT: u64 = 16;

/// Which free piece a request gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The lowest one that is large enough.
    First,
    /// The smallest one that is large enough, the lowest of these.
    Best,
}

/// A free piece, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    first: u32,
    units: u32,
}

/// The caller's buffers, all zero at first.
#[derive(Debug)]
pub struct FreeListStorage<'m> {
    /// One more than there can be live blocks.
    pub pieces: &'m mut [Piece],
    /// One for each 16 B of the arena: where a block begins, how many bytes of it were asked for.
    pub live: &'m mut [u32],
}

/// How long the buffers must be, in elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeListSizes {
    /// See [`FreeListStorage`].
    pub pieces: usize,
    /// See [`FreeListStorage`].
    pub live: usize,
}

impl FreeListStorage<'_> {
    /// For an arena of that many bytes and at most that many live blocks.
    pub const fn sizes(bytes: u64, blocks: usize) -> FreeListSizes {
        FreeListSizes {
            pieces: blocks + 1,
            live: (bytes / UNIT) as usize,
        }
    }
}

/// An arena with a free list. `T` takes the events.
#[derive(Debug)]
pub struct FreeList<'m, T = Silent> {
    tracer: T,
    /// Where the arena begins, for the events.
    start: VirtAddr,
    fit: Fit,
    pieces: &'m mut [Piece],
    /// How many pieces there are.
    len: usize,
    live: &'m mut [u32],
    allocated: u64,
    blocks: usize,
}

impl<'m> FreeList<'m> {
    /// An arena of that many bytes, all free.
    ///
    /// # Panics
    /// If the storage is smaller than [`FreeListStorage::sizes`], or the arena is 4 GiB or more.
    pub fn new(bytes: u64, fit: Fit, storage: FreeListStorage<'m>) -> Self {
        FreeList::traced(VirtAddr::zero(), bytes, fit, storage, Silent)
    }
}

impl<'m, T: Tracer> FreeList<'m, T> {
    /// The same at this address, for somebody who takes the events.
    ///
    /// # Panics
    /// As [`FreeList::new`].
    pub fn traced(
        start: VirtAddr,
        bytes: u64,
        fit: Fit,
        storage: FreeListStorage<'m>,
        tracer: T,
    ) -> Self {
        let FreeListStorage { pieces, live } = storage;
        let bytes = u32::try_from(bytes).expect("an arena below 4 GiB");
        let units = bytes / UNIT as u32;
        let live = &mut live[..units as usize];
        pieces[0] = Piece { first: 0, units };
        FreeList {
            tracer,
            start,
            fit,
            pieces,
            len: 1,
            live,
            allocated: 0,
            blocks: 0,
        }
    }

    /// Who takes the events.
    pub const fn tracer(&self) -> &T {
        &self.tracer
    }

    /// Where a block of so many bytes can be put, and how many units it takes.
    fn place_for(&self, bytes: u64) -> Option<(usize, u32)> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        // Between so many live blocks there are at most that many free pieces and one more.
        let room = units > 0 && self.blocks + 1 < self.pieces.len();
        let at = self.find(units).filter(|_| room)?;
        Some((at, units))
    }

    fn find(&self, units: u32) -> Option<usize> {
        let mut fitting = (0..self.len).filter(|&at| self.pieces[at].units >= units);
        match self.fit {
            Fit::First => fitting.next(),
            Fit::Best => fitting.min_by_key(|&at| self.pieces[at].units),
        }
    }

    fn remove(&mut self, at: usize) {
        self.pieces.copy_within(at + 1..self.len, at);
        self.len -= 1;
    }

    fn insert(&mut self, at: usize, piece: Piece) {
        self.pieces.copy_within(at..self.len, at + 1);
        self.pieces[at] = piece;
        self.len += 1;
    }
}

impl<T: Tracer> BlockAllocator for FreeList<'_, T> {
    fn strategy(&self) -> Strategy {
        match self.fit {
            Fit::First => Strategy::FirstFit,
            Fit::Best => Strategy::BestFit,
        }
    }

    fn allocate(&mut self, bytes: u64) -> Option<u64> {
        let Some((at, units)) = self.place_for(bytes) else {
            self.tracer.record(Payload::HeapRefuse {
                heap: self.start,
                requested: bytes,
                owner: Tag::HEAP,
            });
            return None;
        };
        let piece = &mut self.pieces[at];
        let first = piece.first;
        piece.first += units;
        piece.units -= units;
        if piece.units == 0 {
            self.remove(at);
        }
        self.live[first as usize] = bytes as u32;
        self.allocated += u64::from(units) * UNIT;
        self.blocks += 1;
        let offset = u64::from(first) * UNIT;
        self.tracer.record(Payload::ArenaAllocate {
            block: self.start + offset,
            bytes: units * UNIT as u32,
            requested: bytes as u32,
            owner: Tag::HEAP,
        });
        Some(offset)
    }

    fn free(&mut self, offset: u64) -> bool {
        let Ok(first) = u32::try_from(offset / UNIT) else {
            return false;
        };
        let requested = self.live.get(first as usize).copied().unwrap_or(0);
        let units = requested.div_ceil(UNIT as u32);
        if units == 0 || !offset.is_multiple_of(UNIT) {
            return false;
        }
        self.live[first as usize] = 0;
        self.tracer.record(Payload::ArenaFree {
            block: self.start + offset,
            bytes: units * UNIT as u32,
            requested,
            owner: Tag::HEAP,
        });
        self.allocated -= u64::from(units) * UNIT;
        self.blocks -= 1;
        let behind = self.pieces[..self.len].partition_point(|piece| piece.first < first);
        let joins_next = behind < self.len && self.pieces[behind].first == first + units;
        let before = behind.checked_sub(1).map(|at| self.pieces[at]);
        let joins_previous = before.is_some_and(|piece| piece.first + piece.units == first);
        match (joins_previous, joins_next) {
            (false, false) => self.insert(behind, Piece { first, units }),
            (true, false) => self.pieces[behind - 1].units += units,
            (false, true) => {
                self.pieces[behind].first = first;
                self.pieces[behind].units += units;
            }
            (true, true) => {
                self.pieces[behind - 1].units += units + self.pieces[behind].units;
                self.remove(behind);
            }
        }
        true
    }

    fn allocated(&self) -> u64 {
        self.allocated
    }

    fn free_space(&self) -> FreeSpace {
        let mut space = FreeSpace::default();
        for piece in &self.pieces[..self.len] {
            space.add(u64::from(piece.units) * UNIT, 1);
        }
        space
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracer::Recorder;
    use proptest::prelude::*;

    /// The arena of the naive model, a byte for each unit: the number of the block that has it, or
    /// 0.
    const UNITS: usize = 64;
    const BLOCKS: usize = 12;

    fn with_list<R>(fit: Fit, test: impl FnOnce(FreeList<'_>) -> R) -> R {
        let bytes = UNITS as u64 * UNIT;
        let sizes = FreeListStorage::sizes(bytes, BLOCKS);
        test(FreeList::new(
            bytes,
            fit,
            FreeListStorage {
                pieces: &mut vec![Piece::default(); sizes.pieces],
                live: &mut vec![0; sizes.live],
            },
        ))
    }

    /// Free runs of the model: start and length.
    fn runs(model: &[u8]) -> Vec<(usize, usize)> {
        let starts = (0..UNITS).filter(|&at| model[at] == 0 && (at == 0 || model[at - 1] != 0));
        let length = |start: usize| model[start..].iter().take_while(|&&unit| unit == 0).count();
        starts.map(|start| (start, length(start))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 200 }))]
        #[test]
        fn equals_units_painted_one_by_one(best in any::<bool>(), steps in prop::collection::vec((any::<bool>(), 0..300_u64), 1..60)) {
            let fit = if best { Fit::Best } else { Fit::First };
            with_list(fit, |mut list| {
                let mut model = [0_u8; UNITS];
                let mut number = 0;
                for (allocate, value) in steps {
                    if allocate {
                        let units = value.div_ceil(UNIT) as usize;
                        let runs = runs(&model).into_iter().filter(|run| run.1 >= units);
                        let run = if best { runs.min_by_key(|run| run.1) } else { runs.min() };
                        let mut live: Vec<u8> = model.iter().copied().filter(|&unit| unit != 0).collect();
                        live.dedup();
                        let expected = run.filter(|_| units > 0 && live.len() < BLOCKS);
                        let found = list.allocate(value);
                        assert_eq!(found, expected.map(|run| run.0 as u64 * UNIT));
                        if let Some((start, _)) = expected {
                            number += 1;
                            model[start..start + units].fill(number);
                        }
                    } else {
                        let offset = value * 8;
                        let at = (offset / UNIT) as usize;
                        let begins = offset % UNIT == 0 && at < UNITS && model[at] != 0
                            && (at == 0 || model[at - 1] != model[at]);
                        assert_eq!(list.free(offset), begins);
                        if begins {
                            let block = model[at];
                            model.iter_mut().filter(|unit| **unit == block).for_each(|unit| *unit = 0);
                        }
                    }
                    let pieces = list.pieces[..list.len].iter();
                    let pieces: Vec<_> = pieces.map(|piece| (piece.first as usize, piece.units as usize)).collect();
                    assert_eq!(pieces, runs(&model));
                    let allocated = model.iter().filter(|&&unit| unit != 0).count() as u64 * UNIT;
                    assert_eq!(list.allocated(), allocated);
                }
            });
        }
    }

    #[test]
    fn of_pieces_alike_best_fit_takes_the_lowest() {
        with_list(Fit::Best, |mut list| {
            let blocks = [32, 16, 32, 16].map(|bytes| list.allocate(bytes).unwrap());
            assert!(list.free(blocks[2]) && list.free(blocks[0]));
            assert_eq!(list.allocate(20), Some(0));
        });
    }

    #[test]
    fn there_is_room_for_so_many_blocks_and_no_more() {
        with_list(Fit::First, |mut list| {
            for _ in 0..BLOCKS {
                assert!(list.allocate(1).is_some());
            }
            assert_eq!(list.allocate(1), None);
            assert!(list.free(16) && list.allocate(1) == Some(16));
        });
    }

    #[test]
    fn what_happens_is_told() {
        let recorder = Recorder::default();
        let (start, owner) = (VirtAddr::new(0x7000), Tag::HEAP);
        let storage = FreeListStorage {
            pieces: &mut [Piece::default(); 3],
            live: &mut [0; 8],
        };
        let mut list = FreeList::traced(start, 128, Fit::First, storage, &recorder);
        assert_eq!([list.allocate(20), list.allocate(5)], [Some(0), Some(32)]);
        assert!(list.free(0) && list.allocate(200).is_none());
        let took = |offset, bytes, requested| Payload::ArenaAllocate {
            block: start + offset,
            bytes,
            requested,
            owner,
        };
        let freed = Payload::ArenaFree {
            block: start,
            bytes: 32,
            requested: 20,
            owner,
        };
        let refused = Payload::HeapRefuse {
            heap: start,
            requested: 200,
            owner,
        };
        let told = [took(0, 32, 20), took(32, 16, 5), freed, refused];
        assert_eq!(*recorder.0.borrow(), told);
    }

    #[test]
    fn first_fit_takes_the_lowest_and_best_fit_the_smallest() {
        for (fit, expected) in [(Fit::First, 0), (Fit::Best, 320)] {
            with_list(fit, |mut list| {
                let blocks = [160, 160, 32, 32].map(|bytes| list.allocate(bytes).unwrap());
                assert_eq!(blocks, [0, 160, 320, 352]);
                assert!(list.free(0) && list.free(320));
                assert_eq!(list.allocate(20), Some(expected));
            });
        }
    }
}
