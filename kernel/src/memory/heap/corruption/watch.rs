//! The watch: the bytes of one heap block, recorded as events when they change.
//!
//! ```text
//! memory   44 4d 41 20 | bb bb bb bb        look() compares both, and records each word that
//! copy     44 4d 41 20 | bb bb bb bb        differs as one event
//! ```
//! A store to memory causes no event, so the bytes are compared before and after each check of the
//! block, and once a picture. Invariant: watched bytes are mapped; the watch of a block ends before
//! the heap reuses it.

use crate::lock::Mutex;
use crate::memory::trace;
use core::sync::atomic::{AtomicBool, Ordering};
use mm::event::Payload;
use x86_64::VirtAddr;

/// The maximum number of words that are watched: see the model of the picture.
const WORDS: usize = 64;
const WORD_BYTES: usize = 4;

/// The watched words, and their bytes at the last look.
struct Watch {
    start: VirtAddr,
    words: usize,
    copy: [u32; WORDS],
}

static ON: AtomicBool = AtomicBool::new(false);
static WATCH: Mutex<Watch> = Mutex::new(Watch {
    start: VirtAddr::zero(),
    words: 0,
    copy: [0; WORDS],
});

impl Watch {
    fn word(&self, index: usize) -> VirtAddr {
        self.start + (index * WORD_BYTES) as u64
    }

    fn contains(&self, address: VirtAddr) -> bool {
        (self.start..self.word(self.words)).contains(&address)
    }

    /// Reads a watched word.
    fn read(&self, index: usize) -> u32 {
        let word = self.word(index).as_ptr::<u32>();
        // SAFETY: a watched block is mapped, and the words of a block are aligned. The read is
        // volatile because the block belongs to other code.
        unsafe { word.read_volatile() }
    }

    fn end(&mut self) {
        for index in 0..self.words {
            trace::record(Payload::WatchedBytes {
                address: self.word(index),
                from: self.copy[index],
                to: 0,
                was_known: true,
                is_known: false,
            });
        }
        self.words = 0;
        ON.store(false, Ordering::Relaxed);
    }
}

/// Watches a block from now on: all of it, or the part around the byte at `offset` if it is larger
/// than the watch. The watch of another block ends. `block` is mapped, at a multiple of 64.
pub fn begin(block: VirtAddr, bytes: u64, offset: u64) {
    const PART: u64 = (WORDS * WORD_BYTES) as u64;
    if !trace::is_on() {
        return;
    }
    let mut watch = WATCH.lock();
    if watch.words > 0 && watch.contains(block + offset) {
        drop(watch);
        return look();
    }
    watch.end();
    let latest = bytes.saturating_sub(PART);
    let before = offset.saturating_sub(PART / 2).min(latest) / 64 * 64;
    watch.start = block + before;
    watch.words = ((bytes - before).min(PART) as usize) / WORD_BYTES;
    for index in 0..watch.words {
        let bytes = watch.read(index);
        watch.copy[index] = bytes;
        trace::record(Payload::WatchedBytes {
            address: watch.word(index),
            from: 0,
            to: bytes,
            was_known: false,
            is_known: true,
        });
    }
    ON.store(true, Ordering::Relaxed);
}

/// Records the watched words that changed since the last look.
#[inline(always)]
pub fn look() {
    if ON.load(Ordering::Relaxed) {
        compare();
    }
}

#[cold]
#[inline(never)]
fn compare() {
    let mut watch = WATCH.lock();
    for index in 0..watch.words {
        let (from, to) = (watch.copy[index], watch.read(index));
        if from != to {
            watch.copy[index] = to;
            trace::record(Payload::WatchedBytes {
                address: watch.word(index),
                from,
                to,
                was_known: true,
                is_known: true,
            });
        }
    }
}

/// Ends the watch if the watched words begin in this block, which the heap may reuse from now on.
#[inline(always)]
pub fn end_in(block: VirtAddr, bytes: u64) {
    if ON.load(Ordering::Relaxed) {
        end_if_in(block, bytes);
    }
}

#[cold]
#[inline(never)]
fn end_if_in(block: VirtAddr, bytes: u64) {
    let mut watch = WATCH.lock();
    if (block..block + bytes).contains(&watch.start) {
        watch.end();
    }
}

/// Calls `visit` with the address of each watched word, and its bytes now.
pub fn for_each(mut visit: impl FnMut(VirtAddr, u32)) {
    let watch = WATCH.lock();
    for index in 0..watch.words {
        visit(watch.word(index), watch.read(index));
    }
}
