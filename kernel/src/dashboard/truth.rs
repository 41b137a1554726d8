//! The machine's own state of its memory, with which the picture is compared.

use crate::memory::heap::corruption::watch;
use crate::memory::heap::kernel_heap;
use crate::memory::paging::walk::{self, FoundEntry, Half, MappedPage};
use crate::memory::paging::{kernel_space, regions};
use crate::memory::physical::{frames, heat};
use crate::memory::{map, swap, trace};
use crate::process;
use memviz::model::heap::BlockState;
use memviz::model::swap::StoredPage;
use memviz::model::{Entry, EntryPosition, Frame, Mappings, Process, WatchedWord};
use memviz::truth::{GroundTruth, TrueBlock};
use mm::frame::FrameState;
use mm::heap::AnyBlock;
use mm::memory_map::FirmwareRegion;
use mm::paging::{Access, Region};
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// The allocators' metadata, and the page tables as the CPU walks them. No event is used here.
pub struct Machine;

impl GroundTruth for Machine {
    fn firmware_region(&self, number: usize) -> Option<FirmwareRegion> {
        map::firmware_map().get(number).copied()
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
        let heap = kernel_heap::lock();
        (heap.start(), heap.committed_bytes())
    }

    fn heap_block(&self, offset: u64) -> Option<TrueBlock> {
        let heap = kernel_heap::lock();
        let block = heap.block_at(heap.start() + offset)?;
        Some(TrueBlock {
            offset: block.address().as_u64() - heap.start().as_u64(),
            order: block.order().number(),
            state: match block {
                AnyBlock::Live(block) => BlockState::Live(block.owner, block.requested),
                AnyBlock::Cached { .. } => BlockState::Cached,
                AnyBlock::Free { .. } => BlockState::Free,
            },
        })
    }

    fn mappings(&self) -> Mappings {
        let mut mappings = Mappings::default();
        let root = kernel_space::lock().root();
        let mut add = |found: MappedPage| mappings.add_page(found.size, found.access);
        walk::pages(root, Half::Upper, &mut add);
        for process in process::TABLE.lock().iter() {
            process.space.for_each_page(&mut add);
        }
        regions::for_each(|region| mappings.add_region(region.policy, region.bytes));
        for process in process::TABLE.lock().iter() {
            for region in process.space.regions() {
                mappings.add_region(region.policy, region.bytes);
            }
        }
        mappings
    }

    fn entries(
        &self,
        from: EntryPosition,
        most: usize,
        visit: &mut dyn FnMut(EntryPosition, Entry),
    ) -> Option<EntryPosition> {
        let table = process::TABLE.lock();
        let mut left = most;
        let (mut from, mut number) = (from, Some(from.space));
        while let Some(space) = number {
            if let Some((root, half)) = root(&table, space) {
                if from.depth == 0 {
                    visit(from, root_entry(root));
                    from = EntryPosition::on_way(space, first_address(half), 1);
                }
                let start = (from.base(), from.depth);
                let mut visit = |found: FoundEntry| {
                    visit(
                        EntryPosition::on_way(space, found.base, found.depth),
                        entry_of(found),
                    );
                };
                let next = walk::entries(root, half, start, &mut left, &mut visit);
                if let Some((address, depth)) = next {
                    return Some(EntryPosition::on_way(space, address, depth));
                }
            }
            let later = table.iter().map(|process| process.number);
            number = later.filter(|&other| other > space).min();
            from = EntryPosition::on_way(number.unwrap_or(0), VirtAddr::zero(), 0);
        }
        None
    }

    fn entry(&self, place: EntryPosition) -> Option<Entry> {
        let table = process::TABLE.lock();
        let (root, half) = root(&table, place.space)?;
        if place.depth == 0 {
            return Some(root_entry(root));
        }
        let is_upper = place.base().as_u64() >> 63 != 0;
        let found = walk::entry(root, place.base(), place.depth);
        found
            .filter(|_| is_upper == (half == Half::Upper))
            .map(entry_of)
    }

    fn regions(&self, visit: &mut dyn FnMut(u32, &Region)) {
        regions::for_each(|region| visit(0, region));
        for process in process::TABLE.lock().iter() {
            for region in process.space.regions() {
                visit(process.number, region);
            }
        }
    }

    fn processes(&self, visit: &mut dyn FnMut(&Process)) {
        for process in process::TABLE.lock().iter() {
            visit(&Process {
                is_live: true,
                parent: process.parent,
                program: process.program as u8,
                started: process.started,
                state: process.state.as_event(),
                faults: process.faults.into(),
                ..Process::numbered(process.number)
            });
        }
    }

    fn watched_bytes(&self, visit: &mut dyn FnMut(WatchedWord)) {
        watch::for_each(|address, bytes| visit(WatchedWord { address, bytes }));
    }

    fn swapped_pages(&self, visit: &mut dyn FnMut(u32, VirtAddr, u32)) {
        for process in process::TABLE.lock().iter() {
            let mut from = VirtAddr::zero();
            while let Some((page, slot)) = walk::first_swapped_from(process.space.root(), from) {
                visit(process.number, page, slot.number());
                from = page + frames::FRAME;
            }
        }
    }

    fn swap_slots(&self, visit: &mut dyn FnMut(u32, StoredPage)) {
        swap::for_each_used(|number, users, bytes| visit(number, StoredPage { users, bytes }));
    }

    fn space(&self) -> u32 {
        trace::space()
    }
}

/// Returns the root of an address space, and the half that belongs to it; space 0 is the kernel.
fn root(table: &process::Table, space: u32) -> Option<(PhysFrame, Half)> {
    if space == 0 {
        return Some((kernel_space::lock().root(), Half::Upper));
    }
    let process = table.iter().find(|process| process.number == space)?;
    Some((process.space.root(), Half::Lower))
}

fn first_address(half: Half) -> VirtAddr {
    match half {
        Half::Lower => VirtAddr::zero(),
        Half::Upper => VirtAddr::new(0xffff_8000_0000_0000),
    }
}

/// Returns the entry that stands for CR3 with this root.
fn root_entry(root: PhysFrame) -> Entry {
    Entry::table(root.start_address(), Access::empty())
}

fn entry_of(found: FoundEntry) -> Entry {
    Entry {
        frame: found.frame.start_address(),
        access: found.access,
        is_table: found.is_table,
    }
}
