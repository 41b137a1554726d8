//! The pages of one part of one address space, in the order of their cells.

use crate::model::Model;
use crate::view::names::Names;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::paging::Region;
use x86_64::VirtAddr;

/// The regions of a part of one address space.
pub struct Pages<'d> {
    model: &'d Model<'d>,
    space: u32,
    name: &'static str,
    names: &'d Names,
}

impl<'d> Pages<'d> {
    pub fn new(
        model: &'d Model<'_>,
        space: u32,
        name: &'static str,
        names: &'d Names,
    ) -> Pages<'d> {
        Pages {
            model,
            space,
            name,
            names,
        }
    }

    /// Returns the regions, ascending, each with the number of pages and gaps before it.
    pub fn regions(&self) -> impl Iterator<Item = (&'d Region, usize, usize)> {
        let own = self.model.regions.of(self.space);
        let (mut pages, mut gaps, mut end) = (0, 0, None);
        let own = own.filter(|region| (self.names.area)(region.start.as_u64()) == self.name);
        own.map(move |region| {
            let start = region.start.as_u64();
            gaps += usize::from(end.is_some_and(|end| end != start));
            let before = pages;
            pages += (region.bytes / FRAME_BYTES) as usize;
            end = Some(start + region.bytes);
            (region, before, gaps)
        })
    }

    /// Returns the number of cells if a cell is a page.
    pub fn cells(&self) -> usize {
        self.regions().last().map_or(0, |(region, before, gaps)| {
            before + gaps + (region.bytes / FRAME_BYTES) as usize
        })
    }

    /// Returns the first page of the cell at a point. Cells of 2^`shift` pages are `pitch` pixels
    /// apart.
    pub fn at(&self, area: Rectangle, pitch: u32, shift: u32, point: Point) -> Option<VirtAddr> {
        let columns = area.size.width / pitch;
        let offset = point - area.top_left;
        let (x, y) = (offset.x as u32 / pitch, offset.y as u32 / pitch);
        if x >= columns {
            return None;
        }
        let wanted = (y * columns + x) as usize;
        let mut cell = 0;
        let mut end = None;
        for (region, _, _) in self.regions() {
            cell += usize::from(end.is_some_and(|end| end != region.start.as_u64()));
            let cells = ((region.bytes / FRAME_BYTES) as usize).div_ceil(1 << shift);
            if (cell..cell + cells).contains(&wanted) {
                let page = ((wanted - cell) << shift) as u64;
                return Some(region.start + page * FRAME_BYTES);
            }
            cell += cells;
            end = Some(region.start.as_u64() + region.bytes);
        }
        None
    }
}
