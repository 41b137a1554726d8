//! The pages that a selection highlights in the address spaces.

use crate::model::Model;
use crate::model::tables::{Entry, EntryPosition};
use crate::panels::walk::address_of;
use crate::view::selection::Selection;
use mm::memory_map::FRAME_BYTES;
use x86_64::VirtAddr;

/// The highlighted pages: the selected page, and every page whose frame belongs to the selection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Highlighted {
    pub space: Option<u32>,
    page: Option<(u32, u64)>,
    /// Physical addresses, from the first up to, but not including, the second.
    frames: Option<(u64, u64)>,
}

impl Highlighted {
    pub fn of(model: &Model, selection: Option<Selection>) -> Highlighted {
        let Some(selection) = selection else {
            return Highlighted::default();
        };
        let place = address_of(model, selection);
        let page = place.filter(|_| !matches!(selection, Selection::Frames { .. }));
        let frames = match selection {
            Selection::Frames { first, count } => {
                let start = first as u64 * FRAME_BYTES;
                Some((start, start + count as u64 * FRAME_BYTES))
            }
            _ => place.and_then(|(space, address)| {
                let (place, entry) = model.tables.page_of(space, address)?;
                let size = place.page_size()?.bytes();
                let offset = address.as_u64() & (size - 1) & !(FRAME_BYTES - 1);
                let start = entry.frame.as_u64() + offset;
                Some((start, start + FRAME_BYTES))
            }),
        };
        Highlighted {
            space: match selection {
                Selection::Process(number) => Some(number),
                _ => page.map(|(space, _)| space),
            },
            page: page.map(|(space, address)| (space, address.align_down(FRAME_BYTES).as_u64())),
            frames,
        }
    }

    /// Returns whether this page is highlighted.
    pub fn has(&self, space: u32, page: VirtAddr, found: Option<(EntryPosition, Entry)>) -> bool {
        let is_page = self.page == Some((space, page.as_u64()));
        let shares = |(place, entry): (EntryPosition, Entry)| {
            let bytes = place.page_size().map_or(0, |size| size.bytes());
            let start = entry.frame.as_u64();
            let (from, to) = self.frames.unwrap_or((0, 0));
            // A large page has frames of many owners: only the page itself is highlighted.
            bytes == FRAME_BYTES && from < start + bytes && start < to
        };
        is_page || (self.frames.is_some() && found.is_some_and(shares))
    }
}
