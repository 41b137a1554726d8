//! The two interrupt controllers (Intel 8259), cascaded.
//!
//! At first only the timer's line is unmasked; see [`unmask`].

use super::clock;
use crate::lock::Mutex;
use pic8259::ChainedPics;
use x86_64::instructions::interrupts;

/// The first vector after the CPU's exceptions: the controllers deliver from here on.
pub const FIRST_INTERRUPT: u8 = 32;
/// The timer's vector.
pub const TIMER: u8 = FIRST_INTERRUPT;
/// The number of lines of both controllers.
pub const LINES: u8 = 16;
/// The initial masks: only the timer's line is open.
const MASKS: [u8; 2] = [0b1111_1110, 0b1111_1111];

// SAFETY: the vectors 32 to 47 collide with no exception.
static CONTROLLERS: Mutex<ChainedPics> =
    Mutex::new(unsafe { ChainedPics::new_contiguous(FIRST_INTERRUPT) });
/// Sets the controllers up and enables interrupts.
///
/// The interrupt descriptor table must be loaded: it has a handler for each line.
pub fn enable() {
    // SAFETY: the caller loaded a table with a handler for each line.
    unsafe {
        let mut controllers = CONTROLLERS.lock();
        controllers.initialize();
        controllers.write_masks(MASKS[0], MASKS[1]);
    }
    interrupts::enable();
}

/// Unmasks a line.
#[cfg(feature = "demo")]
pub fn unmask(line: u8) {
    /// The line of the first controller that the second one is wired to.
    const CASCADE: u8 = 2;
    // SAFETY: every line has a handler.
    interrupts::without_interrupts(|| unsafe {
        let mut controllers = CONTROLLERS.lock();
        let [first, second] = controllers.read_masks();
        let open = !(1 << line | 1 << CASCADE);
        let masks = u16::from_le_bytes([first, second]) & open;
        let [first, second] = masks.to_le_bytes();
        controllers.write_masks(first, second);
    });
}

/// Acknowledges the interrupt with this vector at the controllers.
pub fn end_of_interrupt(vector: u8) {
    if vector == TIMER {
        clock::ticked();
    }
    // SAFETY: the vector is the one that is being handled.
    unsafe { CONTROLLERS.lock().notify_end_of_interrupt(vector) };
}
