//! The ranges that the kernel's own page tables map at boot.

use super::error::InitError;
use super::map;
use super::paging::kernel_space::{self, whole_pages};
use super::paging::{layout, translation};
use crate::boot::image;
use crate::boot::{self, BootInfo};
use heapless::Vec;
use mm::memory_map::{FirmwareRegion, MemoryKind};
use mm::paging::Access;
use x86_64::{PhysAddr, VirtAddr};

/// Room for the ranges that are mapped at boot.
const RANGES: usize = 256;

/// A range that is mapped at boot.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub page: VirtAddr,
    pub frame: PhysAddr,
    pub bytes: u64,
    pub access: Access,
}

pub type Ranges = Vec<Range, RANGES>;

/// Everything that the kernel's tables map at boot.
pub fn ranges(boot: &BootInfo, screen: Option<boot::Framebuffer>) -> Result<Ranges, InitError> {
    let mut ranges = Ranges::new();
    let mut add = |page, frame, bytes, access| {
        let range = Range {
            page,
            frame,
            bytes,
            access: access | Access::GLOBAL,
        };
        ranges
            .push(range)
            .map_err(|_| InitError::TooManyRanges(RANGES))
    };

    let image = image::image_start();
    let sections = [
        (image::text(), Access::EXECUTE),
        (image::read_only_data(), Access::empty()),
        (image::data(), Access::WRITE),
    ];
    for (section, access) in sections {
        let frame = boot.kernel_start + (section.start - image);
        add(
            VirtAddr::new(section.start),
            frame,
            section.end - section.start,
            access,
        )?;
    }

    // The image itself is not in the direct map: its code has no second, writable address.
    let image = boot.kernel_start.as_u64()..boot.kernel_start.as_u64() + image::image_bytes();
    for (start, end) in ram() {
        for (start, end) in [(start, end.min(image.start)), (start.max(image.end), end)] {
            if start < end {
                let page = boot.direct_map + start;
                add(page, PhysAddr::new(start), end - start, Access::WRITE)?;
                if page + (end - start) > layout::HEAP_GUARD {
                    return Err(InitError::DirectMap(boot.direct_map));
                }
            }
        }
    }

    if let Some(screen) = screen {
        let bytes = whole_pages(u64::from(screen.pitch) * u64::from(screen.height));
        let access = Access::WRITE | Access::WRITE_COMBINING;
        add(layout::FRAMEBUFFER, screen.start, bytes, access)?;
    }
    Ok(ranges)
}

/// Everything that behaves like memory, adjacent regions joined.
pub fn ram() -> impl Iterator<Item = (u64, u64)> {
    let is_ram = |region: &&FirmwareRegion| {
        !matches!(
            region.kind,
            MemoryKind::Framebuffer | MemoryKind::Reserved | MemoryKind::Bad
        )
    };
    let mut rest = map::firmware_map().iter().filter(is_ram).peekable();
    core::iter::from_fn(move || {
        let first = rest.next()?;
        let mut end = first.end();
        while let Some(next) = rest.next_if(|next| next.start.as_u64() == end) {
            end = next.end();
        }
        Some((first.start.as_u64(), end))
    })
}

/// Looks every page up in the active tables: how many there are.
pub fn confirm(ranges: &Ranges) -> Result<usize, InitError> {
    let mut pages = 0;
    for range in ranges {
        let mut offset = 0;
        while offset < range.bytes {
            let page = range.page + offset;
            match kernel_space::lock().lookup(page) {
                Some(found)
                    if found.physical == range.frame + offset
                        && found.access == translation::enforceable(range.access) =>
                {
                    offset += found.size.bytes();
                    pages += 1;
                }
                _ => return Err(InitError::Unconfirmed(page)),
            }
        }
    }
    if kernel_space::is_mapped(VirtAddr::zero()) {
        return Err(InitError::Unconfirmed(VirtAddr::zero()));
    }
    Ok(pages)
}
