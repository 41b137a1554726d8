//! A naive machine for tests: it does random things to its memory, tells them as events, and knows the
//! truth.

use crate::model::Process;
use crate::model::tables::{DEEPEST, Entry, Place};
use mm::event::{Event, Payload, ProcessState};
use mm::heat::Level;
use mm::memory_map::{Region, RegionKind};
use mm::paging::{
    Access, ErrorCode, FaultCause, FaultOutcome, PageSize, TableLevel, Window, WindowPolicy,
};
use mm::tag::Tag;
use std::collections::BTreeMap;
use x86_64::{PhysAddr, VirtAddr};

/// Where the heap of the machine begins.
pub const HEAP_START: u64 = 0xffff_c000_0000_0000;
const CHUNK: u64 = 1 << 20;

/// One random thing to do: what, where, how much.
pub type Move = (u8, u32, u16);

/// The memory of a machine, kept in the plainest way.
pub struct Machine {
    /// Tag and reference count of each frame; no tag: free.
    pub frames: Vec<(Tag, u32)>,
    /// How warm each frame is.
    pub heat: Vec<Level>,
    /// Blocks of the heap by offset: order, and owner and requested bytes if live.
    pub blocks: BTreeMap<u64, (u8, Option<(Tag, u32)>)>,
    /// Bytes of the heap.
    pub heap_bytes: u64,
    maximum: u64,
    /// The entries of the page tables that are in use.
    pub entries: BTreeMap<Place, Entry>,
    /// Open windows, by space and start.
    pub windows: BTreeMap<(u32, u64), Window>,
    open_faults: Vec<(VirtAddr, FaultCause)>,
    caption: u32,
    /// Whose space the last events were about.
    pub space: u32,
    /// Processes that live.
    pub processes: Vec<Process>,
    last_number: u32,
    time: u64,
    /// Everything that happened.
    pub events: Vec<Event>,
}

impl Machine {
    /// A machine with this many frames, the last eighth of them reserved.
    pub fn new(frames: usize, heap_maximum: u64) -> Machine {
        let mut machine = Machine {
            frames: vec![(Tag::empty(), 0); frames],
            heat: vec![Level::COLD; frames],
            blocks: BTreeMap::new(),
            heap_bytes: 0,
            maximum: heap_maximum,
            entries: BTreeMap::new(),
            windows: BTreeMap::new(),
            open_faults: Vec::new(),
            caption: 0,
            space: 0,
            processes: Vec::new(),
            last_number: 0,
            time: 0,
            events: Vec::new(),
        };
        let usable = machine.usable() as u64 * 4096;
        let all = frames as u64 * 4096;
        machine.emit(Payload::Region {
            start: PhysAddr::new(0),
            bytes: usable,
            kind: RegionKind::Usable,
        });
        machine.emit(Payload::Region {
            start: PhysAddr::new(usable),
            bytes: all - usable,
            kind: RegionKind::Reserved,
        });
        machine.link_tables(VirtAddr::zero(), 1);
        machine
    }

    /// The memory map.
    pub fn regions(&self) -> Vec<Region> {
        let told = self.events.iter().filter_map(|event| match event.payload {
            Payload::Region { start, bytes, kind } => Some(Region { start, bytes, kind }),
            _ => None,
        });
        told.collect()
    }

    /// Frames that can be handed out.
    pub fn usable(&self) -> usize {
        self.frames.len() - self.frames.len() / 8
    }

    /// Does some of these things, as far as they are possible.
    pub fn play(&mut self, moves: &[Move]) {
        for &(what, place, amount) in moves {
            self.act(what, place as usize, u64::from(amount));
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

    fn act(&mut self, what: u8, place: usize, amount: u64) {
        let usable = self.usable();
        let number = place % usable;
        let frame = PhysAddr::new(number as u64 * 4096);
        let tag = Tag::from_bytes(1 << (amount % 8), (amount >> 8) as u8 & 0x3f);
        match what % 16 {
            3 => self.act_on_pages(frame, amount),
            0..=2 => {
                let most = usable - number;
                let wanted = (amount as usize % 40 + 1).min(most);
                let free = self.frames[number..number + wanted].iter();
                let run = free.take_while(|(tag, _)| tag.is_empty()).count();
                let payload = if run > 0 {
                    self.frames[number..number + run].fill((tag, 1));
                    Payload::FrameAllocate {
                        first: frame,
                        frames: run as u64,
                        tag,
                    }
                } else {
                    let frames = wanted as u64;
                    let run = mm::frame::Run {
                        align_frames: 1 << (amount % 4),
                        ..mm::frame::Run::of(frames)
                    };
                    let refused = run.into();
                    Payload::FrameRefuse { refused, tag }
                };
                self.emit(payload);
            }
            4 | 5 => {
                let (tag, references) = self.frames[number];
                if references == 1 {
                    let all = self.frames[number..usable].iter();
                    let run = all.take_while(|&&other| other == (tag, 1)).count();
                    self.frames[number..number + run].fill((Tag::empty(), 0));
                    self.emit(Payload::FrameFree {
                        first: frame,
                        frames: run as u64,
                        tag,
                    });
                }
            }
            6 => {
                let (tag, from) = self.frames[number];
                let to = if amount.is_multiple_of(2) {
                    from + 1
                } else {
                    from.saturating_sub(1)
                };
                let to = if amount.is_multiple_of(31) {
                    80_000
                } else {
                    to
                };
                if from > 0 && to > 0 && from != to {
                    self.frames[number].1 = to;
                    self.emit(Payload::FrameReference {
                        frame,
                        from,
                        to,
                        tag,
                    });
                }
            }
            7 => {
                let from = self.frames[number].0;
                if !from.is_empty() {
                    self.frames[number].0 = tag;
                    self.emit(Payload::FrameRetag {
                        first: frame,
                        frames: 1,
                        from,
                        to: tag,
                    });
                }
            }
            8 if amount.is_multiple_of(3) => self.act_on_heat(number, amount),
            8 => self.act_on_pages(frame, amount),
            9 => self.act_on_faults(place as u64, amount),
            10 => {
                let previous = core::mem::replace(&mut self.caption, amount as u32 % 7);
                let number = self.caption;
                self.emit(Payload::Caption { number, previous });
                self.act_on_processes(place as u64);
            }
            _ => self.act_on_heap(what, place as u64, amount),
        }
    }

    fn act_on_heat(&mut self, first: usize, amount: u64) {
        let from = self.heat[first];
        let alike = self.heat[first..]
            .iter()
            .take_while(|&&level| level == from);
        let frames = alike.take(amount as usize % 50 + 1).count();
        let to = Level::new(amount as u8 / 2).expect("half a byte's numbers are levels");
        self.heat[first..first + frames].fill(to);
        self.emit(Payload::FrameHeat {
            first: PhysAddr::new(first as u64 * 4096),
            frames: frames as u32,
            from,
            to,
        });
    }

    fn act_on_pages(&mut self, frame: PhysAddr, amount: u64) {
        const AREAS: [u64; 4] = [
            0x40_0000,
            0x7fff_0000_0000,
            0xffff_d000_0000_0000,
            0xffff_ffff_8000_0000,
        ];
        let is_large = amount.is_multiple_of(11);
        let size = match is_large {
            true => PageSize::Size2MiB,
            false => PageSize::Size4KiB,
        };
        // Nothing is in the lower half of the kernel's space.
        let area = AREAS[(amount as usize / 5 % 4) | if self.space == 0 { 2 } else { 0 }];
        let page = match is_large {
            true => VirtAddr::new(area + 0x4000_0000),
            false => VirtAddr::new(area + amount / 20 % 12 * 4096 + amount % 2 * 0x20_0000),
        };
        let access = Access::from_bits_truncate(amount as u8);
        let place = Place::on_way(self.space, page, DEEPEST - size as u8);
        match self.entries.get(&place).copied() {
            None => {
                let frame = frame.align_down(size.bytes());
                self.link_tables(page, place.depth);
                self.entries.insert(place, Entry::page(frame, access));
                self.emit(Payload::Map {
                    page,
                    frame,
                    size,
                    access,
                });
            }
            Some(Entry { access: from, .. }) if amount.is_multiple_of(3) => {
                let entry = self.entries.get_mut(&place);
                entry.expect("it was found").access = access;
                self.emit(Payload::Protect {
                    page,
                    size,
                    from,
                    to: access,
                });
            }
            Some(entry) => {
                self.unmap(page, size, entry);
                self.unlink_tables(page);
            }
        }
        self.act_on_windows(page, amount);
    }

    fn act_on_windows(&mut self, page: VirtAddr, amount: u64) {
        let space = Place::on_way(self.space, page, DEEPEST).space;
        let key = (space, page.as_u64());
        let (start, bytes) = (page, 4096);
        if let Some(window) = self.windows.remove(&key) {
            let Window { policy, owner, .. } = window;
            self.emit(Payload::WindowClose {
                start,
                bytes,
                policy,
                owner,
            });
        } else if amount.is_multiple_of(3) {
            let policy = WindowPolicy::ALL[amount as usize % WindowPolicy::ALL.len()];
            let owner = Tag::STACK;
            let window = Window {
                start,
                bytes,
                policy,
                owner,
            };
            self.windows.insert(key, window);
            self.emit(Payload::WindowOpen {
                start,
                bytes,
                policy,
                owner,
            });
        }
    }

    fn unmap(&mut self, page: VirtAddr, size: PageSize, entry: Entry) {
        let Entry { frame, access, .. } = entry;
        let place = Place::on_way(self.space, page, DEEPEST - size as u8);
        self.entries.remove(&place);
        self.emit(Payload::Unmap {
            page,
            frame,
            size,
            access,
        });
    }

    /// Makes the tables above the entry at this depth.
    fn link_tables(&mut self, page: VirtAddr, depth: u8) {
        for depth in 0..depth {
            let place = Place::on_way(self.space, page, depth);
            if self.entries.contains_key(&place) {
                continue;
            }
            let access = match depth {
                0 => Access::empty(),
                _ => Access::WRITE | Access::EXECUTE,
            };
            let table = PhysAddr::new(self.events.len() as u64 % 50 * 4096);
            self.entries.insert(place, Entry::table(table, access));
            self.emit(Payload::TableLink {
                table,
                base: place.base(),
                level: TableLevel::from_number(4 - depth).expect("four levels"),
                access,
            });
        }
    }

    /// Takes away the tables on the way to this page that are empty, but for the root.
    fn unlink_tables(&mut self, page: VirtAddr) {
        for depth in (1..DEEPEST).rev() {
            let is_below = |entry: &&Place| {
                entry.depth == depth + 1
                    && Place::on_way(entry.space, entry.base(), depth)
                        == Place::on_way(self.space, page, depth)
            };
            if self.entries.keys().any(|entry| is_below(&entry)) {
                return;
            }
            self.unlink_table(Place::on_way(self.space, page, depth));
        }
    }

    fn unlink_table(&mut self, place: Place) {
        let Some(entry) = self.entries.get(&place).filter(|entry| entry.is_table) else {
            return;
        };
        let (table, access) = (entry.frame, entry.access);
        self.entries.remove(&place);
        self.emit(Payload::TableUnlink {
            table,
            base: place.base(),
            level: TableLevel::from_number(4 - place.depth).expect("four levels"),
            access,
        });
    }

    fn enter_space(&mut self, number: u32) {
        let previous = core::mem::replace(&mut self.space, number);
        if previous != number {
            self.emit(Payload::SpaceSwitch { number, previous });
        }
    }

    fn act_on_processes(&mut self, amount: u64) {
        let at = (amount as usize / 4).checked_rem(self.processes.len());
        match (amount % 4, at) {
            (0, Some(at)) => {
                let number = self.processes[at].number;
                self.end_process(at, number, amount.is_multiple_of(3));
            }
            (1, Some(at)) => {
                let process = &mut self.processes[at];
                let (number, from) = (process.number, process.state);
                let to = match from {
                    ProcessState::Ready => ProcessState::Asleep,
                    _ => ProcessState::Ready,
                };
                process.state = to;
                self.emit(Payload::ProcessState { number, from, to });
            }
            (2, Some(at)) => self.enter_space(self.processes[at].number),
            _ => {
                self.last_number += 1;
                let parent = self.space;
                self.enter_space(self.last_number);
                self.link_tables(VirtAddr::zero(), 1);
                let process = Process {
                    is_live: true,
                    parent,
                    program: amount as u8 % 3,
                    started: self.time / 1_000_000,
                    ..Process::numbered(self.last_number)
                };
                self.processes.push(process);
                self.emit(Payload::ProcessStart {
                    number: process.number,
                    parent,
                    program: process.program,
                    started: process.started,
                });
            }
        }
    }

    /// Gives back everything, the lowest first.
    fn end_process(&mut self, at: usize, number: u32, by_fault: bool) {
        let (from, to) = (self.processes[at].state, ProcessState::Ended);
        self.emit(Payload::ProcessState { number, from, to });
        self.enter_space(number);
        let own = |key: &&(u32, u64)| key.0 == number;
        let windows: Vec<_> = self.windows.keys().filter(own).copied().collect();
        for key in windows {
            let window = self.windows.remove(&key).expect("it was found");
            self.emit(Payload::WindowClose {
                start: window.start,
                bytes: window.bytes,
                policy: window.policy,
                owner: window.owner,
            });
        }
        let own = |(place, _): &(&Place, &Entry)| place.space == number;
        let entries = self.entries.iter().filter(own);
        let mut entries: Vec<_> = entries.map(|(&place, &entry)| (place, entry)).collect();
        entries.sort_by_key(|(place, _)| core::cmp::Reverse(place.depth));
        for (place, entry) in entries {
            match place.page_size().filter(|_| !entry.is_table) {
                Some(size) => self.unmap(place.base(), size, entry),
                None => self.unlink_table(place),
            }
        }
        let process = self.processes.remove(at);
        self.emit(Payload::ProcessEnd {
            number,
            parent: process.parent,
            program: process.program,
            started: process.started,
            faults: process.faults as u32,
            by_fault,
        });
    }

    /// Faults nest, like in a handler that faults.
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
        // Few different addresses, so that nested faults at one address happen.
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

    fn act_on_heap(&mut self, what: u8, place: u64, amount: u64) {
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
                let requested = (64u32 << order) - place as u32 % (32 << order);
                let owner = Tag::from_bytes(1 << (place % 8), 0);
                self.blocks.insert(at, (order, Some((owner, requested))));
                self.emit(Payload::HeapAllocate {
                    block: start + at,
                    order,
                    from,
                    requested,
                    owner,
                });
            }
            _ => {
                let live = self.blocks.iter().filter(|(_, block)| block.1.is_some());
                let count = live.clone().count() as u64;
                let nth = place.checked_rem(count).unwrap_or(0);
                let Some((&at, &(order, Some((owner, requested))))) =
                    live.clone().nth(nth as usize)
                else {
                    return;
                };
                self.blocks.insert(at, (order, None));
                let (merged, into) = self.merge(at, order);
                self.emit(Payload::HeapFree {
                    block: start + at,
                    order,
                    into,
                    requested,
                    owner,
                });
                self.shrink(merged, into);
            }
        }
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
