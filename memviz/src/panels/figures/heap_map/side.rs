//! Draws what stands beside the maps: a table of the strategies, the first difference of each, and
//! life times by size.
//!
//! ```text
//! Strategies            utilised  refused  instr.
//! free list, first fit    99.9 %        1     170
//! First difference from the first row
//! free list, best fit          request 16       or “8 strategies”, if there is no room for more
//!   at 0x0, at 0xe0000
//! Life times by size
//! 64 B   ▆▆▆▆▆▆▆▆▆ 12 requests                  the mean until the block is freed
//! ```

use super::lane::Lane;
use super::log::{LANES, WorkloadLog};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::widgets::shapes::rectangle;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::heap::strategy::Strategy;
use mm::units::{Bytes, Count};

/// The side of a figure.
pub struct Side<'d> {
    pub styles: &'d Styles,
    pub log: &'d WorkloadLog,
}

impl Side<'_> {
    /// Draws all of it. A part without room is left out.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        surface.fill_solid(&area, self.styles.theme.panel)?;
        let rest = self.draw_strategies(surface, area)?;
        let rest = self.draw_differences(surface, rest)?;
        self.draw_lifetimes(surface, rest)
    }

    fn length(&self, pixels: u32) -> u32 {
        self.styles.scale.length(pixels)
    }

    fn line(&self) -> u32 {
        self.length(22)
    }

    /// Draws the title of a part. Returns the rectangle below.
    fn draw_title<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        title: &str,
    ) -> Result<Rectangle, S::Error> {
        let theme = self.styles.theme;
        let style = self.styles.names(Role::Body, theme.text, theme.panel);
        style.left(surface, area.top_left, title)?;
        Ok(below(area, self.line()))
    }

    fn draw_strategies<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
    ) -> Result<Rectangle, S::Error> {
        let theme = self.styles.theme;
        let dim = self.styles.words(Role::Small, theme.dim, theme.panel);
        let text = self.styles.words(Role::Small, theme.text, theme.panel);
        let bold = self.styles.names(Role::Small, theme.text, theme.panel);
        let warning = self.styles.names(Role::Small, theme.warning, theme.panel);
        let right = area.top_left.x + area.size.width as i32;
        let columns = [124, 60, 0].map(|from_right| right - self.length(from_right) as i32);
        let mut rest = self.draw_title(surface, area, "Strategies")?;
        let top = area.top_left.y + self.length(2) as i32;
        for (x, head) in columns.into_iter().zip(["utilised", "refused", "instr."]) {
            dim.right(surface, Point::new(x, top), head)?;
        }
        for lane in &self.log.lanes {
            let y = rest.top_left.y;
            text.left(surface, rest.top_left, lane.strategy.words())?;
            let counts = &lane.counts;
            bold.right(surface, Point::new(columns[0], y), counts.utilisation())?;
            let refused = if counts.refused > 0 { &warning } else { &text };
            let words = Count(counts.refused.into());
            refused.right(surface, Point::new(columns[1], y), words)?;
            let words = Count(counts.ticks_a_request());
            text.right(surface, Point::new(columns[2], y), words)?;
            rest = below(rest, self.line());
        }
        Ok(below(rest, self.length(12)))
    }

    fn draw_differences<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
    ) -> Result<Rectangle, S::Error> {
        let Some((first, others)) = self.log.lanes.split_first() else {
            return Ok(area);
        };
        let groups = groups(others, area.size.height / self.line());
        if groups.is_empty() {
            return Ok(area);
        }
        let theme = self.styles.theme;
        let dim = self.styles.words(Role::Small, theme.dim, theme.panel);
        let text = self.styles.words(Role::Small, theme.text, theme.panel);
        let mut rest = self.draw_title(surface, area, "First different placement")?;
        let right = area.top_left.x + area.size.width as i32;
        for group in groups {
            text.left(surface, rest.top_left, &group)?;
            let end = Point::new(right, rest.top_left.y);
            match group.request {
                Some(number) => {
                    let number = Count(number.into());
                    text.right(surface, end, format_args!("request {number}"))?;
                }
                None => {
                    dim.right(surface, end, "none")?;
                }
            }
            rest = below(rest, self.line());
        }
        if let [lane] = others
            && let Some(difference) = lane.difference
        {
            let offsets = difference.offsets;
            for (lane, offset) in [first, lane].into_iter().zip(offsets) {
                dim.left(surface, rest.top_left, lane.strategy.words())?;
                let end = Point::new(right, rest.top_left.y);
                dim.right(surface, end, Offset(offset))?;
                rest = below(rest, self.line());
            }
        }
        Ok(below(rest, self.length(12)))
    }

    fn draw_lifetimes<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let Some(first) = self.log.lanes.first() else {
            return Ok(());
        };
        let longest = first.lifetimes.classes().map(|(_, class)| class.mean());
        let longest = longest.max().unwrap_or_default().max(1);
        if area.size.height < 2 * self.line() || first.lifetimes.classes().next().is_none() {
            return Ok(());
        }
        let theme = self.styles.theme;
        let dim = self.styles.words(Role::Small, theme.dim, theme.panel);
        let text = self.styles.words(Role::Small, theme.text, theme.panel);
        let mut rest = self.draw_title(surface, area, "Mean life time by size")?;
        let right = area.top_left.x + area.size.width as i32;
        let top = Point::new(right, area.top_left.y + self.length(2) as i32);
        dim.right(surface, top, "requests")?;
        let (from, to) = (self.length(70) as i32, self.length(60) as i32);
        let room = (area.size.width as i32 - from - to).max(1) as u64;
        for (bytes, class) in first.lifetimes.classes() {
            if rest.size.height < self.line() {
                break;
            }
            let Point { x, y } = rest.top_left;
            let size = parts::text::<24>(format_args!("{}+", Bytes(bytes)));
            dim.left(surface, rest.top_left, &size)?;
            let width = (class.mean() * room / longest).max(1) as u32;
            let middle = y + self.line() as i32 / 2 - self.length(6) as i32;
            let bar = rectangle(x + from, middle, width, self.length(9));
            surface.fill_solid(&bar, theme.used)?;
            text.right(surface, Point::new(right, y), Count(class.mean()))?;
            rest = below(rest, self.line());
        }
        Ok(())
    }
}

/// Strategies whose first difference is at the same request.
struct Group {
    strategy: Strategy,
    /// The number of strategies.
    len: u32,
    /// `None`: no difference so far.
    request: Option<u32>,
}

impl Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len {
            1 => f.write_str(self.strategy.words()),
            len => write!(f, "{len} strategies"),
        }
    }
}

/// Returns a group for each strategy if so many lines have room for them, else one for each
/// request. Life times need room for a title and two rows, too.
fn groups(lanes: &[Lane], lines: u32) -> Vec<Group, LANES> {
    const OTHERS: u32 = 4;
    let is_single = lanes.len() as u32 + OTHERS <= lines;
    let mut groups: Vec<Group, LANES> = Vec::new();
    for lane in lanes {
        let request = lane.difference.map(|difference| difference.number);
        let mut known = groups.iter_mut();
        match known.find(|group| !is_single && group.request == request) {
            Some(group) => group.len += 1,
            // There are at most as many groups as lanes.
            None => {
                let _ = groups.push(Group {
                    strategy: lane.strategy,
                    len: 1,
                    request,
                });
            }
        }
    }
    if groups.len() as u32 + OTHERS > lines {
        groups.clear();
    }
    groups
}

/// Returns the rectangle without its top.
fn below(area: Rectangle, height: u32) -> Rectangle {
    let height = height.min(area.size.height);
    Rectangle::new(
        area.top_left + Size::new(0, height),
        area.size - Size::new(0, height),
    )
}

/// An offset in an arena, or that there is no block.
struct Offset(Option<u64>);

impl Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(offset) => write!(f, "at {offset:#x}"),
            None => f.write_str("no block"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lane::Difference;
    use super::*;
    use x86_64::VirtAddr;

    #[test]
    fn strategies_are_grouped_by_request_if_there_is_no_room_for_each() {
        let lane = |(strategy, number)| {
            let mut lane = Lane::new(VirtAddr::zero(), 1, strategy, 0);
            let offsets = [None; 2];
            lane.difference = Some(Difference { number, offsets }).filter(|_| number > 0);
            lane
        };
        let (best, next, slab) = (Strategy::BestFit, Strategy::NextFit, Strategy::Slab);
        let lanes = [(best, 10), (next, 10), (slab, 0)].map(lane);
        let words = |lines| {
            let groups = groups(&lanes, lines);
            let words = groups
                .iter()
                .map(|group| (group.to_string(), group.request));
            words.collect::<std::vec::Vec<_>>()
        };
        let slab = || (slab.words().to_string(), None);
        assert_eq!(words(7).len(), 3);
        assert_eq!(words(7)[2], slab());
        assert_eq!(words(6), [("2 strategies".into(), Some(10)), slab()]);
        assert_eq!(words(5), []);
    }
}
