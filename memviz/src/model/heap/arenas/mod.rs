//! Arenas: small heaps, each with its own allocation strategy, that serve the same requests in a
//! race.
//!
//! ```text
//! arenas   [ buddy, whole  ][ buddy, trimmed ][ first fit ]     by address
//! blocks   [ · · · · · · · · · · · · · · · · · · · · · · ]      live blocks of all of them, by address
//! ```
//! The model stores live blocks only; the free blocks follow from them.
//!
//! Invariants: arenas do not overlap; every block lies in one arena, and blocks do not overlap; the
//! figures of an arena are the sums over its blocks, and the counts of its events. An event that
//! contradicts the blocks is not applied.

mod free;

use super::block::{GRANULE_BYTES, ORDERS, block_bytes, is_range, owner_number};
use crate::model::direction::Direction;
use mm::event::Payload;
use mm::heap::arena::ArenaCounts;
use mm::heap::fragmentation::{Thousandths, internal};
use mm::heap::strategy::Strategy;
use x86_64::VirtAddr;

/// The maximum number of arenas.
pub const MAX_ARENAS: usize = 4;
/// The maximum number of live blocks in all arenas.
pub const MAX_ARENA_BLOCKS: usize = 4096;

/// The largest block of a buddy system.
const CHUNK_BYTES: u64 = block_bytes(ORDERS as u8 - 1);

/// A live block of an arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArenaBlock {
    /// The first address.
    pub address: u64,
    /// The length in bytes.
    pub bytes: u32,
    /// The number of requested bytes.
    pub requested: u32,
    /// Number of its owner's bit in [`Tag::OWNERS`](mm::tag::Tag::OWNERS).
    pub owner: usize,
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

/// An arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arena {
    /// The first address.
    pub start: VirtAddr,
    /// The length in bytes.
    pub bytes: u64,
    /// The allocation strategy.
    pub strategy: Strategy,
    /// The counts of its operations.
    pub counts: ArenaCounts,
    /// Bytes in live blocks.
    pub allocated: u64,
    /// Requested bytes of the live blocks.
    pub requested: u64,
    /// The mean cost of a request in ticks, 0 if it was not measured.
    pub cost: u32,
}

impl Arena {
    /// Returns the arena as the event of its end reports it.
    fn as_reported(mut self) -> Arena {
        let ArenaCounts {
            served,
            refused,
            splits,
            merges,
        } = &mut self.counts;
        for count in [served, refused, splits, merges] {
            *count = (*count).min(u16::MAX.into());
        }
        self
    }

    fn new(start: VirtAddr, chunks: u8, strategy: Strategy, counts: ArenaCounts) -> Arena {
        Arena {
            start,
            bytes: u64::from(chunks) * CHUNK_BYTES,
            strategy,
            counts,
            allocated: 0,
            requested: 0,
            cost: 0,
        }
    }

    fn end(&self) -> u64 {
        self.start.as_u64() + self.bytes
    }

    /// Returns the internal fragmentation: the share of allocated bytes that was not requested.
    pub fn internal_fragmentation(&self) -> Thousandths {
        internal(self.requested, self.allocated)
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

    /// Returns the arenas, by address.
    pub fn all(&self) -> impl Iterator<Item = &Arena> {
        self.arenas[..self.len].iter().flatten()
    }

    /// Returns whether there is no arena.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the live blocks of an arena, by address.
    pub fn blocks(&self, arena: &Arena) -> &[ArenaBlock] {
        let live = &self.blocks[..self.live];
        let first = live.partition_point(|block| block.address < arena.start.as_u64());
        let end = live.partition_point(|block| block.address < arena.end());
        &live[first..end]
    }

    pub(crate) fn clear(&mut self) {
        (self.arenas, self.len, self.live) = ([None; MAX_ARENAS], 0, 0);
    }

    /// Returns the arena that contains an address.
    fn find(&self, address: VirtAddr) -> Option<usize> {
        let has = |arena: &Arena| (arena.start.as_u64()..arena.end()).contains(&address.as_u64());
        self.all().position(has)
    }

    /// Applies or reverts an event about an arena. Returns whether the event matches the blocks, or
    /// `None` if it is not about an arena.
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
                ..
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
                    served: served.into(),
                    refused: refused.into(),
                    splits: splits.into(),
                    merges: merges.into(),
                };
                let arena = Arena::new(start, chunks, strategy, counts);
                return Some(self.open(arena, direction.reversed()).is_some());
            }
            _ if self.is_empty() => return None,
            Payload::HeapGrow { start, .. } | Payload::HeapShrink { start, .. } => start,
            Payload::HeapAllocate { block, .. }
            | Payload::HeapFree { block, .. }
            | Payload::ArenaAllocate { block, .. }
            | Payload::ArenaFree { block, .. } => block,
            Payload::HeapRefuse { heap, .. } => heap,
            Payload::ArenaCost { start, .. } => start,
            _ => return None,
        };
        let at = self.find(at)?;
        Some(self.happen(at, payload, direction).is_some())
    }

    /// Opens an arena, which has no blocks; or reverts that.
    fn open(&mut self, arena: Arena, direction: Direction) -> Option<()> {
        let before = |other: &Option<Arena>| other.is_some_and(|other| other.start < arena.start);
        let at = self.arenas[..self.len].partition_point(before);
        match direction {
            Direction::Forward => {
                let overlaps = |other: &Arena| {
                    other.start.as_u64() < arena.end() && arena.start.as_u64() < other.end()
                };
                // Its end must be a number, too.
                let fits = arena.bytes > 0 && is_range(arena.start, arena.bytes + 1);
                if self.len == MAX_ARENAS || !fits || self.all().any(overlaps) {
                    return None;
                }
                self.arenas.copy_within(at..self.len, at + 1);
                self.arenas[at] = Some(arena);
                self.len += 1;
            }
            Direction::Back => {
                let found = self.arenas[..self.len].get(at).copied().flatten()?;
                if found.as_reported() != arena {
                    return None;
                }
                self.arenas.copy_within(at + 1..self.len, at);
                self.len -= 1;
                self.arenas[self.len] = None;
            }
        }
        Some(())
    }

    /// Applies or reverts an event in an arena.
    fn happen(&mut self, at: usize, payload: &Payload, direction: Direction) -> Option<()> {
        match *payload {
            Payload::HeapAllocate {
                block,
                granules,
                requested,
                owner,
                ..
            }
            | Payload::HeapFree {
                block,
                granules,
                requested,
                owner,
                ..
            } => {
                let bytes = u32::from(granules) * GRANULE_BYTES as u32;
                let way = match payload {
                    Payload::HeapAllocate { .. } => direction,
                    _ => direction.reversed(),
                };
                let block = ArenaBlock::new(block, bytes, requested, owner_number(owner));
                self.place(at, block, way)?;
            }
            Payload::ArenaAllocate {
                block,
                bytes,
                requested,
                owner,
            }
            | Payload::ArenaFree {
                block,
                bytes,
                requested,
                owner,
            } => {
                let way = match payload {
                    Payload::ArenaAllocate { .. } => direction,
                    _ => direction.reversed(),
                };
                let block = ArenaBlock::new(block, bytes, requested, owner_number(owner));
                self.place(at, block, way)?;
            }
            Payload::ArenaCost { from, to, .. } => {
                let (from, to) = direction.ordered(from, to);
                let arena = self.arenas[at].as_mut()?;
                return (core::mem::replace(&mut arena.cost, to) == from).then_some(());
            }
            _ => {}
        }
        let arena = self.arenas[at].as_mut()?;
        arena.counts.step(payload, direction == Direction::Back);
        Some(())
    }

    /// Allocates a block, or reverts that.
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
        direction.count(&mut arena.allocated, block.bytes.into());
        direction.count(&mut arena.requested, block.requested.into());
        Some(())
    }
}

#[cfg(test)]
mod tests;
