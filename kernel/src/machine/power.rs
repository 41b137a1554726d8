//! Power off, with a status that the host can read, and the pause for a picture.

use super::clock;
use crate::boot::exit_code::DEBUG_EXIT;
pub use crate::boot::exit_code::Status;
use x86_64::instructions::{hlt, interrupts, port::Port};

/// The ports of ACPI's power management on QEMU's `pc` and `q35` machines, and on older ones.
const ACPI_CONTROL: [u16; 2] = [0x604, 0xb004];
/// QEMU's `pvpanic`: a 1 written here pauses the machine if QEMU's options say so.
const PAUSE: u16 = 0x505;

/// Ends the run. Halts on a machine that these ports do not power off.
pub fn off(status: Status) -> ! {
    log::info!("power off ({status:?})");
    interrupts::disable();
    // SAFETY: these ports power the machine off or are absent.
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

/// Pauses the machine until the host has taken a picture of the screen. Does nothing if the host
/// did not request pauses.
///
/// Where QEMU counts instructions as time, it skips time in which the CPU only waits for a timer.
/// While QEMU pauses a machine, it may or may not skip the time up to the next tick. So the pause
/// starts right after a tick, and the kernel waits for two ticks after it: the pause ends at the
/// same time in every run.
pub fn pause_for_picture() {
    let mut port = Port::<u8>::new(PAUSE);
    // SAFETY: reading has no effect; an empty port reads 0xff.
    let capabilities = unsafe { port.read() };
    if capabilities != 0xff && capabilities & 1 != 0 {
        clock::idle();
        interrupts::disable();
        // SAFETY: the capability bits say that the device exists.
        unsafe { port.write(1) };
        if clock::has_tick() {
            interrupts::enable_and_hlt();
        }
        interrupts::enable();
        clock::idle();
    }
}
