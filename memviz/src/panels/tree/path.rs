//! Outlines a node, the blocks that contain it, and the buddy of each.

use super::picture::Tree;
use super::steps::is_block;
use crate::graphics::surface::Surface;
use crate::panels::heap::story::Node;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

impl<S: Surface> Tree<'_, '_, S> {
    /// Outlines a node, its parents up to an order, and the buddy of each.
    pub fn path(&mut self, node: Node, highest: u8, selected: bool) -> Result<(), S::Error> {
        let theme = self.theme();
        let thickness = (self.styles.unit() / 4).max(2);
        for holder in node.ancestors().take_while(|holder| holder.order < highest) {
            let Some(buddy) = holder.buddy() else { break };
            let place = self.least(self.geometry.place(buddy));
            widgets::outline(self.surface, place, thickness.div_ceil(2), theme.text)?;
            let is_leaf = is_block(self.heap, buddy);
            let block = self.heap.block_at(buddy.granule);
            let (words, ground) = match block {
                Some(block) if is_leaf && block.is_cached => ("cached buddy", theme.free),
                Some(block) if is_leaf && block.is_free() => ("free buddy", theme.free),
                Some(_) if is_leaf => continue,
                _ => ("buddy, split", theme.outline),
            };
            self.write(place, words, theme.text, ground)?;
        }
        for holder in node
            .ancestors()
            .take_while(|holder| holder.order <= highest)
        {
            let place = self.least(self.geometry.place(holder));
            let color = if holder == node || !selected {
                theme.accent
            } else {
                theme.text
            };
            widgets::outline(self.surface, place, thickness, color)?;
        }
        Ok(())
    }

    /// Widens the outline to the minimum that is visible, inside the row.
    fn least(&self, place: Rectangle) -> Rectangle {
        let width = place.size.width.max(self.styles.unit() / 2 + 3);
        let right = self.geometry.rows.x + self.geometry.width as i32;
        let left = place.top_left.x.min(right - width as i32);
        Rectangle::new(
            Point::new(left, place.top_left.y),
            Size::new(width, place.size.height),
        )
    }
}
