//! Runs of frames for devices: contiguous, below a ceiling, used through the direct map.
//!
//! The table remembers how long each run is, so that its address alone suffices to give it back.

use super::frames::{self, FRAME};
use super::kmalloc::KmallocError;
use heapless::Vec;
use mm::frame::Run;
use mm::heap::{HeapError, Site};
use mm::tag::Tag;
use spin::Mutex;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

/// The most runs that drivers may have.
pub const RUNS: usize = 64;

/// A run of frames that a driver has.
#[derive(Clone, Copy, Debug)]
pub struct DmaRun {
    /// Its first frame.
    pub first: PhysFrame,
    /// How many.
    pub frames: u64,
    /// How many bytes were asked for.
    pub requested: u64,
    /// By whom.
    pub site: Site,
}

static DMA_RUNS: Mutex<Vec<DmaRun, RUNS>> = Mutex::new(Vec::new());

/// `bytes` zeroed bytes in contiguous frames that lie below `ceiling`.
///
/// # Errors
/// No bytes, no such run of frames, or too many runs.
pub fn allocate(
    bytes: usize,
    ceiling: PhysAddr,
    owner: Tag,
    site: Site,
) -> Result<VirtAddr, KmallocError> {
    if bytes == 0 {
        return Err(KmallocError::Heap(HeapError::NoBytes));
    }
    let mut runs = DMA_RUNS.lock();
    if runs.is_full() {
        return Err(KmallocError::TooManyRuns);
    }
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
        site,
    };
    runs.push(taken).expect("there was room a moment ago");
    Ok(frames::direct_map() + first.start_address().as_u64())
}

/// Gives a driver's run back if one begins at this address of the direct map.
pub fn free(address: VirtAddr) -> bool {
    let Some(physical) = physical(address) else {
        return false;
    };
    let mut runs = DMA_RUNS.lock();
    let mut places = runs.iter();
    let Some(place) = places.position(|run| run.first.start_address() == physical) else {
        return false;
    };
    let run = runs.swap_remove(place);
    frames::lock()
        .free_run(run.first, run.frames)
        .expect("a driver's run is its own");
    true
}

/// The physical address of something in the direct map.
pub fn physical(address: VirtAddr) -> Option<PhysAddr> {
    let offset = address
        .as_u64()
        .checked_sub(frames::direct_map().as_u64())?;
    PhysAddr::try_new(offset).ok()
}

/// Calls `visit` with each run that a driver has.
pub fn for_each(visit: impl FnMut(&DmaRun)) {
    DMA_RUNS.lock().iter().for_each(visit);
}
