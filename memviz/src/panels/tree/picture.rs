//! Draws a chunk: the fill of all chunks, the sizes at the left, and the blocks of this chunk, row
//! by row.
//!
//! A node is drawn before its halves, and each pixel of a row once.

use super::geometry::{Geometry, LABEL, LARGEST, NARROWEST, inner};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::graphics::theme::Theme;
use crate::model::heap::block_bytes;
use crate::model::{Block, Heap, ORDERS};
use crate::panels::heap::story::Node;
use crate::widgets;
use core::fmt::Display;
use embedded_graphics::geometry::Size;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use mm::units::Bytes;

/// A chunk that is being drawn.
pub struct Tree<'s, 'm, S> {
    /// The surface.
    pub surface: &'s mut S,
    /// Colours and text.
    pub styles: &'s Styles,
    /// The heap.
    pub heap: &'s Heap<'m>,
    /// The inside of the panel.
    pub content: Rectangle,
    /// The positions of the blocks.
    pub geometry: Geometry,
}

impl<'s, 'm, S: Surface> Tree<'s, 'm, S> {
    /// Draws the tree of a chunk in the content of the panel.
    pub fn new(
        surface: &'s mut S,
        styles: &'s Styles,
        heap: &'s Heap<'m>,
        content: Rectangle,
        chunk: usize,
    ) -> Self {
        Tree {
            surface,
            styles,
            heap,
            content,
            geometry: Geometry::new(styles, content, chunk),
        }
    }

    /// Returns the colours.
    pub fn theme(&self) -> &'static Theme {
        self.styles.theme
    }

    /// Draws the fill of every chunk, and outlines this one.
    pub fn chunks(&mut self, chunks: usize) -> Result<(), S::Error> {
        let unit = self.styles.unit();
        let height = 2 * unit;
        let slot = Slot::left(self.content.top_left, LABEL as usize);
        self.styles.dim.draw(self.surface, slot, "chunks")?;
        let pitch = (self.geometry.width / chunks as u32).clamp(3, 6 * unit);
        let granules = 1 << LARGEST;
        for chunk in 0..chunks.min((self.geometry.width / pitch) as usize) {
            let left = LABEL * unit + chunk as u32 * pitch;
            let at = self.content.top_left + Size::new(left, 0);
            let cell = Rectangle::new(at, Size::new(pitch - 1, height));
            let live = self
                .heap
                .live_bytes_in(chunk * granules..(chunk + 1) * granules);
            let filled = (live * u64::from(height)).div_ceil(block_bytes(LARGEST)) as u32;
            let (free, used) = (self.theme().free, self.theme().used);
            self.surface.fill_solid(&cell, free)?;
            let lower = at + Size::new(0, height - filled);
            let size = Size::new(pitch - 1, filled);
            self.surface
                .fill_solid(&Rectangle::new(lower, size), used)?;
            if chunk == self.geometry.chunk {
                let thickness = (unit / 4).max(2);
                widgets::outline(self.surface, cell, thickness, self.theme().accent)?;
            }
        }
        Ok(())
    }

    /// Draws the sizes, as many as fit.
    pub fn labels(&mut self) -> Result<(), S::Error> {
        let cell = self.styles.text.font.cell();
        let every = cell.height.div_ceil(self.geometry.pitch).max(1) as usize;
        for order in (0..ORDERS).rev().step_by(every) {
            let row = (ORDERS - 1 - order) as u32 * self.geometry.pitch + self.geometry.pitch / 2;
            let top = (3 * self.styles.unit() + row).saturating_sub(cell.height / 2);
            let at = self.content.top_left + Size::new(0, top);
            let bytes = Bytes(block_bytes(order as u8));
            let slot = Slot::right(at, LABEL as usize - 1);
            self.styles.dim.draw(self.surface, slot, bytes)?;
        }
        Ok(())
    }

    /// Draws a node and everything below it.
    pub fn node(&mut self, node: Node) -> Result<(), S::Error> {
        let Some(block) = self.heap.block_at(node.granule) else {
            return Ok(());
        };
        let place = self.geometry.place(node);
        if block.order == node.order {
            return self.block(&block, place);
        }
        let narrow = place.size.width < 2 * NARROWEST;
        self.surface
            .fill_solid(&inner(place), self.theme().outline)?;
        if node.order == LARGEST {
            self.write(place, "split", self.theme().text, self.theme().outline)?;
        }
        let order = node.order - 1;
        if narrow {
            return self.sums(node);
        }
        self.node(Node { order, ..node })?;
        self.node(Node {
            granule: node.granule + (1 << order),
            order,
        })
    }

    fn block(&mut self, block: &Block, place: Rectangle) -> Result<(), S::Error> {
        let theme = self.theme();
        let inside = inner(place);
        let Some(owner) = block.owner else {
            if !block.is_cached {
                self.surface.fill_solid(&inside, theme.free)?;
                return self.write(place, "free", theme.text, theme.free);
            }
            self.cached(inside)?;
            return self.write(place, "cached", theme.text, theme.free);
        };
        let swatch = theme.owner(owner);
        self.surface.fill_solid(&inside, swatch.color)?;
        let width = inside.size.width;
        let padding = (block.internal_fragmentation() * u64::from(width) / block.bytes()) as u32;
        if padding >= 2 {
            let at = inside.top_left + Size::new(width - padding, 0);
            let tail = Rectangle::new(at, Size::new(padding, inside.size.height));
            let pitch = (self.styles.unit() / 2).max(4);
            widgets::stripes(self.surface, tail, pitch, swatch.color, theme.panel)?;
        }
        let requested = Rectangle::new(
            place.top_left,
            Size::new(place.size.width - padding, place.size.height),
        );
        let words = format_args!("{} {}", swatch.letter, Bytes(block.requested.into()));
        match requested.size.width / self.styles.unit() {
            0..12 => self.write(requested, swatch.letter, theme.ground, swatch.color),
            _ => self.write(requested, words, theme.ground, swatch.color),
        }
    }

    /// Fills an area with the pattern of cached blocks.
    pub fn cached(&mut self, area: Rectangle) -> Result<(), S::Error> {
        let (theme, pitch) = (self.theme(), (self.styles.unit() / 2).max(4));
        widgets::stripes(self.surface, area, pitch, theme.free, theme.outline)
    }

    /// Draws words in the middle of a node, if they fit.
    pub fn write(
        &mut self,
        place: Rectangle,
        words: impl Display,
        ink: Rgb888,
        ground: Rgb888,
    ) -> Result<(), S::Error> {
        let cell = self.styles.text.font.cell();
        let cells = crate::graphics::text::width(&words);
        let width = cells as u32 * cell.width;
        if place.size.width < width + cell.width || place.size.height < cell.height {
            return Ok(());
        }
        let (left, top) = (
            (place.size.width - width) / 2,
            (place.size.height - cell.height) / 2,
        );
        let style = TextStyle::new(self.styles.text.font, ink, ground);
        style.draw(
            self.surface,
            Slot::left(place.top_left + Size::new(left, top), cells),
            words,
        )
    }
}
