//! Samples which frames are used, by the accessed and dirty bits in the page tables.
//!
//! ```text
//! tables ──set bits, cleared──► registers (physical::heat) ──end of a period──► one event a run
//! ```
//! A period is done in slices, one a picture. A slice looks at a bounded number of entries or warm
//! frames, so its cost does not depend on the size of memory; large memories take longer periods.
//!
//! An accessed entry says that its target was used: a page, or a table that the CPU walked. Pages
//! of 2 MiB and 1 GiB are not sampled, and neither is the direct map. Their bit says that one of
//! 512 or 262,144 frames was touched, often by the kernel itself (zeroing, copying, this sampler).
//! So the dashboard's buffers, which the kernel reaches through the direct map, cool down after
//! boot.

use super::translation::{MEASURED, USED, WRITTEN};
use super::walk::Half;
use super::{kernel_space, layout};
use crate::lock::Mutex;
use crate::memory::physical::direct_map::{FRAME, frame_at, pointer};
use crate::memory::physical::heat::{self, Registers};
use crate::memory::physical::slices::allocate_slice;
use crate::memory::trace::KernelTracer;
use core::sync::atomic::{AtomicU64, Ordering};
use mm::frame::AllocateError;
use mm::heat::{Heat, HeatStorage, PERIOD_NANOSECONDS, Slice};
use mm::memory_map::MemoryMap;
use mm::tag::Tag;
use x86_64::instructions::tlb;
use x86_64::structures::paging::{PageTableFlags, PhysFrame};
use x86_64::{PhysAddr, VirtAddr};

/// Page-table entries of a slice.
const ENTRIES: usize = 2048;
/// Warm frames and events of a slice.
const SLICE: Slice = Slice {
    frames: 1024,
    events: 128,
};

/// The bits of an entry that hold the address of a frame.
const ADDRESS: u64 = (1 << 52) - FRAME;
/// The first sampled address of the kernel's half, without its sign: the direct map lies below.
const ABOVE_DIRECT_MAP: u64 = layout::HEAP_GUARD.as_u64() & ((1 << 48) - 1);

static PROGRESS: Mutex<Progress> = Mutex::new(Progress {
    phase: Phase::Wait,
    due: 0,
});

/// The progress of the period.
struct Progress {
    phase: Phase,
    /// The earliest start of the next period, in nanoseconds since boot.
    due: u64,
}

/// The work of the next slice.
#[derive(Clone, Copy)]
enum Phase {
    /// Waits until the period is over.
    Wait,
    /// Samples the tables of this process (0 is the kernel) from this address on.
    Tables { process: u32, from: u64 },
    /// Ends the period for the frames from this number on.
    Age { from: usize },
}

/// Starts counting uses.
///
/// # Errors
/// When there are no frames for the counters.
pub fn init(map: &MemoryMap<'_>) -> Result<(), AllocateError> {
    let (words, entries) = HeatStorage::sizes(map.frames());
    // SAFETY: zeroes are valid words and valid counters.
    let storage = unsafe {
        HeatStorage {
            bits: allocate_slice(words, Tag::KERNEL)?,
            uses: allocate_slice(entries, Tag::KERNEL)?,
        }
    };
    heat::start(Heat::new(map.frames(), storage, KernelTracer));
    Ok(())
}

/// Does the next slice, if a period is running or due at `now`. `processes` yields the number and
/// the root table of each living process.
pub fn sample(now: u64, processes: impl Iterator<Item = (u32, PhysFrame)> + Clone) {
    if let Some(mut registers) = heat::lock() {
        PROGRESS.lock().advance(&mut registers, processes, now);
    }
}

/// Does the rest of the period, or all of the next one.
pub fn end_period(now: u64, processes: impl Iterator<Item = (u32, PhysFrame)> + Clone) {
    let Some(mut registers) = heat::lock() else {
        return;
    };
    let mut progress = PROGRESS.lock();
    progress.due = now;
    loop {
        progress.advance(&mut registers, processes.clone(), now);
        if matches!(progress.phase, Phase::Wait) {
            return;
        }
    }
}

impl Progress {
    /// Does one slice.
    fn advance(
        &mut self,
        registers: &mut Registers,
        processes: impl Iterator<Item = (u32, PhysFrame)>,
        now: u64,
    ) {
        self.phase = match self.phase {
            Phase::Wait if now < self.due => return,
            Phase::Wait => {
                self.due = now + PERIOD_NANOSECONDS;
                scan(registers, processes, 0, ABOVE_DIRECT_MAP)
            }
            Phase::Tables { process, from } => scan(registers, processes, process, from),
            Phase::Age { from } => match registers.age(from, SLICE) {
                Some(from) => Phase::Age { from },
                None => Phase::Wait,
            },
        }
    }
}

/// Samples the tables of the first process with this number or a higher one.
fn scan(
    registers: &mut Registers,
    processes: impl Iterator<Item = (u32, PhysFrame)>,
    process: u32,
    from: u64,
) -> Phase {
    let (root, half) = if process == 0 {
        (kernel_space::lock().root(), Half::Upper)
    } else {
        let later = processes.filter(|&(number, _)| number >= process);
        let Some((number, root)) = later.min_by_key(|&(number, _)| number) else {
            return Phase::Age { from: 0 };
        };
        if number != process {
            return Phase::Tables {
                process: number,
                from: 0,
            };
        }
        (root, Half::Lower)
    };
    let mut scan = Scan {
        registers,
        half,
        left: ENTRIES,
    };
    match scan.table(root, 4, 0, from) {
        Some(from) => Phase::Tables { process, from },
        None => Phase::Tables {
            process: process + 1,
            from: 0,
        },
    }
}

/// A pass over the entries of one half of a space.
struct Scan<'a> {
    registers: &'a mut Registers,
    half: Half,
    /// Entries left in this slice.
    left: usize,
}

impl Scan<'_> {
    /// Samples the entries for addresses (without their sign) from `from` on, in the table of this
    /// level that maps `base` first. Returns the address to continue with if the slice is over.
    fn table(&mut self, table: PhysFrame, level: u32, base: u64, from: u64) -> Option<u64> {
        let shift = 3 + 9 * level;
        let entries = match (level, self.half) {
            (4, Half::Lower) => 0..256,
            (4, Half::Upper) => 256..512,
            _ => 0..512,
        };
        let first = entries.start.max(from.saturating_sub(base) >> shift);
        for index in first..entries.end {
            let at = base | index << shift;
            if self.left == 0 {
                return Some(at.max(from));
            }
            self.left -= 1;
            let pointer = pointer(table.start_address()).cast::<u64>();
            // SAFETY: a frame that is a root, or that an entry names, is a table of 512 entries;
            // the direct map maps it, and the CPU changes only accessed and dirty bits,
            // atomically as this code does.
            let entry = unsafe { AtomicU64::from_ptr(pointer.add(index as usize)) };
            let bits = entry.load(Ordering::Relaxed);
            let flags = PageTableFlags::from_bits_truncate(bits);
            let is_large = level > 1 && flags.contains(PageTableFlags::HUGE_PAGE);
            if !flags.contains(PageTableFlags::PRESENT) || is_large {
                continue;
            }
            let target = frame_at(PhysAddr::new_truncate(bits & ADDRESS));
            // The slice before sampled the entries before `from`.
            if flags.contains(PageTableFlags::ACCESSED) && at >= from {
                self.found(entry, target, flags, at);
            }
            if level > 1
                && let Some(next) = self.table(target, level - 1, at, from)
            {
                return Some(next);
            }
        }
        None
    }

    /// Clears the bits, so that they show uses of the next period.
    fn found(&mut self, entry: &AtomicU64, target: PhysFrame, flags: PageTableFlags, at: u64) {
        let seen = PageTableFlags::ACCESSED | PageTableFlags::DIRTY;
        entry.fetch_and(!seen.bits(), Ordering::Relaxed);
        if self.half == Half::Lower {
            // Code that pages out must know that the page was used, and that it was written.
            let is_dirty = flags.contains(PageTableFlags::DIRTY);
            let written = if is_dirty {
                WRITTEN
            } else {
                PageTableFlags::empty()
            };
            let kept = USED | MEASURED | written;
            entry.fetch_or(kept.bits(), Ordering::Relaxed);
        }
        if self.half == Half::Upper {
            // The CPU sets the bits only when it walks again. The lower half needs no flush: no
            // process runs now, and loading its root flushes all but global pages.
            tlb::flush(VirtAddr::new_truncate(at));
        }
        self.registers
            .accessed(target, flags.contains(PageTableFlags::DIRTY));
    }
}
