//! The event ring: many producers, none of which ever waits, and a reader that knows what it lost.
//!
//! ```text
//!            claim = head++            position
//!   head ──────┐                         │ reader, behind
//!   ┌──────┬───▼──┬──────┬──────┬──────┬─▼────┐
//!   │ slot │ slot │ slot │ slot │ slot │ slot │     slot = claim mod N
//!   └──────┴──────┴──────┴──────┴──────┴──────┘
//!   sequence of a slot, for claim c:   2c+1 being written   2c+2 published
//! ```
//! Invariants: the sequence of a slot only ascends. It becomes odd by a compare-and-swap from an
//! even value, so one producer at a time writes a slot; whoever finds the slot odd or newer gives
//! up its own event instead of waiting. A reader that sees the same even sequence before and
//! after copying the four words has an event of one producer. Claims that are not delivered are
//! counted as lost: delivered + lost = all claims that the reader has passed.
//!
//! A producer gives up only when another was interrupted in the middle of a slot for a whole round
//! of the ring. The reader cannot tell that claim from one still being written; it waits there
//! until the ring has gone round once more.

use crate::event::{Event, Kind, Payload};
use core::sync::atomic::{AtomicU64, Ordering, fence};

/// `N` slots of 40 bytes; `N` is a power of two. Can be a static.
#[derive(Debug)]
pub struct Ring<const N: usize> {
    head: AtomicU64,
    totals: [AtomicU64; Kind::COUNT],
    slots: [Slot; N],
}

#[derive(Debug)]
struct Slot {
    sequence: AtomicU64,
    words: [AtomicU64; 4],
}

impl<const N: usize> Ring<N> {
    /// An empty ring.
    pub const fn new() -> Self {
        const { assert!(N.is_power_of_two(), "a ring has a power of two of slots") };
        Ring {
            head: AtomicU64::new(0),
            totals: [const { AtomicU64::new(0) }; Kind::COUNT],
            slots: [const { Slot::new() }; N],
        }
    }

    /// Records an event, over the oldest one when the ring is full. Never waits.
    ///
    /// The time is in whatever unit the reader expects; see [`Event::time`].
    #[inline(always)]
    pub fn push(&self, time: u64, cpu: u8, site: u32, payload: Payload) {
        let event = Event {
            time,
            cpu,
            site,
            payload,
        };
        self.totals[payload.kind() as usize].fetch_add(1, Ordering::Relaxed);
        let [time, head, address, value] = event.to_words();
        self.push_words(time, head, address, value);
    }

    /// Four words one by one: they travel in registers, an array would go through memory. Never inline: encoding
    /// belongs to the caller, who knows the kind; this part is the same for all.
    #[inline(never)]
    fn push_words(&self, time: u64, head: u64, address: u64, value: u64) {
        let claim = self.head.fetch_add(1, Ordering::Relaxed);
        let slot = &self.slots[claim as usize % N];
        if slot.begin(claim) {
            slot.write([time, head, address, value]);
            slot.publish(claim);
        }
    }

    /// How many events were recorded, overwritten ones included.
    pub fn recorded(&self) -> u64 {
        self.head.load(Ordering::Relaxed)
    }

    /// How many events of this kind were recorded, overwritten ones included.
    pub fn total(&self, kind: Kind) -> u64 {
        self.totals[kind as usize].load(Ordering::Relaxed)
    }

    /// A reader from the first event on. Reading takes nothing away: several readers get the
    /// same events.
    pub const fn reader(&self) -> Reader<'_, N> {
        Reader {
            ring: self,
            position: 0,
            lost: 0,
        }
    }
}

impl<const N: usize> Default for Ring<N> {
    fn default() -> Self {
        Ring::new()
    }
}

impl Slot {
    const fn new() -> Self {
        Slot {
            sequence: AtomicU64::new(0),
            words: [const { AtomicU64::new(0) }; 4],
        }
    }

    /// Takes the slot for this claim; `false` if an older producer is still in it, or a newer one
    /// was.
    #[inline]
    fn begin(&self, claim: u64) -> bool {
        let found = self.sequence.load(Ordering::Relaxed);
        let free = found.is_multiple_of(2) && found < writing(claim);
        let taken = free
            && self
                .sequence
                .compare_exchange(found, writing(claim), Ordering::Acquire, Ordering::Relaxed)
                .is_ok();
        // No word may become visible before the odd sequence. Pairs with the fence in `read`.
        fence(Ordering::Release);
        taken
    }

    #[inline]
    fn write(&self, words: [u64; 4]) {
        for (slot, word) in self.words.iter().zip(words) {
            slot.store(word, Ordering::Relaxed);
        }
    }

    #[inline]
    fn publish(&self, claim: u64) {
        self.sequence.store(published(claim), Ordering::Release);
    }

    fn read(&self, claim: u64) -> Read {
        let before = self.sequence.load(Ordering::Acquire);
        if before < published(claim) {
            return Read::Unfinished;
        }
        let words = self
            .words
            .each_ref()
            .map(|word| word.load(Ordering::Relaxed));
        fence(Ordering::Acquire);
        let after = self.sequence.load(Ordering::Relaxed);
        if before == published(claim) && after == before {
            Read::Words(words)
        } else {
            Read::Overwritten
        }
    }
}

enum Read {
    Words([u64; 4]),
    Unfinished,
    Overwritten,
}

const fn writing(claim: u64) -> u64 {
    2 * claim + 1
}

const fn published(claim: u64) -> u64 {
    2 * claim + 2
}

/// Reads a ring, oldest event first.
#[derive(Debug)]
pub struct Reader<'r, const N: usize> {
    ring: &'r Ring<N>,
    position: u64,
    lost: u64,
}

impl<const N: usize> Reader<'_, N> {
    /// The next event, or `None` when there is none yet.
    ///
    /// Compare [`Reader::lost`] before and after: if it has grown, events are missing before this
    /// one.
    ///
    /// # Panics
    /// When a slot holds words that no event encodes to: the ring is broken.
    pub fn pop(&mut self) -> Option<Event> {
        loop {
            let head = self.ring.head.load(Ordering::Relaxed);
            let oldest = head.saturating_sub(N as u64);
            if self.position < oldest {
                self.lost += oldest - self.position;
                self.position = oldest;
            }
            if self.position >= head {
                return None;
            }
            let slot = &self.ring.slots[self.position as usize % N];
            match slot.read(self.position) {
                Read::Words(words) => {
                    self.position += 1;
                    let event = Event::from_words(words);
                    return Some(event.expect("published slots hold whole events"));
                }
                Read::Unfinished => return None,
                Read::Overwritten => {
                    self.position += 1;
                    self.lost += 1;
                }
            }
        }
    }

    /// How many events this reader has missed so far.
    pub const fn lost(&self) -> u64 {
        self.lost
    }

    /// How many recorded events lie ahead, overwritten ones included.
    pub fn pending(&self) -> u64 {
        self.ring.recorded().saturating_sub(self.position)
    }
}

#[cfg(test)]
mod tests;
