//! The ranges that the kernel's own page tables map at boot.

use super::error::InitError;
use super::map;
use super::paging::kernel_space::{self, whole_pages};
use super::paging::{layout, translation};
use crate::boot::image;
use crate::boot::{self, BootInfo};
use mm::memory_map::{FirmwareRegion, MemoryKind};
use mm::paging::Access;
use x86_64::{PhysAddr, VirtAddr};

/// A range that is mapped at boot.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    pub page: VirtAddr,
    pub frame: PhysAddr,
    pub bytes: u64,
    pub access: Access,
}

/// Returns everything that the kernel's tables map at boot: sections of the image, RAM, the
/// framebuffer.
pub fn ranges(boot: &BootInfo, screen: Option<boot::Framebuffer>) -> impl Iterator<Item = Range> {
    let (kernel_start, direct_map) = (boot.kernel_start, boot.direct_map);
    let start = image::image_start();
    let sections = [
        (image::text(), Access::EXECUTE),
        (image::read_only_data(), Access::empty()),
        (image::data(), Access::WRITE),
    ];
    let image = sections.into_iter().map(move |(section, access)| Range {
        page: VirtAddr::new(section.start),
        frame: kernel_start + (section.start - start),
        bytes: section.end - section.start,
        access: access | Access::GLOBAL,
    });
    // The image itself is not in the direct map: its code has no second, writable address.
    let image_frames = kernel_start.as_u64()..kernel_start.as_u64() + image::image_bytes();
    let around_image = move |(start, end): (u64, u64)| {
        [
            (start, end.min(image_frames.start)),
            (start.max(image_frames.end), end),
        ]
    };
    let ram = ram()
        .flat_map(around_image)
        .filter(|(start, end)| start < end);
    let ram = ram.map(move |(start, end)| Range {
        page: direct_map + start,
        frame: PhysAddr::new(start),
        bytes: end - start,
        access: Access::WRITE | Access::GLOBAL,
    });
    let screen = screen.map(|screen| Range {
        page: layout::FRAMEBUFFER,
        frame: screen.start,
        bytes: whole_pages(u64::from(screen.pitch) * u64::from(screen.height)),
        access: Access::WRITE | Access::WRITE_COMBINING | Access::GLOBAL,
    });
    image.chain(ram).chain(screen)
}

/// Checks that the direct map of all RAM ends below the kernel's own addresses.
///
/// # Errors
/// If it does not.
pub fn check_direct_map(boot: &BootInfo) -> Result<(), InitError> {
    let end = ram().map(|(_, end)| end).max().unwrap_or(0);
    let room = layout::HEAP_GUARD
        .as_u64()
        .checked_sub(boot.direct_map.as_u64());
    match room.is_some_and(|room| end <= room) {
        true => Ok(()),
        false => Err(InitError::DirectMap(boot.direct_map)),
    }
}

/// Returns the regions of RAM, with adjacent ones joined.
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

/// Looks up every page in the active tables, and returns the number of pages.
pub fn confirm(ranges: impl Iterator<Item = Range>) -> Result<usize, InitError> {
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
