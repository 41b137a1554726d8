//! What each part of the address space is for, in a word.

use super::{frames, layout};
use crate::process::address_space;

/// The name of the part that this address is in; empty where nothing belongs.
pub fn name(address: u64) -> &'static str {
    for section in [layout::text(), layout::read_only_data(), layout::data()] {
        if (section.start..section.end).contains(&address) {
            return section.name;
        }
    }
    match address {
        ..0x1000 => "null page",
        _ if address >> 63 == 0 => address_space::area(address),
        layout::IMAGE_BASE.. => "kernel image",
        _ if address >= layout::FRAMEBUFFER.as_u64() => "framebuffer",
        _ if address >= layout::WINDOWS.as_u64() - frames::FRAME => "windows",
        _ if address >= layout::STACKS.as_u64() - frames::FRAME => "kernel stacks",
        _ if address >= layout::GUARDED.as_u64() => "guarded blocks",
        _ if address >= layout::HEAP_GUARD.as_u64() => "kernel heap",
        _ if address >= frames::direct_map().as_u64() => "direct map",
        _ => "",
    }
}
