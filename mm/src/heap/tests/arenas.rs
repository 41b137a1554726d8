//! Arenas of any strategy, for tests.

use super::super::block_allocator::{ArenaStorage, Setup};
use super::super::strategy::Arena;
use crate::tracer::Silent;
use crate::vocabulary::strategy::Strategy;
use x86_64::VirtAddr;

/// Gives `test` an empty arena of this many bytes, with metadata for this many blocks.
pub fn with_arena<R>(
    strategy: Strategy,
    bytes: u64,
    blocks: usize,
    test: impl FnOnce(Arena<'_, Silent>) -> R,
) -> R {
    let sizes = strategy.sizes(bytes, blocks);
    let storage = ArenaStorage {
        bits: &mut vec![0; sizes.heap.bits],
        headers: &mut crate::testing::defaults(sizes.heap.headers),
        references: &mut vec![0; sizes.heap.references],
        free: &mut crate::testing::defaults(sizes.free),
        nodes: &mut crate::testing::defaults(sizes.nodes),
        live: &mut vec![0; sizes.live],
    };
    let setup = Setup {
        start: VirtAddr::new(1 << 30),
        bytes,
        storage,
        tracer: Silent,
    };
    test(Arena::new(strategy, setup))
}
