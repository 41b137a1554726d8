//! The life of the watched block, read from the history.

use crate::model::heap::GRANULE_BYTES;
use crate::timeline::{LOOK_BACK, Timeline};
use heapless::Vec;
use mm::event::{Event, Kind, Payload};
use mm::heap::corruption::{CorruptionKind, POISON, REDZONE};
use mm::tag::Tag;
use x86_64::VirtAddr;

/// The most entries of a life; later ones are left out.
pub const ENTRIES: usize = 8;

/// What happened to the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It was allocated.
    Allocated,
    /// The byte at this offset no longer has its pattern.
    Written { offset: u64, is_freed: bool },
    /// It was freed, and filled with poison.
    Freed,
    /// A corruption was reported.
    Reported(CorruptionKind),
}

/// An entry of the life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub moment: Moment,
    /// Nanoseconds since boot.
    pub time: u64,
    /// The call site: see [`Event::site`].
    pub site: u32,
    /// The number of the event.
    pub number: u64,
}

/// An allocation of the heap, with its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    pub start: VirtAddr,
    pub bytes: u64,
    pub requested: u64,
    pub owner: Tag,
    pub entries: Vec<Entry, ENTRIES>,
}

impl Life {
    /// The life of the allocation that contains this byte, if its begin is in the history.
    pub fn of(timeline: &Timeline, byte: VirtAddr) -> Option<Life> {
        let mut begins = timeline.events_back(LOOK_BACK, is_begin);
        let (mut life, number) = begins.find_map(|(number, event)| {
            let life = Life::begun_by(number, &event)?;
            life.contains(byte).then_some((life, number))
        })?;
        for number in number + 1..timeline.cursor() {
            if let Some(event) = timeline.get_if(number, is_later) {
                life.add(number, &event);
            }
        }
        Some(life)
    }

    /// Returns the number of corruptions that were reported.
    pub fn reported(&self) -> usize {
        let is_report = |entry: &&Entry| matches!(entry.moment, Moment::Reported(_));
        self.entries.iter().filter(is_report).count()
    }

    fn begun_by(number: u64, event: &Event) -> Option<Life> {
        let (Payload::HeapAllocate {
            block,
            granules,
            requested,
            owner,
            ..
        }
        | Payload::HeapReuse {
            block,
            granules,
            requested,
            owner,
        }) = event.payload
        else {
            return None;
        };
        let mut life = Life {
            start: block,
            bytes: u64::from(granules) * GRANULE_BYTES as u64,
            requested: requested.into(),
            owner,
            entries: Vec::new(),
        };
        life.push(number, event, Moment::Allocated);
        Some(life)
    }

    fn contains(&self, byte: VirtAddr) -> bool {
        (self.start..self.start + self.bytes).contains(&byte)
    }

    /// Returns whether the block was freed before the event with this number.
    pub fn is_freed_at(&self, number: u64) -> bool {
        let mut before = self.entries.iter().filter(|entry| entry.number < number);
        before.any(|entry| entry.moment == Moment::Freed)
    }

    /// The pattern of the byte at this offset, if it must have one.
    pub fn pattern(&self, offset: u64, is_freed: bool) -> Option<u8> {
        match is_freed {
            true => Some(POISON),
            false => (offset >= self.requested).then_some(REDZONE),
        }
    }

    fn push(&mut self, number: u64, event: &Event, moment: Moment) {
        let (time, site) = (event.time, event.site);
        // The first entries are the begin of the story; later ones have no room.
        let _ = self.entries.push(Entry {
            moment,
            time,
            site,
            number,
        });
    }

    fn add(&mut self, number: u64, event: &Event) {
        match event.payload {
            Payload::HeapQuarantine { block, .. } if block == self.start => {
                self.push(number, event, Moment::Freed);
            }
            Payload::Corruption { address, kind, .. } if address == self.start => {
                self.push(number, event, Moment::Reported(kind));
            }
            // The address of a wild free belongs to no block: this is the newest report.
            Payload::Corruption {
                kind: kind @ CorruptionKind::WildFree,
                ..
            } => self.push(number, event, Moment::Reported(kind)),
            Payload::WatchedBytes {
                address,
                from,
                to,
                was_known: true,
                is_known: true,
            } if self.contains(address) => {
                let is_freed = self.is_freed_at(number);
                let changed = from.to_le_bytes().into_iter().zip(to.to_le_bytes());
                for (at, (from, to)) in (0..).zip(changed) {
                    let offset = address + at - self.start;
                    let pattern = self.pattern(offset, is_freed);
                    if Some(from) == pattern && Some(to) != pattern {
                        let moment = Moment::Written { offset, is_freed };
                        return self.push(number, event, moment);
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_begin(kind: u8) -> bool {
    kind == Kind::HeapAllocate as u8 || kind == Kind::HeapReuse as u8
}

fn is_later(kind: u8) -> bool {
    const KINDS: [Kind; 3] = [Kind::HeapQuarantine, Kind::Corruption, Kind::WatchedBytes];
    KINDS.iter().any(|&other| other as u8 == kind)
}
