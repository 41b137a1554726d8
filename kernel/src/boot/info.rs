//! [`BootInfo`]: the data that the kernel has about its start, the same for all three entries.

use crate::lock::{Mutex, MutexGuard};
use core::fmt;
use heapless::String;
use mm::memory_map::FirmwareEntry;
use x86_64::{PhysAddr, VirtAddr};

/// The longest command line that is kept, in bytes.
pub const COMMAND_LINE_BYTES: usize = 1024;
/// The maximum number of entries of the firmware map after neighbours are joined.
pub const FIRMWARE_ENTRIES: usize = 1024;

/// The entries of the firmware map.
pub type FirmwareEntries = mm::memory_map::FirmwareEntries<FIRMWARE_ENTRIES>;

/// The storage of the entries, which are too many for a stack.
static RAW: Mutex<FirmwareEntries> = Mutex::new(FirmwareEntries::new());

/// The entry through which the kernel was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// PVH: the emulator loaded the ELF without a boot loader.
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

/// A file that the boot loader placed in memory.
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
    /// Pixels per row.
    pub width: u32,
    /// The number of rows.
    pub height: u32,
    /// Bytes from the start of one row to the next.
    pub pitch: u32,
    /// The lowest bits of red, green and blue in a pixel.
    pub shifts: [u8; 3],
}

/// The data that the kernel has about its start.
pub struct BootInfo {
    /// The entry.
    pub way: Way,
    /// The memory map as the firmware or the boot loader reports it.
    pub regions: &'static mut FirmwareEntries,
    /// The framebuffer, if the boot loader set one up.
    pub framebuffer: Option<Framebuffer>,
    /// The base of the direct map: virtual address = base + physical address.
    pub direct_map: VirtAddr,
    /// The end of the physical memory in the direct map, until the kernel has its own
    /// tables.
    pub reachable: PhysAddr,
    /// The physical address of the first byte of the kernel image.
    pub kernel_start: PhysAddr,
    /// The command line.
    pub command_line: String<COMMAND_LINE_BYTES>,
    /// True if the command line was cut to [`COMMAND_LINE_BYTES`].
    pub command_line_cut: bool,
    /// The first boot module: the symbol table.
    pub symbols: Option<Module>,
    /// The number of boot modules; the kernel uses the first one.
    pub modules: usize,
}

impl BootInfo {
    /// Creates a record that holds only the entry and the direct map.
    ///
    /// # Panics
    /// On the second call: there is one array for the entries.
    pub(super) fn new(
        way: Way,
        direct_map: VirtAddr,
        reachable: PhysAddr,
        kernel_start: PhysAddr,
    ) -> Self {
        BootInfo {
            way,
            regions: MutexGuard::leak(RAW.try_lock().expect("the kernel boots once")),
            framebuffer: None,
            direct_map,
            reachable,
            kernel_start,
            command_line: String::new(),
            command_line_cut: false,
            symbols: None,
            modules: 0,
        }
    }

    /// Ensures that the direct map of the boot tables has `start..end`. Returns false if the tables
    /// cannot map it.
    ///
    /// # Safety
    /// The boot tables are active, and no other code changes them.
    pub unsafe fn reach(&self, start: u64, end: u64) -> bool {
        match self.way {
            _ if end <= self.reachable.as_u64() => true,
            // SAFETY: as the caller promises.
            Way::Direct => unsafe { super::pvh_map::map(start, end) },
            Way::LimineBios | Way::LimineUefi => false,
        }
    }

    /// Adds an entry of the firmware map.
    pub(super) fn add_region(&mut self, region: FirmwareEntry) {
        self.regions.add(region);
    }

    /// Adds a boot module. Its memory stays in use, whether the kernel uses it or not.
    pub(super) fn add_module(&mut self, module: Module) {
        self.modules += 1;
        self.symbols.get_or_insert(module);
    }

    /// Stores the command line. Omits bytes that are not UTF-8, and cuts a long line.
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
