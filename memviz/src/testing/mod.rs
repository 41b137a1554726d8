//! A naive machine for tests: it changes its memory at random, emits events, and stores the ground
//! truth.

pub mod captions;
mod cases;
mod frames;
mod heap;
mod pages;
mod processes;
mod swap;
pub mod texts;
pub mod watched;
pub mod workloads;

pub use cases::{cases, defaults, steps};
pub use heap::CACHED;

use crate::model::Process;
use crate::model::swap::StoredPage;
use crate::model::tables::{Entry, EntryPosition};
use mm::event::{Event, Payload};
use mm::heat::Level;
use mm::memory_map::{FirmwareRegion, MemoryKind};
use mm::paging::{ErrorCode, FaultCause, FaultOutcome, Region};
use mm::tag::Tag;
use std::collections::BTreeMap;
use x86_64::{PhysAddr, VirtAddr};

/// The first address of the heap.
pub const HEAP_START: u64 = 0xffff_c000_0000_0000;

/// A random operation: kind, location, amount.
pub type Move = (u8, u32, u16);

/// The memory of a machine in simple data structures.
pub struct Machine {
    /// Tag and reference count of each frame; no tag: free.
    pub frames: Vec<(Tag, u32)>,
    /// The heat of each frame.
    pub heat: Vec<Level>,
    /// Blocks of the heap by offset: order, and owner and requested bytes if live or [`CACHED`].
    pub blocks: BTreeMap<u64, (u8, Option<(Tag, u32)>)>,
    /// Bytes of the heap.
    pub heap_bytes: u64,
    maximum: u64,
    /// The page-table entries in use.
    pub entries: BTreeMap<EntryPosition, Entry>,
    /// Open regions, by space and start.
    pub regions: BTreeMap<(u32, u64), Region>,
    /// The swap slot of each page whose content is in swap, by space and page.
    pub swapped: BTreeMap<(u32, u64), u32>,
    /// The swap slots in use.
    pub slots: BTreeMap<u32, StoredPage>,
    open_faults: Vec<(VirtAddr, FaultCause)>,
    caption: u32,
    /// Watched words of four bytes, by address.
    pub watched: BTreeMap<u64, u32>,
    /// The process whose address space the last events were about.
    pub space: u32,
    /// Live processes.
    pub processes: Vec<Process>,
    last_number: u32,
    time: u64,
    /// All events.
    pub events: Vec<Event>,
}

impl Machine {
    /// Creates a machine with `frames` frames, of which the last eighth is reserved.
    pub fn new(frames: usize, heap_maximum: u64) -> Machine {
        let mut machine = Machine {
            frames: vec![(Tag::empty(), 0); frames],
            heat: vec![Level::COLD; frames],
            blocks: BTreeMap::new(),
            heap_bytes: 0,
            maximum: heap_maximum,
            entries: BTreeMap::new(),
            regions: BTreeMap::new(),
            swapped: BTreeMap::new(),
            slots: BTreeMap::new(),
            open_faults: Vec::new(),
            caption: 0,
            watched: BTreeMap::new(),
            space: 0,
            processes: Vec::new(),
            last_number: 0,
            time: 0,
            events: Vec::new(),
        };
        let usable = machine.usable() as u64 * 4096;
        let all = frames as u64 * 4096;
        machine.emit(Payload::FirmwareRegion {
            start: PhysAddr::new(0),
            bytes: usable,
            kind: MemoryKind::Usable,
        });
        machine.emit(Payload::FirmwareRegion {
            start: PhysAddr::new(usable),
            bytes: all - usable,
            kind: MemoryKind::Reserved,
        });
        machine.link_tables(VirtAddr::zero(), 1);
        machine
    }

    /// Returns the memory map.
    pub fn regions(&self) -> Vec<FirmwareRegion> {
        let regions = self.events.iter().filter_map(|event| match event.payload {
            Payload::FirmwareRegion { start, bytes, kind } => {
                Some(FirmwareRegion { start, bytes, kind })
            }
            _ => None,
        });
        regions.collect()
    }

    /// Returns the number of frames that can be allocated.
    pub fn usable(&self) -> usize {
        self.frames.len() - self.frames.len() / 8
    }

    /// Performs those operations that are possible.
    pub fn play(&mut self, moves: &[Move]) {
        for &(what, place, amount) in moves {
            self.act(what, place as usize, u64::from(amount));
        }
    }

    fn act(&mut self, what: u8, place: usize, amount: u64) {
        let usable = self.usable();
        let number = place % usable;
        let frame = PhysAddr::new(number as u64 * 4096);
        let tag = Tag::from_bytes(1 << (amount % 8), (amount >> 8) as u8 & 0x3f);
        match what % 16 {
            3 => self.act_on_pages(frame, amount),
            0..=2 | 4..=7 => self.act_on_frames(what % 16, number, tag, amount),
            8 if amount.is_multiple_of(3) => self.act_on_heat(number, amount),
            8 => self.act_on_pages(frame, amount),
            9 if amount.is_multiple_of(5) => self.act_on_swap(place as u64, amount),
            9 => self.act_on_faults(place as u64, amount),
            10 => {
                let previous = core::mem::replace(&mut self.caption, amount as u32 % 7);
                let number = self.caption;
                self.emit(Payload::Caption { number, previous });
                self.act_on_processes(place as u64);
                self.act_on_bytes(place as u64, amount);
            }
            _ => self.act_on_heap(what, place as u64, amount),
        }
    }

    fn emit(&mut self, payload: Payload) {
        self.time += 1 + self.events.len() as u64 % 5 * 3_000_000;
        self.events.push(Event {
            time: self.time,
            cpu: 0,
            site: 0x8010_0000,
            payload,
        });
    }

    /// Watches four bytes of a block, changes them, or ends the watch.
    fn act_on_bytes(&mut self, place: u64, amount: u64) {
        let address = HEAP_START + place % 64 * 4;
        let before = match amount % 3 {
            0 => self.watched.remove(&address),
            _ => self.watched.insert(address, amount as u32),
        };
        let now = self.watched.get(&address).copied();
        if (before, now) != (None, None) {
            self.emit(Payload::WatchedBytes {
                address: VirtAddr::new(address),
                from: before.unwrap_or(0),
                to: now.unwrap_or(0),
                was_known: before.is_some(),
                is_known: now.is_some(),
            });
        }
    }

    /// Starts or ends a fault. Faults nest, as in a handler that faults.
    fn act_on_faults(&mut self, place: u64, amount: u64) {
        if let Some((address, cause)) = self.open_faults.pop().filter(|_| amount.is_multiple_of(2))
        {
            self.emit(Payload::FaultEnd {
                address,
                nanoseconds: amount,
                cause,
                outcome: FaultOutcome::ALL[amount as usize % FaultOutcome::ALL.len()],
            });
            return;
        }
        // There are few addresses, so that faults at the same address nest.
        let address = VirtAddr::new(place % 3 * 4096);
        let cause = FaultCause::ALL[amount as usize % FaultCause::ALL.len()];
        self.open_faults.push((address, cause));
        let space = self.space;
        let process = self.processes.iter_mut().find(|it| it.number == space);
        if let Some(process) = process {
            process.faults += 1;
        }
        self.emit(Payload::FaultBegin {
            address,
            instruction: VirtAddr::new(0xffff_ffff_8010_0042),
            code: ErrorCode::WRITE,
            cause,
        });
    }
}
