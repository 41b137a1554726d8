//! The cost of the fault: where its time went, to scale.

use super::draw::Drawing;
use super::log::HardFault;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::widgets::shapes::{dashed_box, edged_box, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::Count;

/// The parts of a fault.
const PARTS: [&str; 5] = [
    "find the cause",
    "make room",
    "read the slot",
    "map the frame",
    "return",
];

impl Drawing<'_> {
    /// Draws a bar with a part for each phase of the fault, and the numbers below it.
    pub(super) fn draw_cost<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let fault = self.log.fault.as_ref().filter(|_| !self.step.is_concealed);
        let ended = fault.and_then(|fault| Some((fault, fault.end?)));
        let height = self.length(20) as u32;
        let Some((fault, (total, _))) = ended else {
            let top = self.draw_head(surface, area.top_left, "cost")?;
            let bar = rectangle(area.top_left.x, top, area.size.width, height);
            return dashed_box(surface, bar, styles.scale.length(5), theme.edge);
        };
        let head = format_args!("cost: {}", self.names.cost(total));
        let top = self.draw_head(surface, area.top_left, head)?;
        let parts = parts_of(fault, total);
        let sum = parts.iter().sum::<u64>().max(1);
        let words = styles.words(Role::Small, theme.dim, theme.panel);
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        let (mut x, mut free) = (area.top_left.x, area.top_left.x);
        let right = x + area.size.width as i32;
        let below = top + height as i32 + self.length(4);
        for ((name, part), number) in PARTS.into_iter().zip(parts).zip(0..) {
            if part == 0 {
                continue;
            }
            let wide = (u64::from(area.size.width) * part / sum) as i32;
            let place = rectangle(x, top, (wide - 2).max(2) as u32, height);
            let fill = if number == 2 { theme.used } else { theme.cell };
            edged_box(surface, place, 0, 1, theme.used, fill)?;
            // A label that does not fit below its part moves to the right, or is left out.
            let left = x.max(free);
            let count = Count(part);
            let needed = (words.width(name) + bold.width(count)) as i32 + self.length(6);
            if left + needed <= right {
                let drawn = words.left(surface, Point::new(left, below), name)?;
                let after = left + drawn.size.width as i32 + self.length(6);
                bold.left(surface, Point::new(after, below), count)?;
                free = left + needed + self.length(14);
            }
            x += wide;
        }
        Ok(())
    }
}

/// The time of each part, in nanoseconds. They add up to the total.
fn parts_of(fault: &HardFault, total: u64) -> [u64; PARTS.len()] {
    let end = fault.end.map_or(fault.begin, |end| end.1);
    let left = fault.victim.map_or(fault.begin, |victim| victim.1);
    let read = fault.read.unwrap_or(left).max(left);
    let mapped = fault.mapped.map_or(read, |mapped| mapped.2).max(read);
    let known = end.saturating_sub(fault.begin);
    [
        total.saturating_sub(known),
        left.saturating_sub(fault.begin),
        read - left,
        mapped - read,
        end.saturating_sub(mapped),
    ]
}
