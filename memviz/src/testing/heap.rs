//! The heap: a buddy system of 1 MiB chunks, its blocks by offset.

use super::{HEAP_START, Machine};
use mm::event::Payload;
use mm::tag::Tag;
use x86_64::VirtAddr;

const CHUNK: u64 = 1 << 20;

/// Stands for owner and requested bytes of a cached block.
pub const CACHED: (Tag, u32) = (Tag::empty(), 0);

impl Machine {
    pub(super) fn act_on_heap(&mut self, what: u8, place: u64, amount: u64) {
        let start = VirtAddr::new(HEAP_START);
        match what % 16 {
            11 if self.heap_bytes < self.maximum => {
                self.blocks.insert(self.heap_bytes, (14, None));
                self.emit(Payload::HeapGrow {
                    start: start + self.heap_bytes,
                    bytes: CHUNK,
                });
                self.heap_bytes += CHUNK;
            }
            12..=14 => {
                let order = (amount % 9) as u8;
                let requested = (64u32 << order) - place as u32 % (32 << order);
                let owner = Tag::from_bytes(1 << (place % 8), 0);
                if let Some(at) = self.cached(|found| found == order) {
                    self.blocks.insert(at, (order, Some((owner, requested))));
                    return self.emit(Payload::HeapReuse {
                        block: start + at,
                        granules: 1 << order,
                        requested,
                        owner,
                    });
                }
                let mut free = self
                    .blocks
                    .iter()
                    .filter(|(_, b)| b.1.is_none() && b.0 >= order);
                let Some((&at, &(mut have, _))) = free.next() else {
                    let requested = amount << 20;
                    let owner = Tag::HEAP;
                    self.emit(Payload::HeapRefuse {
                        heap: start,
                        requested,
                        owner,
                    });
                    return;
                };
                let from = have;
                while have > order {
                    have -= 1;
                    self.blocks.insert(at, (have, None));
                    self.blocks.insert(at + (64 << have), (have, None));
                }
                self.blocks.insert(at, (order, Some((owner, requested))));
                self.emit(Payload::HeapAllocate {
                    block: start + at,
                    granules: 1 << order,
                    from,
                    requested,
                    owner,
                });
            }
            _ if amount.is_multiple_of(5) => {
                let Some(at) = self.cached(|_| true) else {
                    return;
                };
                let (order, _) = self.blocks[&at];
                self.blocks.insert(at, (order, None));
                let (merged, into) = self.merge(at, order);
                self.emit(Payload::HeapReturn {
                    block: start + at,
                    granules: 1 << order,
                    into,
                });
                self.shrink(merged, into);
            }
            _ => {
                let is_live = |block: Option<_>| block.is_some_and(|block| block != CACHED);
                let live = self.blocks.iter().filter(|(_, block)| is_live(block.1));
                let count = live.clone().count() as u64;
                let nth = place.checked_rem(count).unwrap_or(0);
                let Some((&at, &(order, Some((owner, requested))))) =
                    live.clone().nth(nth as usize)
                else {
                    return;
                };
                if amount.is_multiple_of(2) {
                    self.blocks.insert(at, (order, Some(CACHED)));
                    return self.emit(Payload::HeapCache {
                        block: start + at,
                        granules: 1 << order,
                        requested,
                        owner,
                    });
                }
                self.blocks.insert(at, (order, None));
                let (merged, into) = self.merge(at, order);
                self.emit(Payload::HeapFree {
                    block: start + at,
                    granules: 1 << order,
                    into,
                    requested,
                    owner,
                });
                self.shrink(merged, into);
            }
        }
    }

    /// Returns the lowest cached block with such an order.
    fn cached(&self, fits: impl Fn(u8) -> bool) -> Option<u64> {
        let is_cached = |block: &(u8, Option<_>)| block.1 == Some(CACHED) && fits(block.0);
        let mut cached = self.blocks.iter().filter(|(_, block)| is_cached(block));
        cached.next().map(|(&at, _)| at)
    }

    fn merge(&mut self, mut at: u64, mut order: u8) -> (u64, u8) {
        while order < 14 && self.blocks.get(&(at ^ (64 << order))) == Some(&(order, None)) {
            self.blocks.remove(&(at | 64 << order));
            at &= !(64 << order);
            order += 1;
            self.blocks.insert(at, (order, None));
        }
        (at, order)
    }

    fn shrink(&mut self, at: u64, order: u8) {
        let last = self.heap_bytes.wrapping_sub(CHUNK);
        if order == 14 && at == last {
            self.blocks.remove(&at);
            self.heap_bytes = last;
            self.emit(Payload::HeapShrink {
                start: VirtAddr::new(HEAP_START) + at,
                bytes: CHUNK,
            });
        }
    }
}
