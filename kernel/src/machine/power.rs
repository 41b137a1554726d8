//! The way out, with a status that the host can read, and the pause for a picture.

use super::clock;
use crate::boot::exit_code::DEBUG_EXIT;
pub use crate::boot::exit_code::Status;
use x86_64::instructions::{hlt, interrupts, port::Port};

/// Where ACPI's power management stands on QEMU's `pc` and `q35` machines, and on older ones.
const ACPI_CONTROL: [u16; 2] = [0x604, 0xb004];
/// QEMU's `pvpanic`: a 1 written here pauses the machine if QEMU was told so.
const PAUSE: u16 = 0x505;

/// Ends the run. On a machine that cannot be switched off from here, it halts.
pub fn off(status: Status) -> ! {
    log::info!("power off ({status:?})");
    interrupts::disable();
    // SAFETY: these ports switch the machine off or are not there.
    unsafe {
        Port::<u32>::new(DEBUG_EXIT).write(status as u32);
        for port in ACPI_CONTROL {
            Port::<u16>::new(port).write(1 << 13); // SLP_EN, sleep type 0 = S5 on QEMU
        }
    }
    log::info!("it is safe to switch the machine off now");
    loop {
        hlt();
    }
}

/// Lets the host take a picture of the screen: the machine stands still until it did. Without a
/// host that listens, nothing happens.
///
/// Where QEMU counts instructions as time, it skips the time in which nothing but a timer is
/// awaited. A machine that is being paused looks for a moment as if it waited: sometimes the time
/// up to the next tick is skipped then, and sometimes not. So the pause begins right after a tick,
/// and two ticks are awaited after it: it is over at the same time in every run.
pub fn pause_for_picture() {
    let mut port = Port::<u8>::new(PAUSE);
    // SAFETY: reading has no effect; an empty port reads 0xff.
    let capabilities = unsafe { port.read() };
    if capabilities != 0xff && capabilities & 1 != 0 {
        clock::idle();
        interrupts::disable();
        // SAFETY: the device told by its capability bits that it is there.
        unsafe { port.write(1) };
        if clock::has_tick() {
            interrupts::enable_and_hlt();
        }
        interrupts::enable();
        clock::idle();
    }
}
