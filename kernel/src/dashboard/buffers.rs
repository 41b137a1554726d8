//! The buffers of a dashboard: frames with an owner of their own.

use crate::memory::heap::kernel_heap;
use crate::memory::map;
use crate::memory::physical::frames;
use crate::memory::physical::slices::Slices;
use core::fmt;
use embedded_graphics::geometry::Size;
use memviz::dashboard::{DashboardError, DashboardStorage, needs};
use memviz::model::ModelStorage;
use memviz::timeline::{self, Timeline};
use memviz::view::changes::ChangesStorage;
use mm::frame::AllocateError;
use mm::tag::Tag;

/// The history takes at most one part in this many of memory.
const HISTORY_SHARE: u64 = 20;

/// The reason why there is no dashboard.
#[derive(Clone, Copy, Debug)]
pub enum SessionError {
    /// The screen is too small.
    Screen(DashboardError),
    /// No frames are free for its buffers.
    Frames(AllocateError),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SessionError::Screen(DashboardError::ScreenTooSmall(size)) => {
                write!(f, "a screen of {}x{} is too small", size.width, size.height)
            }
            SessionError::Frames(error) => error.fmt(f),
        }
    }
}

impl From<DashboardError> for SessionError {
    fn from(error: DashboardError) -> SessionError {
        SessionError::Screen(error)
    }
}

impl From<AllocateError> for SessionError {
    fn from(error: AllocateError) -> SessionError {
        SessionError::Frames(error)
    }
}

/// The buffers of a dashboard.
pub(super) struct Buffers {
    pub storage: DashboardStorage<'static>,
    pub timeline: Timeline<'static>,
    pub pixels: &'static mut [u32],
    pub marks: &'static mut [u64],
}

/// Allocates buffers for a screen of this size; they are freed unless the caller keeps the slices.
pub(super) fn buffers(size: Size) -> Result<(Slices, Buffers), SessionError> {
    let pixels = size.width as usize * size.height as usize;
    let total = frames::lock().frames();
    let heap_bytes = kernel_heap::lock().statistics().maximum_bytes as usize;
    let needs = needs(total, heap_bytes, size)?;
    let mut slices = Slices::new(Tag::MEMVIZ);
    // SAFETY: memviz documents that zeros are valid content of its buffers. The caller keeps the
    // slices, or drops them with the buffers.
    let buffers = unsafe {
        let timeline = history(&mut slices)?;
        let storage = DashboardStorage {
            model: ModelStorage {
                frames: slices.add(needs.model.frames)?,
                granules: slices.add(needs.model.granules)?,
                heap_frames: slices.add(needs.model.heap_frames)?,
                arena_blocks: slices.add(needs.model.arena_blocks)?,
                faults: slices.add(needs.model.faults)?,
                firmware_map: slices.add(needs.model.firmware_map)?,
                tables: slices.add(needs.model.tables)?,
                swapped_pages: slices.add(needs.model.swapped_pages)?,
                swap_slots: slices.add(needs.model.swap_slots)?,
                regions: slices.add(needs.model.regions)?,
                processes: slices.add(needs.model.processes)?,
            },
            changes: ChangesStorage {
                cells: slices.add(needs.changes.cells)?,
                accents: slices.add(needs.changes.accents)?,
                dirty_cells: slices.add(needs.changes.dirty_cells)?,
                subtotals: slices.add(needs.changes.subtotals)?,
                dirty_heap_frames: slices.add(needs.changes.dirty_heap_frames)?,
            },
            samples: slices.add(needs.samples)?,
            matches: slices.add(timeline.slots().len().div_ceil(64))?,
        };
        Buffers {
            storage,
            timeline,
            marks: slices.add(size.height as usize)?,
            pixels: slices.add(pixels)?,
        }
    };
    Ok((slices, buffers))
}

/// Allocates the buffers of another dashboard and frees them, for the self-test.
///
/// # Errors
/// See [`SessionError`].
pub fn try_buffers(width: u32, height: u32) -> Result<(), SessionError> {
    buffers(Size::new(width, height)).map(drop)
}

/// Allocates the longest history that memory allows.
fn history(slices: &mut Slices) -> Result<Timeline<'static>, AllocateError> {
    let most = map::usable_bytes() / HISTORY_SHARE / size_of::<timeline::EventWords>() as u64;
    let mut events = timeline::EVENTS.min(most as usize);
    // SAFETY: as for the other buffers.
    unsafe {
        let evicted = slices.add(timeline::EVICTED_FAULTS)?;
        loop {
            match slices.add(events) {
                Ok(slots) => return Ok(Timeline::new(slots, evicted)),
                Err(error) if events == 0 => return Err(error),
                Err(_) => events /= 2,
            }
        }
    }
}
