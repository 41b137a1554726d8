//! Draws the blocks below a node that is too narrow to be halved: a column as wide as the node,
//! with a cell for each order.
//!
//! ```text
//! │░░│  order 6    half of the blocks of this order are free
//! │██│             the other half is live, in the colour of the owner with most bytes of the column
//! │▒▒│  order 5    all are cached
//! │▓▓│  order 4    none of this order, but smaller ones: split
//! ```

use super::geometry::inner;
use super::picture::Tree;
use crate::graphics::surface::Surface;
use crate::model::{Heap, ORDERS, OWNERS};
use crate::panels::heap::mixture::most_of;
use crate::panels::heap::story::Node;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

impl<S: Surface> Tree<'_, '_, S> {
    /// Draws the rows below a node: a column each, filled by the share of live blocks.
    pub fn sums(&mut self, node: Node) -> Result<(), S::Error> {
        let sums = Sums::of(self.heap, node);
        let theme = self.theme();
        let column = self.geometry.place(node);
        let mut below = false;
        for order in 0..node.order {
            let [live, cached, free] = sums.counts(order);
            let all = live + cached + free;
            let row = self.geometry.place(Node {
                order,
                granule: node.granule,
            });
            let at = Point::new(column.top_left.x, row.top_left.y);
            let size = Size::new(column.size.width, self.geometry.pitch - 1);
            let place = inner(Rectangle::new(at, size));
            let Size { width, height } = place.size;
            if all == 0 {
                if below {
                    self.surface.fill_solid(&place, theme.outline)?;
                }
                continue;
            }
            below = true;
            let filled = (live * height).div_ceil(all);
            let above = ((live + cached) * height).div_ceil(all);
            let part = |from, to| {
                let top = place.top_left + Size::new(0, height - to);
                Rectangle::new(top, Size::new(width, to - from))
            };
            self.surface.fill_solid(&part(above, height), theme.free)?;
            self.cached(part(filled, above))?;
            let color = theme.owner(sums.owner).color;
            self.surface.fill_solid(&part(0, filled), color)?;
        }
        Ok(())
    }
}

/// The blocks of a node, by order.
struct Sums {
    live: [u32; ORDERS],
    cached: [u32; ORDERS],
    free: [u32; ORDERS],
    /// The owner with most of the live bytes.
    owner: usize,
}

impl Sums {
    fn of(heap: &Heap, node: Node) -> Sums {
        let (mut live, mut cached, mut free) = ([0; ORDERS], [0; ORDERS], [0; ORDERS]);
        let mut owners = [0; OWNERS];
        for block in heap.blocks_in(node.granule..node.granule + node.granules()) {
            let order = usize::from(block.order);
            match block.owner {
                Some(owner) => {
                    live[order] += 1;
                    owners[owner] += block.granules().len();
                }
                None if block.is_cached => cached[order] += 1,
                None => free[order] += 1,
            }
        }
        Sums {
            live,
            cached,
            free,
            owner: most_of(&owners),
        }
    }

    /// Returns the number of live, of cached and of free blocks of an order.
    fn counts(&self, order: u8) -> [u32; 3] {
        let order = usize::from(order);
        [self.live[order], self.cached[order], self.free[order]]
    }
}
