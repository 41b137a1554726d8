//! The entry for the Limine boot protocol, on BIOS and on UEFI.
//!
//! Limine finds the requests below in the image and answers them in its own (reclaimable) memory.
//! It calls [`limine_entry`] in 64-bit mode with all usable memory mapped at the HHDM offset.
//! Source: the Limine boot protocol, base revisions 2 and 3.

use super::info::{BootInfo, Framebuffer, Module, Way, start_kernel};
use super::{image, stack};
use core::arch::naked_asm;
use limine::BaseRevision;
use limine::firmware_type::FirmwareType;
use limine::memory_map::{Entry, EntryType};
use limine::request::{
    ExecutableAddressRequest, ExecutableFileRequest, FirmwareTypeRequest, FramebufferRequest,
    HhdmRequest, MemoryMapRequest, ModuleRequest, RequestsEndMarker, RequestsStartMarker,
};
use mm::memory_map::{FirmwareEntry, MemoryKind};
use x86_64::{PhysAddr, VirtAddr};

#[used]
#[unsafe(link_section = ".requests_start")]
static REQUESTS_START: RequestsStartMarker = RequestsStartMarker::new();
// A loader that knows only revision 2 answers with 2, which the kernel accepts too.
#[used]
#[unsafe(link_section = ".requests")]
static BASE_REVISION: BaseRevision = BaseRevision::with_revision(3);
#[used]
#[unsafe(link_section = ".requests")]
static FIRMWARE: FirmwareTypeRequest = FirmwareTypeRequest::new();
#[used]
#[unsafe(link_section = ".requests")]
static HHDM: HhdmRequest = HhdmRequest::new();
#[used]
#[unsafe(link_section = ".requests")]
static MEMORY_MAP: MemoryMapRequest = MemoryMapRequest::new();
#[used]
#[unsafe(link_section = ".requests")]
static FRAMEBUFFER: FramebufferRequest = FramebufferRequest::new();
#[used]
#[unsafe(link_section = ".requests")]
static ADDRESS: ExecutableAddressRequest = ExecutableAddressRequest::new();
// Limine 8 does not know a request for the command line alone.
#[used]
#[unsafe(link_section = ".requests")]
static FILE: ExecutableFileRequest = ExecutableFileRequest::new();
#[used]
#[unsafe(link_section = ".requests")]
static MODULES: ModuleRequest = ModuleRequest::new();
#[used]
#[unsafe(link_section = ".requests_end")]
static REQUESTS_END: RequestsEndMarker = RequestsEndMarker::new();

/// Switches from Limine's stack to the boot stack, which is longer and whose use is measured.
/// Limine jumps here.
#[unsafe(no_mangle)]
#[unsafe(naked)]
extern "C" fn limine_entry() -> ! {
    naked_asm!(
        "lea rsp, [rip + {stack} + {bytes}]",
        "xor ebp, ebp",
        "call {main}",
        stack = sym stack::STACK,
        bytes = const stack::BYTES,
        main = sym limine_main,
    )
}

/// Runs first of all Rust code after a boot by Limine, on the boot stack.
extern "C" fn limine_main() -> ! {
    start_kernel(boot_info())
}

/// Reads the answers of the boot loader.
///
/// # Panics
/// If the loader knows neither base revision, or gave no answer to a required request.
fn boot_info() -> BootInfo {
    // A loader older than revision 3 (Limine 8.2) does not report its revision; it uses the highest
    // that it knows.
    let revision = BASE_REVISION.loaded_revision();
    assert!(
        BASE_REVISION.is_supported() || matches!(revision, None | Some(2 | 3)),
        "the boot loader offers Limine base revision {revision:?}; 2 or 3 is needed"
    );
    let way = match FIRMWARE.get_response().map(|answer| answer.firmware_type()) {
        Some(FirmwareType::UEFI_32 | FirmwareType::UEFI_64) => Way::LimineUefi,
        _ => Way::LimineBios,
    };
    let direct_map = HHDM
        .get_response()
        .expect("the boot loader gives no HHDM")
        .offset();
    let kernel = ADDRESS
        .get_response()
        .expect("the boot loader gives no load address");
    let kernel_start = kernel.physical_base() + (image::image_start() - kernel.virtual_base());
    let reachable = PhysAddr::new((1 << 52) - 1);
    let mut info = BootInfo::new(
        way,
        VirtAddr::new(direct_map),
        reachable,
        PhysAddr::new(kernel_start),
    );

    if let Some(answer) = MEMORY_MAP.get_response() {
        answer
            .entries()
            .iter()
            .for_each(|entry| info.add_region(firmware_entry(entry)));
    }
    if let Some(answer) = FILE.get_response() {
        info.set_command_line(answer.file().string().to_bytes());
    }
    if let Some(answer) = MODULES.get_response() {
        for file in answer.modules() {
            let start = file.addr() as u64 - direct_map;
            info.add_module(Module {
                start: PhysAddr::new(start),
                bytes: file.size(),
            });
        }
    }
    info.framebuffer = framebuffer(direct_map);
    info
}

/// Converts an entry of Limine's memory map.
fn firmware_entry(entry: &Entry) -> FirmwareEntry {
    let kind = match entry.entry_type {
        EntryType::USABLE => MemoryKind::Usable,
        EntryType::BOOTLOADER_RECLAIMABLE => MemoryKind::BootloaderReclaimable,
        EntryType::ACPI_RECLAIMABLE => MemoryKind::AcpiReclaimable,
        EntryType::EXECUTABLE_AND_MODULES => MemoryKind::KernelAndModules,
        EntryType::FRAMEBUFFER => MemoryKind::Framebuffer,
        EntryType::ACPI_NVS => MemoryKind::AcpiNvs,
        EntryType::BAD_MEMORY => MemoryKind::Bad,
        _ => MemoryKind::Reserved,
    };
    FirmwareEntry {
        start: entry.base,
        bytes: entry.length,
        kind,
    }
}

/// Returns the first framebuffer of 32 bits per pixel.
fn framebuffer(direct_map: u64) -> Option<Framebuffer> {
    let mut all = FRAMEBUFFER.get_response()?.framebuffers();
    let found = all.find(|candidate| candidate.bpp() == 32)?;
    Some(Framebuffer {
        start: PhysAddr::new(found.addr() as u64 - direct_map),
        width: found.width() as u32,
        height: found.height() as u32,
        pitch: found.pitch() as u32,
        shifts: [
            found.red_mask_shift(),
            found.green_mask_shift(),
            found.blue_mask_shift(),
        ],
    })
}
