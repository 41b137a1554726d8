//! Heat registers: how recently and how often each frame was used.
//!
//! ```text
//! frames::allocate, allocate_for_fault ──► register of the frame (mm::heat) ──► events
//! paging::heat_sampler: accessed bits  ──►
//! ```
//! Cargo feature `use-counters`; `use-counters=off` on the command line.

use crate::lock::{Mutex, MutexGuard};
use crate::memory::trace::KernelTracer;
use mm::heat::{FrameUses, Heat, Level};
use spin::Once;
use x86_64::structures::paging::PhysFrame;

/// The registers with the kernel's tracer.
pub type Registers = Heat<'static, KernelTracer>;

static REGISTERS: Once<Mutex<Registers>> = Once::new();

/// Counts uses from now on.
pub fn start(registers: Registers) {
    REGISTERS.call_once(|| Mutex::new(registers));
}

/// Locks the registers. Without the feature there are none, and the compiler drops the code that
/// uses them.
#[inline(always)]
pub fn lock() -> Option<MutexGuard<'static, Registers>> {
    let registers = REGISTERS.get().filter(|_| cfg!(feature = "use-counters"))?;
    Some(registers.lock())
}

/// Returns whether uses are counted.
pub fn is_on() -> bool {
    cfg!(feature = "use-counters") && REGISTERS.get().is_some()
}

/// Returns the size of the registers in bytes.
pub fn metadata_bytes() -> u64 {
    lock().map_or(0, |registers| registers.metadata_bytes())
}

/// Marks frames as used because they were allocated.
#[inline]
pub fn allocated(first: PhysFrame, frames: u64) {
    if let Some(mut registers) = lock() {
        registers.allocated(first, frames);
    }
}

/// Marks a frame as used because it was allocated for a fault, and counts the fault.
#[inline]
pub fn faulted(frame: PhysFrame) {
    if let Some(mut registers) = lock() {
        registers.faulted(frame);
    }
}

/// Returns the level of a frame as of the last event; every frame is cold without counters.
pub fn level(frame: PhysFrame) -> Level {
    uses(frame).map_or(Level::COLD, |uses| uses.level())
}

/// Returns the counters of a frame.
pub fn uses(frame: PhysFrame) -> Option<FrameUses> {
    lock()?.uses(frame).copied()
}

/// Recounts the registers, and returns how many frames are warm.
///
/// # Errors
/// The first frame whose register disagrees with the list of warm frames.
pub fn validate() -> Result<usize, PhysFrame> {
    let Some(registers) = lock() else {
        return Ok(0);
    };
    registers.validate()?;
    Ok(registers.warm_frames())
}
