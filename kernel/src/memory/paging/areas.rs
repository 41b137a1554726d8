//! The parts of the address space by name, and the regions that are mapped at boot forever.

use crate::boot::Framebuffer;
use crate::boot::image;
use crate::memory::paging::kernel_space::whole_pages;
use crate::memory::paging::{layout, regions, user_layout};
use crate::memory::physical::frames;
use mm::paging::RegionPolicy;
use mm::tag::Tag;
use x86_64::VirtAddr;

/// Opens the regions of the image, of the direct map up to this physical address, and of the
/// screen.
pub fn open(memory_end: u64, screen: Option<Framebuffer>) {
    let fixed = |start: VirtAddr, bytes: u64, owner: Tag| {
        regions::open(start, whole_pages(bytes), RegionPolicy::Fixed, owner);
    };
    for section in [image::text(), image::read_only_data(), image::data()] {
        let start = VirtAddr::new(section.start);
        fixed(start, section.end - section.start, Tag::KERNEL);
    }
    if !frames::direct_map().is_null() {
        fixed(frames::direct_map(), memory_end, Tag::KERNEL);
    }
    if let Some(screen) = screen {
        let bytes = u64::from(screen.pitch) * u64::from(screen.height);
        fixed(layout::FRAMEBUFFER, bytes, Tag::MEMVIZ);
    }
}

/// Returns the first address of each part, ascending: [`name`] is the same up to the next one.
pub fn starts() -> impl Iterator<Item = u64> {
    let page = frames::FRAME;
    let sections = [image::text(), image::read_only_data(), image::data()];
    let mut starts = [
        0,
        0x1000,
        user_layout::PROGRAM.as_u64(),
        user_layout::HEAP.as_u64(),
        user_layout::MAPPINGS.as_u64(),
        user_layout::MAPPINGS_END.as_u64(),
        user_layout::STACK_END.as_u64(),
        1 << 63,
        frames::direct_map().as_u64(),
        layout::HEAP_GUARD.as_u64(),
        layout::GUARDED.as_u64(),
        layout::DEVICES.as_u64(),
        layout::STACKS.as_u64() - page,
        layout::DEMAND_ZERO.as_u64() - page,
        layout::FRAMEBUFFER.as_u64(),
        image::IMAGE_BASE,
        sections[0].start,
        sections[0].end,
        sections[1].start,
        sections[1].end,
        sections[2].start,
        sections[2].end,
    ];
    starts.sort_unstable();
    starts.into_iter()
}

/// Returns the name of the part that this address is in, or an empty string.
pub fn name(address: u64) -> &'static str {
    for section in [image::text(), image::read_only_data(), image::data()] {
        if (section.start..section.end).contains(&address) {
            return section.name;
        }
    }
    match address {
        ..0x1000 => "null page",
        _ if address >> 63 == 0 => user_layout::name(address),
        image::IMAGE_BASE.. => "image",
        _ if address >= layout::FRAMEBUFFER.as_u64() => "screen",
        _ if address >= layout::DEMAND_ZERO.as_u64() - frames::FRAME => "demand-zero",
        _ if address >= layout::STACKS.as_u64() - frames::FRAME => "stacks",
        _ if address >= layout::DEVICES.as_u64() => "devices",
        _ if address >= layout::GUARDED.as_u64() => "guarded",
        _ if address >= layout::HEAP_GUARD.as_u64() => "heap",
        _ if address >= frames::direct_map().as_u64() => "direct map",
        _ => "",
    }
}
