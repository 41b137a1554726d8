//! The lines below the tree: about the last operation and the colours, or about the selected node.
//! If only two lines fit, the second line of an operation and the third line of a node are omitted.

use super::picture::Tree;
use super::steps::is_block;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::model::Heap;
use crate::model::heap::block_bytes;
use crate::panels::heap::story::{self, Node, Operation, OperationKind};
use crate::timeline::Timeline;
use crate::widgets;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::units::{Bytes, Count, Moment, Percent};

impl<S: Surface> Tree<'_, '_, S> {
    /// Draws the last operation of the heap.
    pub fn draw_operation(&mut self, operation: &Operation) -> Result<(), S::Error> {
        let (text, dim) = (self.styles.text, self.styles.dim);
        let (start, number) = (
            self.heap.address(operation.node.granule),
            Count(operation.number + 1),
        );
        self.line(0, &text, operation)?;
        let last = self.geometry.lines - 1;
        if last > 1 {
            self.line(1, &dim, format_args!("block {start:#x}, event {number}"))?;
        }
        self.legend(last)
    }

    /// Draws the meaning of the colours.
    fn legend(&mut self, line: u32) -> Result<(), S::Error> {
        let (unit, theme) = (self.styles.unit(), self.theme());
        let entries = [
            (theme.free, "free"),
            (theme.outline, "split"),
            (theme.used, "striped: internal fragmentation"),
            (theme.accent, "last operation, and buddies"),
        ];
        let mut at = self.line_at(line);
        let right = self.content.top_left.x + self.content.size.width as i32;
        for (number, (color, words)) in entries.into_iter().enumerate() {
            let width = (words.len() as u32 + 3) * unit;
            if at.x + width as i32 > right {
                break;
            }
            let swatch = Rectangle::new(at, Size::new(3 * unit / 2, 2 * unit));
            match number {
                2 => widgets::stripes(self.surface, swatch, (unit / 2).max(4), color, theme.panel)?,
                3 => widgets::outline(self.surface, swatch, (unit / 4).max(2), color)?,
                _ => self.surface.fill_solid(&swatch, color)?,
            }
            let slot = Slot::left(at + Size::new(2 * unit, 0), words.len());
            self.styles.dim.draw(self.surface, slot, words)?;
            at.x += (width + unit) as i32;
        }
        Ok(())
    }

    /// Draws the selected node, whether it can merge, and the operation that made it.
    pub fn draw_node(&mut self, timeline: &Timeline, node: Node) -> Result<(), S::Error> {
        let (text, dim) = (self.styles.text, self.styles.dim);
        self.draw_state(node)?;
        let buddy = Buddy {
            heap: self.heap,
            node,
        };
        self.line(1, &text, buddy)?;
        match story::origin(timeline, self.heap, node) {
            Some((operation, time)) => {
                let (number, time) = (Count(operation.number + 1), Moment(time));
                let large = Bytes(block_bytes(operation.highest));
                let made = match operation.kind {
                    OperationKind::Allocate { .. } => "split off",
                    OperationKind::Free | OperationKind::Return => "merged to",
                    OperationKind::Reuse { .. } | OperationKind::Cache => "kept at",
                    OperationKind::Grow => "new:",
                };
                self.line(
                    2,
                    &dim,
                    format_args!("{made} {large} at {time}, event {number}"),
                )
            }
            None if node.parent().is_none() => {
                self.line(2, &dim, "a chunk: the heap grew by this block")
            }
            None => self.line(2, &dim, "its split or merge is evicted from the history"),
        }
    }

    /// Draws the size, the address and the state of a node.
    fn draw_state(&mut self, node: Node) -> Result<(), S::Error> {
        let text = self.styles.text;
        let block = self.heap.block_at(node.granule);
        let block = block.filter(|block| Node::from(*block) == node);
        let (size, start) = (Bytes(node.bytes()), self.heap.address(node.granule));
        match block.map(|block| (block, block.owner)) {
            None => {
                let bytes = self
                    .heap
                    .live_bytes_in(node.granule..node.granule + node.granules());
                let live = Bytes(bytes);
                self.line(
                    0,
                    &text,
                    format_args!("{size} at {start:#x}: split, {live} of it live"),
                )?;
            }
            Some((block, None)) if block.is_cached => {
                let words = "cached for the next request of its size";
                self.line(0, &text, format_args!("{size} at {start:#x}: {words}"))?;
            }
            Some((_, None)) => self.line(0, &text, format_args!("{size} at {start:#x}: free"))?,
            Some((block, Some(owner))) => {
                let (requested, internal) = (
                    Bytes(block.requested.into()),
                    Bytes(block.internal_fragmentation()),
                );
                let percent = Percent {
                    part: block.internal_fragmentation(),
                    whole: block.bytes(),
                };
                let owner = self.theme().owner(owner).words;
                let words = format_args!(
                    "{size} at {start:#x}: {owner}, requested {requested}, internal {internal} ({percent})"
                );
                self.line(0, &text, words)?;
            }
        }
        Ok(())
    }

    /// Draws a line of text below the tree.
    fn line(&mut self, line: u32, style: &TextStyle, words: impl Display) -> Result<(), S::Error> {
        if line >= self.geometry.lines {
            return Ok(());
        }
        let cells = (self.content.size.width / self.styles.unit()) as usize;
        let slot = Slot::left(self.line_at(line), cells);
        style.draw(self.surface, slot, words)
    }

    fn line_at(&self, line: u32) -> Point {
        let below = self.geometry.lines * self.styles.line();
        let top = self.content.size.height.saturating_sub(below) + line * self.styles.line();
        self.content.top_left + Size::new(0, top)
    }
}

/// Formats whether a block can merge.
struct Buddy<'h, 'm> {
    heap: &'h Heap<'m>,
    node: Node,
}

impl Display for Buddy<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(buddy) = self.node.buddy() else {
            return f.write_str("the largest order has no buddy");
        };
        write!(f, "buddy {:#x} is ", self.heap.address(buddy.granule))?;
        let is_free = self
            .heap
            .block_at(self.node.granule)
            .is_some_and(|block| block.is_free());
        let is_free = is_free && is_block(self.heap, self.node);
        match self.heap.block_at(buddy.granule) {
            Some(block) if Node::from(block) != buddy => {
                let live = self
                    .heap
                    .live_blocks_in(buddy.granule..buddy.granule + buddy.granules());
                let plural = if live == 1 { "" } else { "s" };
                write!(
                    f,
                    "split: {} live block{plural} inside, no merge",
                    Count(live)
                )
            }
            Some(block) if block.is_cached => {
                f.write_str("cached: they merge once it leaves the cache")
            }
            Some(block) if block.owner.is_some() && is_free => {
                f.write_str("live: they merge when it is freed")
            }
            Some(block) if block.owner.is_some() => f.write_str("live as well"),
            _ => f.write_str("free: they merge when this block is freed"),
        }
    }
}
