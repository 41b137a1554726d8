//! What the kernel must know about how it was started: the same for all three ways in.

use core::fmt;
use heapless::{String, Vec};
use mm::memory_map::FirmwareEntry;
use spin::{Mutex, MutexGuard};
use x86_64::{PhysAddr, VirtAddr};

/// The longest command line that is kept, in bytes.
pub const COMMAND_LINE_BYTES: usize = 1024;
/// The most regions that are taken from the firmware.
pub const FIRMWARE_ENTRIES: usize = 512;
/// The most boot modules that are kept.
pub const MODULES: usize = 4;

/// The firmware's regions.
pub type FirmwareEntries = Vec<FirmwareEntry, FIRMWARE_ENTRIES>;

/// Where they stand: too many for a stack.
static RAW: Mutex<FirmwareEntries> = Mutex::new(Vec::new());

/// Which way the machine came up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// PVH: the emulator loaded the ELF, no bootloader at all.
    Direct,
    /// Limine on a BIOS.
    LimineBios,
    /// Limine on UEFI.
    LimineUefi,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Direct => "direct (PVH)",
            Way::LimineBios => "Limine on BIOS",
            Way::LimineUefi => "Limine on UEFI",
        })
    }
}

/// A file that the bootloader put into memory for us.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// Its first byte.
    pub start: PhysAddr,
    /// Its length in bytes.
    pub bytes: u64,
}

/// A linear framebuffer of 32 bits a pixel.
#[derive(Clone, Copy, Debug)]
pub struct Framebuffer {
    /// The first pixel.
    pub start: PhysAddr,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes from one row to the next.
    pub pitch: u32,
    /// Where red, green and blue begin in a pixel, in bits.
    pub shifts: [u8; 3],
}

/// What the kernel must know about how it came here. The same for all ways in.
pub struct BootInfo {
    /// The way in.
    pub way: Way,
    /// The memory map as the firmware or the bootloader tells it.
    pub regions: &'static mut FirmwareEntries,
    /// How many regions did not fit.
    pub regions_dropped: usize,
    /// The framebuffer, if the bootloader set one up.
    pub framebuffer: Option<Framebuffer>,
    /// All of memory that this kernel may use is mapped here: virtual = this + physical.
    pub direct_map: VirtAddr,
    /// Only physical memory below this address is mapped there until the kernel has its own
    /// tables.
    pub reachable: PhysAddr,
    /// Where the first byte of the kernel image was loaded.
    pub kernel_start: PhysAddr,
    /// The command line.
    pub command_line: String<COMMAND_LINE_BYTES>,
    /// Whether the command line was cut to [`COMMAND_LINE_BYTES`].
    pub command_line_cut: bool,
    /// Boot modules. The first one is the symbol table.
    pub modules: Vec<Module, MODULES>,
}

impl BootInfo {
    /// A record that holds only the way in and where memory is mapped.
    ///
    /// # Panics
    /// On the second call: there is one array for the regions.
    pub(super) fn new(
        way: Way,
        direct_map: VirtAddr,
        reachable: PhysAddr,
        kernel_start: PhysAddr,
    ) -> Self {
        BootInfo {
            way,
            regions: MutexGuard::leak(RAW.try_lock().expect("the kernel comes up once")),
            regions_dropped: 0,
            framebuffer: None,
            direct_map,
            reachable,
            kernel_start,
            command_line: String::new(),
            command_line_cut: false,
            modules: Vec::new(),
        }
    }

    /// Adds a region of the memory map, or counts it as dropped.
    pub(super) fn add_region(&mut self, region: FirmwareEntry) {
        if self.regions.push(region).is_err() {
            self.regions_dropped += 1;
        }
    }

    /// Takes the command line; what is not UTF-8, or too long, is cut off.
    pub(super) fn set_command_line(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                if self.command_line.push(character).is_err() {
                    self.command_line_cut = true;
                    return;
                }
            }
        }
    }
}

unsafe extern "Rust" {
    /// The kernel's first function after boot, on the boot stack; `main.rs` defines it.
    pub(super) safe fn start_kernel(boot: BootInfo) -> !;
}
