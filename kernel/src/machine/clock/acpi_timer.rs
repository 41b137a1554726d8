//! The power management timer of ACPI: a clock that counts without end.
//!
//! It has 24 bits and wraps after 4.7 s. The kernel finds its port in the chipset, not in ACPI's
//! tables, which no boot loader maps. So it knows only the chipsets that emulators have.

use super::reading::Reading;
use crate::machine::pci::Function;
use core::sync::atomic::{AtomicU16, Ordering};
use x86_64::instructions::port::Port;

/// The port of the timer; 0 without one.
static PORT: AtomicU16 = AtomicU16::new(0);
/// The bits of the counter.
const BITS: u32 = 0x00ff_ffff;

/// The power management block of a chipset.
struct Chipset {
    /// Vendor and device of the function that has the block.
    id: u32,
    function: Function,
    /// The register and the bit that enable the block.
    enable: (u32, u32),
    /// The register that holds its first port.
    base: u32,
}

const CHIPSETS: [Chipset; 2] = [
    // PIIX4: QEMU's `pc`.
    Chipset {
        id: 0x7113_8086,
        function: Function::new(1, 3),
        enable: (0x80, 1 << 0),
        base: 0x40,
    },
    // ICH9: QEMU's `q35`.
    Chipset {
        id: 0x2918_8086,
        function: Function::new(31, 0),
        enable: (0x44, 1 << 7),
        base: 0x40,
    },
];

/// Finds the timer, if the chipset is a known one and its firmware enabled the timer.
pub fn find() {
    /// The first port of the block, and the offset of the timer in it.
    const BASE: u32 = 0xff80;
    const TIMER: u16 = 8;
    let is_here = |chipset: &&Chipset| {
        let (register, bit) = chipset.enable;
        chipset.function.read(0) == chipset.id && chipset.function.read(register) & bit != 0
    };
    if let Some(chipset) = CHIPSETS.iter().find(is_here) {
        let base = chipset.function.read(chipset.base) & BASE;
        PORT.store(base as u16 + TIMER, Ordering::Relaxed);
    }
}

/// The timer, and its count at the start.
pub struct AcpiTimer {
    port: u16,
    start: u32,
}

impl AcpiTimer {
    /// Counts from now on. `None` without a timer, or if the timer does not count.
    pub fn start() -> Option<AcpiTimer> {
        /// Reads in which a timer that runs counts: each takes more than 0.1 µs on any machine.
        const READS: u32 = 1000;
        let port = PORT.load(Ordering::Relaxed);
        let start = (port != 0).then(|| count(port))?;
        let is_running = (0..READS).any(|_| count(port) != start);
        is_running.then_some(AcpiTimer { port, start })
    }

    /// Reads both clocks.
    pub fn read(&self) -> Reading {
        Reading::of(|| (count(self.port).wrapping_sub(self.start) & BITS).into())
    }
}

fn count(port: u16) -> u32 {
    // SAFETY: a read of the timer changes nothing.
    unsafe { Port::<u32>::new(port).read() & BITS }
}
