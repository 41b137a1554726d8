//! Runs of frames for devices: contiguous, below a ceiling, and mapped for the driver.
//!
//! ```text
//! DEVICES  │ run │ not mapped │ run │ not mapped │ …      one slot of 1 GiB for each run
//! ```
//! A write past the end of a run faults, instead of changing other memory. The slot stores the
//! length of its run, so that the address alone suffices to free it.

use super::error::{DMA_RUNS, KmallocError};
use crate::lock::Mutex;
use crate::memory::paging::kernel_space;
use crate::memory::paging::{layout, regions};
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::physical::tags;
use mm::frame::Run;
use mm::heap::{HeapError, Site};
use mm::paging::{Access, PageSize, RegionPolicy};
use mm::tag::Tag;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// The maximum number of runs.
pub const RUNS: usize = DMA_RUNS;
/// Addresses for one run; the last page is never mapped.
const SLOT_BYTES: u64 = 1 << 30;

/// A run of frames of a driver.
#[derive(Clone, Copy, Debug)]
pub struct DmaRun {
    /// The first frame.
    pub first: PhysFrame,
    /// The number of frames.
    pub frames: u64,
    /// The requested bytes.
    pub requested: u64,
    /// The end of the addresses that its frames may have.
    pub ceiling: PhysAddr,
    /// The owner.
    pub owner: Tag,
    /// The call site.
    pub site: Site,
}

static SLOTS: Mutex<[Option<DmaRun>; RUNS]> = Mutex::new([None; RUNS]);

/// Opens the whole range as a guard region; runs are mapped in it.
pub fn init() {
    let bytes = RUNS as u64 * SLOT_BYTES;
    regions::open(layout::DEVICES, bytes, RegionPolicy::Guard, Tag::DEVICE);
}

/// Allocates `bytes` zeroed bytes in contiguous frames below `ceiling`.
///
/// # Errors
/// No bytes or too many, no such run of frames, too many runs, no frames for page tables.
pub fn allocate(
    bytes: usize,
    ceiling: PhysAddr,
    owner: Tag,
    site: Site,
) -> Result<VirtAddr, KmallocError> {
    if bytes == 0 {
        return Err(KmallocError::Heap(HeapError::NoBytes));
    }
    let most = SLOT_BYTES - FRAME;
    if bytes as u64 > most {
        return Err(KmallocError::RunTooLong { bytes, most });
    }
    let mut slots = SLOTS.lock();
    let free = slots.iter().position(Option::is_none);
    let number = free.ok_or(KmallocError::TooManyRuns)?;
    let run = Run {
        frames: (bytes as u64).div_ceil(FRAME),
        align_frames: 1,
        ceiling: Some(ceiling),
    };
    let first = frames::allocate_run(run, owner | Tag::DMA_SAFE).map_err(KmallocError::Frames)?;
    let taken = DmaRun {
        first,
        frames: run.frames,
        requested: bytes as u64,
        ceiling,
        owner,
        site,
    };
    let start = layout::DEVICES + number as u64 * SLOT_BYTES;
    map(start, &taken)?;
    slots[number] = Some(taken);
    Ok(start)
}

/// Frees the run that begins at this address. Returns false if there is none.
pub fn free(address: VirtAddr) -> bool {
    let mut slots = SLOTS.lock();
    let found = slot_of(address).filter(|&(_, offset)| offset == 0);
    let Some(run) = found.and_then(|(number, _)| slots[number].take()) else {
        return false;
    };
    unmap(address, &run, run.frames);
    true
}

/// Returns the run that starts at this address.
pub fn live(address: VirtAddr) -> Option<DmaRun> {
    let (number, offset) = slot_of(address)?;
    SLOTS.lock()[number].filter(|_| offset == 0)
}

/// Changes the requested bytes of the run at this address. Returns false, and changes nothing, if
/// the run would need more or fewer frames.
pub fn resize(address: VirtAddr, bytes: usize) -> bool {
    let Some((number, 0)) = slot_of(address) else {
        return false;
    };
    let mut slots = SLOTS.lock();
    let run = slots[number]
        .as_mut()
        .filter(|run| (bytes as u64).div_ceil(FRAME) == run.frames);
    run.map(|run| run.requested = bytes as u64).is_some()
}

/// Returns the physical address, which the device needs, of an address in a run.
pub fn physical(address: VirtAddr) -> Option<PhysAddr> {
    let (number, offset) = slot_of(address)?;
    let run = SLOTS.lock()[number].filter(|run| offset < run.frames * FRAME)?;
    Some(run.first.start_address() + offset)
}

/// Calls `visit` with each run.
pub fn for_each(visit: impl FnMut(&DmaRun)) {
    SLOTS.lock().iter().flatten().for_each(visit);
}

/// Returns the slot of an address, and the offset in it.
fn slot_of(address: VirtAddr) -> Option<(usize, u64)> {
    let offset = address.as_u64().checked_sub(layout::DEVICES.as_u64())?;
    let number = (offset / SLOT_BYTES) as usize;
    (number < RUNS).then_some((number, offset % SLOT_BYTES))
}

/// Maps a run. Frees it if there are no frames for tables.
fn map(start: VirtAddr, run: &DmaRun) -> Result<(), KmallocError> {
    tags::set_device_mapped(run.first, run.frames).expect("the frames of a run are in use");
    for number in 0..run.frames {
        let page = start + number * FRAME;
        let frame = (run.first + number).start_address();
        let access = Access::WRITE | Access::GLOBAL;
        match kernel_space::lock().map(page, frame, PageSize::Size4KiB, access) {
            Ok(flush) => flush.not_cached(),
            Err(error) => {
                unmap(start, run, number);
                return Err(KmallocError::Paging(error));
            }
        }
    }
    Ok(())
}

/// Unmaps the first pages of a run, and frees all of it.
fn unmap(start: VirtAddr, run: &DmaRun, pages: u64) {
    for number in 0..pages {
        let unmapped = kernel_space::lock().unmap(start + number * FRAME);
        let (_, flush) = unmapped.expect("the pages of a driver's run are mapped");
        flush.flush();
    }
    tags::clear_device_mapped(run.first, run.frames).expect("the frames of a run are in use");
    frames::lock()
        .free_run(run.first, run.frames)
        .expect("the frames of a run are in use");
}
