//! The panic handler: logs the message, the location and the callers, then ends the run with a
//! failure.

use super::power::{self, Status};
use super::{serial, stack_trace};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

static PANICKING: AtomicBool = AtomicBool::new(false);

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    x86_64::instructions::interrupts::disable();
    if PANICKING.swap(true, Ordering::Relaxed) {
        // A panic while a panic is reported: end at once.
        power::off(Status::Failure);
    }
    // SAFETY: interrupts are off and this is the only CPU: the holder never runs again.
    unsafe { serial::seize() };
    match info.location() {
        Some(location) => log::error!("panic at {location}: {}", info.message()),
        None => log::error!("panic: {}", info.message()),
    }
    let rbp = stack_trace::frame_pointer();
    stack_trace::log(panic as *const () as u64, rbp);
    power::off(Status::Failure)
}
