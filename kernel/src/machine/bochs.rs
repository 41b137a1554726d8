//! The Bochs display (QEMU's `-vga std`), for boots in which no firmware sets a mode.
//!
//! Source: QEMU's docs/specs/standard-vga. Two ports set the mode; BAR 0 of the PCI device is the
//! linear framebuffer.

use super::pci::Function;
use crate::boot::Framebuffer;
use x86_64::PhysAddr;
use x86_64::instructions::port::Port;

/// Vendor and device number of the display.
const PCI_ID: u32 = 0x1111_1234;
/// The index register of the display, and its data register.
const INDEX: u16 = 0x1ce;
const DATA: u16 = 0x1cf;

/// The registers that the index selects.
#[derive(Clone, Copy)]
#[repr(u16)]
enum Register {
    Id = 0,
    Width = 1,
    Height = 2,
    BitsPerPixel = 3,
    Enable = 4,
    VirtualWidth = 6,
    OffsetX = 8,
    OffsetY = 9,
    MemoryBlocks = 10,
}

/// The versions of the display.
const IDS: core::ops::RangeInclusive<u16> = 0xb0c0..=0xb0cf;
/// Enabled, with a linear framebuffer.
const ENABLED_LINEAR: u16 = 0x41;

/// The reason why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisplayError {
    /// The device is not on the PCI bus.
    Absent,
    /// The display has less memory than the mode needs.
    Memory { needed: u64, present: u64 },
    /// The device refused the mode.
    Refused { width: u32, height: u32 },
}

impl core::fmt::Display for DisplayError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            DisplayError::Absent => write!(f, "no Bochs display (-vga std) found"),
            DisplayError::Memory { needed, present } => {
                write!(
                    f,
                    "the mode needs {needed} B of display memory, {present} B are there"
                )
            }
            DisplayError::Refused { width, height } => {
                write!(f, "the display refuses {width}x{height}")
            }
        }
    }
}

/// Sets a mode of 32 bits a pixel.
///
/// # Errors
/// When there is no such display, or it cannot show that mode.
pub fn set_mode(width: u32, height: u32) -> Result<Framebuffer, DisplayError> {
    let start = find_aperture().ok_or(DisplayError::Absent)?;
    if !IDS.contains(&read(Register::Id)) {
        return Err(DisplayError::Absent);
    }
    let needed = u64::from(width) * u64::from(height) * 4;
    let present = u64::from(read(Register::MemoryBlocks)) << 16;
    if needed > present {
        return Err(DisplayError::Memory { needed, present });
    }
    write(Register::Enable, 0);
    write(Register::Width, width as u16);
    write(Register::Height, height as u16);
    write(Register::BitsPerPixel, 32);
    write(Register::VirtualWidth, width as u16);
    write(Register::OffsetX, 0);
    write(Register::OffsetY, 0);
    write(Register::Enable, ENABLED_LINEAR);
    if u32::from(read(Register::Width)) != width || u32::from(read(Register::Height)) != height {
        return Err(DisplayError::Refused { width, height });
    }
    let pitch = u32::from(read(Register::VirtualWidth)) * 4;
    Ok(Framebuffer {
        start,
        width,
        height,
        pitch,
        shifts: [16, 8, 0],
    })
}

/// Returns whether this framebuffer is the one of the emulated display.
pub fn shows(framebuffer: &Framebuffer) -> bool {
    find_aperture() == Some(framebuffer.start)
}

/// Returns BAR 0 of the display, and enables its memory decoding.
fn find_aperture() -> Option<PhysAddr> {
    let mut devices = (0..32).map(|device| Function::new(device, 0));
    let display = devices.find(|device| device.read(0) == PCI_ID)?;
    display.enable_memory();
    let low = display.read(0x10);
    let high = if low & 0b110 == 0b100 {
        display.read(0x14)
    } else {
        0
    };
    let start = u64::from(high) << 32 | u64::from(low & !0xf);
    (start != 0).then(|| PhysAddr::new(start))
}

fn read(register: Register) -> u16 {
    // SAFETY: the two ports belong to the display, or to no device.
    unsafe {
        Port::<u16>::new(INDEX).write(register as u16);
        Port::<u16>::new(DATA).read()
    }
}

fn write(register: Register, value: u16) {
    // SAFETY: as in `read`; these registers only change the mode.
    unsafe {
        Port::<u16>::new(INDEX).write(register as u16);
        Port::<u16>::new(DATA).write(value);
    }
}
