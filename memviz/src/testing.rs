//! A naive machine for tests: it does random things to its memory, tells them as events, and knows the
//! truth.

use mm::event::{Event, Payload};
use mm::heat::Level;
use mm::memory_map::{Region, RegionKind};
use mm::paging::{Access, ErrorCode, FaultCause, FaultOutcome, PageSize, WindowPolicy};
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
    pages: Vec<(u64, u64, Access)>,
    open_faults: Vec<(VirtAddr, FaultCause)>,
    caption: u32,
    space: u32,
    processes: u32,
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
            pages: Vec::new(),
            open_faults: Vec::new(),
            caption: 0,
            space: 0,
            processes: 0,
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
            0..=3 => {
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
                    Payload::FrameRefuse { frames, tag }
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
                self.act_on_processes(amount);
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
        let size = PageSize::Size4KiB;
        let access = Access::from_bits_truncate(amount as u8);
        if let Some((page, frame, access)) = self.pages.pop().filter(|_| amount.is_multiple_of(3)) {
            let (page, frame) = (VirtAddr::new(page), PhysAddr::new(frame));
            self.emit(Payload::Unmap {
                page,
                frame,
                size,
                access,
            });
            return;
        }
        let page = VirtAddr::new(self.events.len() as u64 * 4096);
        self.pages.push((page.as_u64(), frame.as_u64(), access));
        self.emit(Payload::Map {
            page,
            frame,
            size,
            access,
        });
        if let Some((page, _, from)) = self.pages.first_mut().filter(|_| amount.is_multiple_of(5)) {
            let page = VirtAddr::new(*page);
            let from = core::mem::replace(from, access);
            self.emit(Payload::Protect {
                page,
                size,
                from,
                to: access,
            });
        }
        if amount.is_multiple_of(7) {
            let (start, bytes, owner) = (page, 4096, Tag::STACK);
            let policy = WindowPolicy::Guard;
            self.emit(Payload::WindowOpen {
                start,
                bytes,
                policy,
                owner,
            });
            if amount.is_multiple_of(2) {
                self.emit(Payload::WindowClose {
                    start,
                    bytes,
                    policy,
                    owner,
                });
            }
        }
    }

    fn act_on_processes(&mut self, amount: u64) {
        let (number, parent, program) = (self.processes, 0, amount as u8 % 3);
        let previous = core::mem::replace(&mut self.space, number);
        self.emit(Payload::SpaceSwitch { number, previous });
        if amount.is_multiple_of(2) && self.processes > 0 {
            self.processes -= 1;
            self.emit(Payload::ProcessEnd {
                number,
                parent,
                program,
                by_fault: amount.is_multiple_of(3),
            });
        } else {
            self.processes += 1;
            self.emit(Payload::ProcessStart {
                number,
                parent,
                program,
            });
        }
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
                    self.emit(Payload::HeapRefuse { requested, owner });
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
