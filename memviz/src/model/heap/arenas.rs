//! Arenas: small heaps beside the heap, each with its own way of placing blocks, to be raced against each other.
//!
//! ```text
//! arenas   [ buddy, whole  ][ buddy, trimmed ][ first fit ]     by address
//! blocks   [ · · · · · · · · · · · · · · · · · · · · · · ]      live blocks of all of them, by address
//! ```
//! Only live blocks are kept: what is free follows from them. In a buddy system free memory is always merged as far as it
//! goes, so a gap is made of the largest blocks that it can be; in a free list it is one piece.
//! Invariants: arenas do not overlap, and every block lies in one, apart from the others; the figures of an arena are the sums
//! over its blocks, and what its events counted. An event that does not fit is not applied.

use super::block_bytes;
use crate::model::Direction;
use crate::model::heap::owner_number;
use mm::event::Payload;
use mm::heap::arena::ArenaCounts;
use mm::heap::fragmentation::{FreeSpace, Thousandths, internal};
use mm::heap::strategy::Strategy;
use x86_64::VirtAddr;

/// Arenas at a time.
pub const MAX_ARENAS: usize = 4;
/// Live blocks in all arenas together.
pub const MAX_ARENA_BLOCKS: usize = 4096;

const CHUNK_BYTES: u64 = block_bytes(super::ORDERS as u8 - 1);

/// A live block of an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArenaBlock {
    /// Where it begins.
    pub address: u64,
    /// Its length.
    pub bytes: u32,
    /// How much of that was asked for.
    pub requested: u32,
    /// Number of its owner's bit in [`Tag::OWNERS`](mm::tag::Tag::OWNERS).
    pub owner: usize,
}

/// An arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arena {
    /// Where it begins.
    pub start: VirtAddr,
    /// How long it is.
    pub bytes: u64,
    /// How it places blocks.
    pub strategy: Strategy,
    /// What it did.
    pub counts: ArenaCounts,
    /// Bytes in live blocks.
    pub taken: u64,
    /// Bytes of them that were asked for.
    pub requested: u64,
}

impl Arena {
    fn end(&self) -> u64 {
        self.start.as_u64() + self.bytes
    }

    /// How much of what is taken nobody asked for.
    pub fn waste(&self) -> Thousandths {
        internal(self.requested, self.taken)
    }
}

/// All arenas.
#[derive(Debug)]
pub struct Arenas<'m> {
    arenas: [Option<Arena>; MAX_ARENAS],
    len: usize,
    blocks: &'m mut [ArenaBlock],
    live: usize,
}

impl<'m> Arenas<'m> {
    pub(in crate::model) fn new(blocks: &'m mut [ArenaBlock]) -> Self {
        Arenas {
            arenas: [None; MAX_ARENAS],
            len: 0,
            blocks,
            live: 0,
        }
    }

    /// The arenas, by address.
    pub fn all(&self) -> impl Iterator<Item = &Arena> {
        self.arenas[..self.len].iter().flatten()
    }

    /// No race is on.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The live blocks of an arena, by address.
    pub fn blocks(&self, arena: &Arena) -> &[ArenaBlock] {
        let live = &self.blocks[..self.live];
        let first = live.partition_point(|block| block.address < arena.start.as_u64());
        let end = live.partition_point(|block| block.address < arena.end());
        &live[first..end]
    }

    /// What is free in an arena.
    pub fn free_space(&self, arena: &Arena) -> FreeSpace {
        let mut space = FreeSpace::default();
        let mut at = 0;
        let blocks = self.blocks(arena).iter();
        let ends = blocks.map(|block| (block.address, block.address + u64::from(block.bytes)));
        for (start, end) in ends.chain([(arena.end(), arena.end())]) {
            let gap = (at, start - arena.start.as_u64());
            match arena.strategy.is_buddy() {
                true => add_blocks(&mut space, gap),
                false => space.add(gap.1 - gap.0, 1),
            }
            at = end - arena.start.as_u64();
        }
        space
    }

    pub(crate) fn clear(&mut self) {
        (self.arenas, self.len, self.live) = ([None; MAX_ARENAS], 0, 0);
    }

    /// The arena that has this address.
    fn find(&self, address: VirtAddr) -> Option<usize> {
        let has = |arena: &Arena| (arena.start.as_u64()..arena.end()).contains(&address.as_u64());
        self.all().position(has)
    }

    /// An event about an arena: whether it fits. Nothing, if it is about none.
    pub(in crate::model) fn step(
        &mut self,
        payload: &Payload,
        direction: Direction,
    ) -> Option<bool> {
        let at = match *payload {
            Payload::ArenaOpen {
                start,
                chunks,
                strategy,
            } => {
                let arena = Arena::new(start, chunks, strategy, ArenaCounts::default());
                return Some(self.open(arena, direction).is_some());
            }
            Payload::ArenaClose {
                start,
                chunks,
                strategy,
                served,
                refused,
                splits,
                merges,
            } => {
                let counts = ArenaCounts {
                    served,
                    refused,
                    splits,
                    merges,
                };
                let arena = Arena::new(start, chunks, strategy, counts);
                return Some(self.open(arena, direction.reversed()).is_some());
            }
            _ if self.is_empty() => return None,
            Payload::HeapGrow { start, .. } | Payload::HeapShrink { start, .. } => start,
            Payload::HeapAllocate { block, .. }
            | Payload::HeapFree { block, .. }
            | Payload::PieceAllocate { block, .. }
            | Payload::PieceFree { block, .. } => block,
            Payload::HeapRefuse { heap, .. } => heap,
            _ => return None,
        };
        let at = self.find(at)?;
        Some(self.happen(at, payload, direction).is_some())
    }

    /// An arena without blocks comes; or, back, goes.
    fn open(&mut self, arena: Arena, direction: Direction) -> Option<()> {
        let before = |other: &Option<Arena>| other.is_some_and(|other| other.start < arena.start);
        let at = self.arenas[..self.len].partition_point(before);
        match direction {
            Direction::Forward => {
                let overlaps = |other: &Arena| {
                    other.start.as_u64() < arena.end() && arena.start.as_u64() < other.end()
                };
                if self.len == MAX_ARENAS || arena.bytes == 0 || self.all().any(overlaps) {
                    return None;
                }
                self.arenas.copy_within(at..self.len, at + 1);
                self.arenas[at] = Some(arena);
                self.len += 1;
            }
            Direction::Back => {
                if self.arenas[..self.len].get(at) != Some(&Some(arena)) {
                    return None;
                }
                self.arenas.copy_within(at + 1..self.len, at);
                self.len -= 1;
                self.arenas[self.len] = None;
            }
        }
        Some(())
    }

    /// An event in the arena with this number.
    fn happen(&mut self, at: usize, payload: &Payload, direction: Direction) -> Option<()> {
        match *payload {
            Payload::HeapAllocate {
                block,
                order,
                requested,
                owner,
                ..
            }
            | Payload::HeapFree {
                block,
                order,
                requested,
                owner,
                ..
            } => {
                let bytes = u32::try_from(block_bytes(order.min(super::ORDERS as u8))).ok()?;
                let way = match payload {
                    Payload::HeapAllocate { .. } => direction,
                    _ => direction.reversed(),
                };
                let block = ArenaBlock::new(block, bytes, requested, owner_number(owner));
                self.place(at, block, way)?;
            }
            Payload::PieceAllocate {
                block,
                bytes,
                requested,
                owner,
            }
            | Payload::PieceFree {
                block,
                bytes,
                requested,
                owner,
            } => {
                let way = match payload {
                    Payload::PieceAllocate { .. } => direction,
                    _ => direction.reversed(),
                };
                let block = ArenaBlock::new(block, bytes, requested, owner_number(owner));
                self.place(at, block, way)?;
            }
            _ => {}
        }
        let arena = self.arenas[at].as_mut()?;
        arena.counts.step(payload, direction == Direction::Back);
        Some(())
    }

    /// A live block comes; or, back, goes.
    fn place(&mut self, arena: usize, block: ArenaBlock, direction: Direction) -> Option<()> {
        let live = &self.blocks[..self.live];
        let at = live.partition_point(|other| other.address < block.address);
        let arena = self.arenas[arena].as_mut()?;
        match direction {
            Direction::Forward => {
                let end = live.get(at).map_or(u64::MAX, |next| next.address);
                let begin = at.checked_sub(1).map_or(0, |before| live[before].end());
                let fits = begin <= block.address
                    && block.end() <= end.min(arena.end())
                    && block.bytes > 0
                    && block.requested <= block.bytes
                    && self.live < self.blocks.len();
                if !fits {
                    return None;
                }
                self.blocks.copy_within(at..self.live, at + 1);
                self.blocks[at] = block;
                self.live += 1;
            }
            Direction::Back => {
                if live.get(at) != Some(&block) {
                    return None;
                }
                self.blocks.copy_within(at + 1..self.live, at);
                self.live -= 1;
            }
        }
        direction.count(&mut arena.taken, block.bytes.into());
        direction.count(&mut arena.requested, block.requested.into());
        Some(())
    }
}

impl Arena {
    fn new(start: VirtAddr, chunks: u8, strategy: Strategy, counts: ArenaCounts) -> Arena {
        Arena {
            start,
            bytes: u64::from(chunks) * CHUNK_BYTES,
            strategy,
            counts,
            taken: 0,
            requested: 0,
        }
    }
}

impl ArenaBlock {
    fn new(address: VirtAddr, bytes: u32, requested: u32, owner: usize) -> ArenaBlock {
        ArenaBlock {
            address: address.as_u64(),
            bytes,
            requested,
            owner,
        }
    }

    fn end(&self) -> u64 {
        self.address.saturating_add(self.bytes.into())
    }
}

/// Adds a gap between two offsets as the blocks of a buddy system that it is made of.
fn add_blocks(space: &mut FreeSpace, (mut at, end): (u64, u64)) {
    while at < end {
        let fitting = 1 << (end - at).ilog2();
        let aligned = 1 << at.trailing_zeros().min(CHUNK_BYTES.trailing_zeros());
        let bytes = CHUNK_BYTES.min(fitting).min(aligned);
        space.add(bytes, 1);
        at += bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::with_model;
    use crate::model::{Model, View};
    use mm::event::Event;
    use mm::heap::arena::ArenaTracer;
    use mm::heap::free_list::{Fit, FreeList, FreeListStorage};
    use mm::heap::strategy::{BlockAllocator, Buddy, Strategy};
    use mm::heap::{Heap, HeapStorage};
    use mm::tracer::Tracer;
    use proptest::prelude::*;
    use std::cell::RefCell;

    const STRATEGIES: &[Strategy] = Strategy::ALL;
    const BLOCKS: usize = 60;

    #[derive(Default)]
    struct Recorder(RefCell<Vec<Event>>);

    impl Tracer for Recorder {
        fn record(&self, payload: Payload) {
            let time = self.0.borrow().len() as u64;
            let event = Event {
                time,
                cpu: 0,
                site: 0,
                payload,
            };
            self.0.borrow_mut().push(event);
        }
    }

    /// An arena of 1 MiB that goes by this strategy, and its tracer, to `visit`.
    fn with_arena(
        strategy: Strategy,
        recorder: &Recorder,
        visit: impl FnOnce(&mut dyn BlockAllocator, &ArenaTracer<&Recorder>),
    ) {
        let start = VirtAddr::new(0xffff_a000_0000_0000 + ((strategy as u64) << 30));
        let tracer = ArenaTracer::open(recorder, start, 1, strategy);
        let bytes = tracer.bytes();
        if strategy.is_buddy() {
            let sizes = HeapStorage::sizes(bytes);
            let storage = HeapStorage {
                bits: &mut vec![0; sizes.bits],
                headers: &mut vec![Default::default(); sizes.headers],
                references: &mut vec![0; sizes.references],
            };
            let heap = Heap::new(start, bytes, storage, &tracer).unwrap();
            visit(
                &mut Buddy::new(heap, strategy == Strategy::BuddyTrimmed),
                &tracer,
            );
        } else {
            let sizes = FreeListStorage::sizes(bytes, BLOCKS);
            let storage = FreeListStorage {
                pieces: &mut vec![Default::default(); sizes.pieces],
                live: &mut vec![0; sizes.live],
            };
            let fit = if strategy == Strategy::FirstFit {
                Fit::First
            } else {
                Fit::Best
            };
            visit(
                &mut FreeList::traced(start, bytes, fit, storage, &tracer),
                &tracer,
            );
        }
    }

    fn arena<'d>(model: &'d Model<'_>, strategy: Strategy) -> Option<&'d Arena> {
        model.arenas.all().find(|arena| arena.strategy == strategy)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// The picture of each arena against the allocator itself; and the whole race undone.
        #[test]
        fn an_arena_is_what_its_allocator_says(steps in prop::collection::vec((0..BLOCKS, 1u64..60_000), 1..150)) {
            let view = View { first: 0, shift: 4, cells: 10 };
            with_model(400, 1 << 20, view, |model| {
                let recorder = Recorder::default();
                for &strategy in STRATEGIES {
                    let mut applied = recorder.0.borrow().len();
                    with_arena(strategy, &recorder, |allocator, tracer| {
                        let mut held = [None; BLOCKS];
                        let mut requested = 0;
                        let mut catch_up = |model: &mut Model| {
                            let events = recorder.0.borrow();
                            events[applied..].iter().for_each(|event| model.apply(event));
                            applied = events.len();
                        };
                        for &(place, bytes) in &steps {
                            match held[place].take() {
                                Some((offset, bytes)) => {
                                    assert!(allocator.free(offset));
                                    requested -= bytes;
                                }
                                None => {
                                    held[place] = allocator.allocate(bytes).map(|offset| (offset, bytes));
                                    requested += held[place].map_or(0, |_| bytes);
                                }
                            }
                            catch_up(model);
                            let arena = *arena(model, strategy).unwrap();
                            assert_eq!((arena.taken, arena.requested), (allocator.taken(), requested));
                            assert_eq!(model.arenas.free_space(&arena), allocator.free_space());
                            assert_eq!(arena.counts, tracer.counts());
                        }
                        for (offset, _) in held.into_iter().flatten() {
                            assert!(allocator.free(offset));
                        }
                        tracer.close();
                        catch_up(model);
                        assert_eq!(arena(model, strategy), None);
                    });
                }
                let events = recorder.0.borrow();
                assert_eq!((model.contradictions, model.heap.totals().bytes), (0, 0));
                // Backwards: at each place as it was, told by going forwards from there again.
                for event in events.iter().rev() {
                    let before = told(model);
                    model.revert(event);
                    let earlier = told(model);
                    model.apply(event);
                    assert_eq!(told(model), before);
                    model.revert(event);
                    assert_eq!(told(model), earlier);
                }
                assert!(model.arenas.is_empty() && model.arenas.live == 0);
                assert_eq!(model.contradictions, 0);
            });
        }
    }

    fn told(model: &Model) -> (Vec<Arena>, Vec<ArenaBlock>) {
        let arenas = &model.arenas;
        (
            arenas.all().copied().collect(),
            arenas.blocks[..arenas.live].to_vec(),
        )
    }

    #[test]
    fn what_does_not_fit_is_a_contradiction() {
        let view = View {
            first: 0,
            shift: 4,
            cells: 10,
        };
        let start = VirtAddr::new(0xffff_a000_0000_0000);
        let strategy = Strategy::FirstFit;
        let open = |start| Payload::ArenaOpen {
            start,
            chunks: 1,
            strategy,
        };
        let piece = |offset: u64, bytes| Payload::PieceAllocate {
            block: start + offset,
            bytes,
            requested: 1,
            owner: mm::tag::Tag::HEAP,
        };
        let close = Payload::ArenaClose {
            start,
            chunks: 1,
            strategy,
            served: 1,
            refused: 0,
            splits: 0,
            merges: 0,
        };
        let payloads = [
            (open(start), 0),
            (open(start + 4096), 1),
            (piece(64, 64), 1),
            (piece(96, 16), 2),
            (piece((1 << 20) - 16, 32), 3),
            (close, 4),
        ];
        with_model(400, 1 << 20, view, |model| {
            for (payload, contradictions) in payloads {
                model.apply(&Event {
                    time: 0,
                    cpu: 0,
                    site: 0,
                    payload,
                });
                assert_eq!(model.contradictions, contradictions, "{payload:?}");
            }
        });
    }
}
