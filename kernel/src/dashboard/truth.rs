//! The machine's own knowledge of its memory, to check the picture against.

use crate::memory::walk::{self, Half, MappedPage};
use crate::memory::{self, frames, heap, heat, paging, windows};
use crate::process;
use memviz::model::{Frame, Mappings};
use memviz::truth::{GroundTruth, TrueBlock};
use mm::frame::FrameState;
use mm::heap::AnyBlock;
use mm::memory_map::Region;
use x86_64::{PhysAddr, VirtAddr};

/// The allocators' metadata, and the page tables as the CPU walks them. Nothing here reads an event.
pub struct Machine;

impl GroundTruth for Machine {
    fn region(&self, number: usize) -> Option<Region> {
        memory::regions().get(number).copied()
    }

    fn frame(&self, number: usize) -> Frame {
        let frame = frames::frame_at(PhysAddr::new(number as u64 * frames::FRAME));
        let known = match frames::lock().state(frame) {
            FrameState::InUse(info) => Frame::known(info.tag, info.references),
            _ => Frame::default(),
        };
        known.with_heat(heat::level(frame))
    }

    fn heap(&self) -> (VirtAddr, u64) {
        let heap = heap::lock();
        (heap.start(), heap.committed_bytes())
    }

    fn heap_block(&self, offset: u64) -> Option<TrueBlock> {
        let heap = heap::lock();
        let block = heap.block_at(heap.start() + offset)?;
        Some(TrueBlock {
            offset: block.address().as_u64() - heap.start().as_u64(),
            order: block.order().number(),
            live: match block {
                AnyBlock::Live(block) => Some((block.owner, block.requested)),
                AnyBlock::Free { .. } => None,
            },
        })
    }

    fn mappings(&self) -> Mappings {
        let mut mappings = Mappings::default();
        let root = paging::lock().root();
        let mut add = |found: MappedPage| mappings.add_page(found.size, found.access);
        walk::pages(root, Half::Upper, &mut add);
        for process in process::TABLE.lock().iter() {
            process.space.for_each_page(&mut add);
        }
        windows::for_each(|window| mappings.add_window(window.policy, window.bytes));
        for process in process::TABLE.lock().iter() {
            for window in process.space.windows() {
                mappings.add_window(window.policy, window.bytes);
            }
        }
        mappings
    }
}
