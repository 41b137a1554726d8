//! Real heat: which frames are used of late, by what the CPU itself notes down in the page tables.
//!
//! ```text
//! frames::allocate, fault handler ──────────────► register of the frame ──┐ a period's end: it shifts right,
//! accessed and dirty bits ──found set, cleared──►   (mm::heat)            └─► one event a run of alike frames
//! ```
//! A period is done in slices, one a picture: a slice looks at a bounded number of entries or of
//! warm frames, so its cost does not depend on the size of memory; on a large one a period takes
//! longer.
//!
//! An entry that is found accessed says that what it points to was used: a page, or a table that
//! the CPU walked. Pages of 2 MiB and 1 GiB are not sampled, and so is not the whole direct map:
//! their bit says that one of 512 or 262,144 frames was touched, by the kernel on behalf of anybody
//! (zeroing, copying, this sampler). It would warm them all and tell nothing of any. So the
//! dashboard's own buffers, which are reached through the direct map only, cool down after boot.
//!
//! Cargo feature `use-counters`; `use-counters=off` on the command line.

use crate::memory::InitError;
use crate::memory::paging::walk::Half;
use crate::memory::paging::{kernel_space, layout};
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::trace::KernelTracer;
use crate::process;
use core::sync::atomic::{AtomicU64, Ordering};
use mm::heat::{FrameUses, Heat, HeatStorage, Level, PERIOD_NANOSECONDS, Slice};
use mm::memory_map::MemoryMap;
use mm::tag::Tag;
use spin::{Mutex, Once};
use x86_64::instructions::tlb;
use x86_64::structures::paging::{PageTableFlags, PhysFrame};
use x86_64::{PhysAddr, VirtAddr};

/// Page-table entries that a slice looks at.
const ENTRIES: usize = 2048;
/// Warm frames and events of a slice.
const SLICE: Slice = Slice {
    frames: 1024,
    events: 128,
};

/// The bits of an entry that are the address of a frame.
const ADDRESS: u64 = (1 << 52) - FRAME;
/// Without its sign, the first address that is sampled in the kernel's half: what lies below is the
/// direct map.
const ABOVE_DIRECT_MAP: u64 = layout::HEAP_GUARD.as_u64() & ((1 << 48) - 1);

static SAMPLER: Once<Mutex<Sampler>> = Once::new();

/// The registers, and how far the period is.
struct Sampler {
    heat: Heat<'static, KernelTracer>,
    phase: Phase,
    /// When the next period may begin, in nanoseconds since boot.
    due: u64,
}

/// What the next slice does.
#[derive(Clone, Copy)]
enum Phase {
    /// Nothing until the period is over.
    Wait,
    /// Looks at the tables of this process (0 is the kernel) from this address on.
    Tables { process: u32, from: u64 },
    /// Ends the period for the frames from this number on.
    Age { from: usize },
}

/// Counts from now on.
///
/// # Errors
/// When there are no frames for the counters.
pub fn init(map: &MemoryMap<'_>) -> Result<(), InitError> {
    let (words, entries) = HeatStorage::sizes(map.frames());
    // SAFETY: zeroes are valid words and valid counters.
    let storage = unsafe {
        HeatStorage {
            bits: frames::allocate_slice(words, Tag::KERNEL)?,
            uses: frames::allocate_slice(entries, Tag::KERNEL)?,
        }
    };
    let heat = Heat::new(map.frames(), storage, KernelTracer);
    SAMPLER.call_once(|| {
        Mutex::new(Sampler {
            heat,
            phase: Phase::Wait,
            due: 0,
        })
    });
    Ok(())
}

/// Without the feature nothing is ever there, and the compiler drops all that follows.
#[inline(always)]
fn sampler() -> Option<&'static Mutex<Sampler>> {
    SAMPLER.get().filter(|_| cfg!(feature = "use-counters"))
}

/// Whether uses are counted.
pub fn is_on() -> bool {
    sampler().is_some()
}

/// Bytes that are kept for it.
pub fn metadata_bytes() -> u64 {
    sampler().map_or(0, |sampler| sampler.lock().heat.metadata_bytes())
}

/// Frames were handed out.
#[inline]
pub fn allocated(first: PhysFrame, frames: u64) {
    if let Some(sampler) = sampler() {
        sampler.lock().heat.allocated(first, frames);
    }
}

/// A fault put a frame under a page.
#[inline]
pub fn faulted(frame: PhysFrame) {
    if let Some(sampler) = sampler() {
        sampler.lock().heat.faulted(frame);
    }
}

/// How warm a frame is, as the last event told it; everything is cold without counters.
pub fn level(frame: PhysFrame) -> Level {
    uses(frame).map_or(Level::COLD, |uses| uses.level())
}

/// What is counted of a frame.
pub fn uses(frame: PhysFrame) -> Option<FrameUses> {
    sampler()?.lock().heat.uses(frame).copied()
}

/// Does the next slice, if a period is on or due at `now`.
pub fn sample(now: u64) {
    if let Some(sampler) = sampler() {
        // The process table first: whoever forks holds it and takes frames, which are counted here.
        let table = process::TABLE.lock();
        sampler.lock().advance(&table, now);
    }
}

/// Does all that is left of the period, or all of the next one.
pub fn end_period(now: u64) {
    let Some(sampler) = sampler() else { return };
    let table = process::TABLE.lock();
    let mut sampler = sampler.lock();
    sampler.due = now;
    loop {
        sampler.advance(&table, now);
        if matches!(sampler.phase, Phase::Wait) {
            return;
        }
    }
}

/// How many frames are warm, after a recount of the registers.
///
/// # Errors
/// The first frame whose register and place among the warm ones disagree.
pub fn validate() -> Result<usize, PhysFrame> {
    let Some(sampler) = sampler() else {
        return Ok(0);
    };
    let sampler = sampler.lock();
    sampler.heat.validate()?;
    Ok(sampler.heat.warm_frames())
}

impl Sampler {
    /// One slice.
    fn advance(&mut self, table: &process::Table, now: u64) {
        self.phase = match self.phase {
            Phase::Wait if now < self.due => return,
            Phase::Wait => {
                self.due = now + PERIOD_NANOSECONDS;
                self.look(table, 0, ABOVE_DIRECT_MAP)
            }
            Phase::Tables { process, from } => self.look(table, process, from),
            Phase::Age { from } => match self.heat.age(from, SLICE) {
                Some(from) => Phase::Age { from },
                None => Phase::Wait,
            },
        }
    }

    /// Looks at the tables of the first process that has this number or a higher one.
    fn look(&mut self, table: &process::Table, process: u32, from: u64) -> Phase {
        let (root, half) = if process == 0 {
            (kernel_space::lock().root(), Half::Upper)
        } else {
            let later = table.iter().filter(|other| other.number >= process);
            let Some(next) = later.min_by_key(|other| other.number) else {
                return Phase::Age { from: 0 };
            };
            if next.number != process {
                return Phase::Tables {
                    process: next.number,
                    from: 0,
                };
            }
            (next.space.root(), Half::Lower)
        };
        let mut look = Look {
            heat: &mut self.heat,
            half,
            left: ENTRIES,
        };
        match look.table(root, 4, 0, from) {
            Some(from) => Phase::Tables { process, from },
            None => Phase::Tables {
                process: process + 1,
                from: 0,
            },
        }
    }
}

/// A look at the entries of one half of a space.
struct Look<'a> {
    heat: &'a mut Heat<'static, KernelTracer>,
    half: Half,
    /// Entries that may still be looked at.
    left: usize,
}

impl Look<'_> {
    /// Looks at the entries for addresses (without their sign) from `from` on, in the table of this
    /// level whose first byte maps `base`. Gives the address to go on with if there were too
    /// many.
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
            let pointer = frames::pointer(table.start_address()).cast::<u64>();
            // SAFETY: a frame that is a root, or that an entry names, is a table of 512 entries;
            // the direct map shows it, and the CPU changes accessed and dirty bits at
            // most, atomically as we do.
            let entry = unsafe { AtomicU64::from_ptr(pointer.add(index as usize)) };
            let bits = entry.load(Ordering::Relaxed);
            let flags = PageTableFlags::from_bits_truncate(bits);
            let is_large = level > 1 && flags.contains(PageTableFlags::HUGE_PAGE);
            if !flags.contains(PageTableFlags::PRESENT) || is_large {
                continue;
            }
            let target = frames::frame_at(PhysAddr::new_truncate(bits & ADDRESS));
            // What lies before `from` was looked at by the slice before.
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

    /// Takes the bits away, so that they tell of the next period.
    fn found(&mut self, entry: &AtomicU64, target: PhysFrame, flags: PageTableFlags, at: u64) {
        let seen = PageTableFlags::ACCESSED | PageTableFlags::DIRTY;
        entry.fetch_and(!seen.bits(), Ordering::Relaxed);
        if self.half == Half::Upper {
            // The CPU sets the bits only when it walks again. The lower half needs no flush: no
            // process runs now, and loading its root forgets all but global pages.
            tlb::flush(VirtAddr::new_truncate(at));
        }
        self.heat
            .accessed(target, flags.contains(PageTableFlags::DIRTY));
    }
}
