//! Draws what stands beside the table: the faults of each policy by number of frames, and the
//! pages in swap.

use super::log::{Count, ReplayLog};
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::Model;
use crate::panels::figures::marks::{Upper, centred};
use crate::panels::figures::parts;
use crate::widgets::shapes::{edged_box, rectangle, ring};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::memory_map::FRAME_BYTES;
use mm::reclaim::POLICIES;
use mm::units::Bytes;

/// The most numbers of frames in the comparison.
const COLUMNS: usize = 7;
/// The most pages in swap that are drawn.
const PAGES: usize = 12;

/// See the module.
pub struct Side<'d, 'm> {
    pub styles: &'d Styles,
    pub model: &'d Model<'m>,
    pub log: &'d ReplayLog,
}

impl Side<'_, '_> {
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let below = self.draw_counts(surface, area)?;
        let rest = area.top_left.y + area.size.height as i32 - below;
        if rest < self.length(90) {
            return Ok(());
        }
        let at = Point::new(area.top_left.x, below);
        self.draw_swap(
            surface,
            Rectangle::new(at, Size::new(area.size.width, rest as u32)),
        )
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    /// Draws the faults: a row for each policy, a column for each number of frames. Returns the
    /// level below.
    fn draw_counts<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<i32, S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let title = styles.names(Role::Body, theme.text, theme.panel);
        title.left(surface, area.top_left, "Faults, by number of frames")?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let (left, top) = (area.top_left.x, area.top_left.y + self.length(28));
        small.left(surface, Point::new(left, top), "frames")?;
        let mut numbers: Vec<u32, COLUMNS> = Vec::new();
        for count in &self.log.counts {
            if !numbers.contains(&count.frames) {
                // Beyond its capacity, the comparison keeps the first ones.
                let _ = numbers.push(count.frames);
            }
        }
        numbers.sort_unstable();
        let first = left + self.length(72);
        let room = area.size.width as i32 - self.length(72);
        let pitch = (room / (numbers.len().max(1) as i32)).min(self.length(38));
        let x = |at: usize| first + at as i32 * pitch + pitch / 2;
        let axis = styles.digits(Role::Small, Weight::Regular, theme.dim, theme.panel);
        for (at, number) in numbers.iter().enumerate() {
            centred(surface, &axis, Point::new(x(at), top), number)?;
        }
        let rule = rectangle(left, top + self.length(20), area.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        let mut y = top + self.length(28);
        for (number, policy) in POLICIES.iter().enumerate() {
            let is_of = |count: &&Count| usize::from(count.policy) == number;
            if !self.log.counts.iter().any(|count| is_of(&count)) {
                continue;
            }
            let name = styles.names(Role::Small, theme.text, theme.panel);
            name.left(surface, Point::new(left, y), Upper(policy.name()))?;
            for (at, frames) in numbers.iter().enumerate() {
                if let Some(faults) = self.faults(number, *frames) {
                    let fewer = self.faults(number, frames - 1);
                    let is_anomaly = fewer.is_some_and(|fewer| fewer < faults);
                    self.draw_faults(surface, Point::new(x(at), y), faults, is_anomaly)?;
                }
            }
            y += self.length(26);
        }
        Ok(y + self.length(14))
    }

    /// The faults of a policy, once its replay has as many references as the longest one.
    fn faults(&self, policy: usize, frames: u32) -> Option<u64> {
        let counts = &self.log.counts;
        let longest = counts.iter().map(|count| count.references).max();
        let is_it = |count: &&Count| {
            (usize::from(count.policy), count.frames) == (policy, frames)
                && Some(count.references) == longest
        };
        counts.iter().find(is_it).map(|count| count.faults)
    }

    /// Draws a number of faults. One that is higher than with fewer frames has the accent.
    fn draw_faults<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        faults: u64,
        is_anomaly: bool,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let ink = if is_anomaly { theme.accent } else { theme.text };
        let style = self
            .styles
            .digits(Role::Small, Weight::Bold, ink, theme.panel);
        centred(surface, &style, at, faults)?;
        if is_anomaly {
            let cell = style.font.cell();
            let wide = 2 * cell.width + self.length(6) as u32;
            let around = rectangle(at.x - wide as i32 / 2, at.y, wide, cell.height);
            ring(surface, around, 0, 2, theme.accent)?;
        }
        Ok(())
    }

    /// Draws the pages of the newest replay that are in swap.
    fn draw_swap<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let Some(run) = self.log.runs.last() else {
            return Ok(());
        };
        let mut pages: Vec<(u64, u32), PAGES> = Vec::new();
        let own = self.model.swap.all_pages();
        let own = own.filter(|&(space, page, _)| space == run.process && page >= run.start);
        for (_, page, slot) in own {
            // More pages than these are counted, not drawn.
            let _ = pages.push(((page - run.start) / FRAME_BYTES, slot));
        }
        pages.sort_unstable();
        let rule = rectangle(area.top_left.x, area.top_left.y, area.size.width, 1);
        surface.fill_solid(&rule, theme.outline)?;
        let at = area.top_left + Point::new(0, self.length(12));
        let title = styles.names(Role::Body, theme.text, theme.panel);
        title.left(surface, at, "Swap")?;
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let end = Point::new(area.top_left.x + area.size.width as i32, at.y);
        let name = run.policy().map_or("?", |policy| policy.name());
        let name = parts::text::<12>(Upper(name));
        let frames = run.count.frames;
        let process = run.process;
        let words = format_args!("process {process}, {name}, {frames} frames");
        small.right(surface, end, words)?;
        let top = at.y + self.length(28);
        if pages.is_empty() {
            let at = Point::new(at.x, top);
            return small.left(surface, at, "holds no page").map(|_| ());
        }
        let size = Size::new(self.length(36) as u32, self.length(28) as u32);
        let pitch = self.length(44);
        let fit = (area.size.width as i32 / pitch).max(1) as usize;
        for (at, (page, _)) in pages.iter().take(fit).enumerate() {
            let corner = Point::new(area.top_left.x + at as i32 * pitch, top);
            let cell = Rectangle::new(corner, size);
            edged_box(surface, cell, 2, 1, theme.edge, theme.cell)?;
            let style = styles.digits(Role::Body, Weight::Bold, theme.text, theme.cell);
            let height = style.font.cell().height as i32;
            let inside = corner + size / 2 - Point::new(0, height / 2);
            centred(surface, &style, inside, page)?;
        }
        let below = Point::new(area.top_left.x, top + self.length(36));
        small.left(surface, below, "pages that are only in swap")?;
        self.draw_slots(surface, area, below.y + self.length(22), &pages)
    }

    /// Draws a line for each page in swap: its slot, and the size of its content there. Lines that
    /// do not fit are left out.
    fn draw_slots<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
        top: i32,
        pages: &[(u64, u32)],
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let bottom = area.top_left.y + area.size.height as i32;
        let pitch = self.length(20);
        for ((page, slot), y) in pages.iter().zip((top..).step_by(pitch as usize)) {
            if y + pitch > bottom {
                break;
            }
            let bytes = Bytes(self.model.swap.slot(*slot).bytes.into());
            let words = format_args!("page {page}: slot {slot}, {bytes}");
            small.left(surface, Point::new(area.top_left.x, y), words)?;
        }
        Ok(())
    }
}
