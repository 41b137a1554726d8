//! The parts of the figure and their places.

use super::log::HardFaultLog;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::parts;
use crate::view::names::Names;
use crate::view::step::StepChanges;
use crate::widgets::shapes::rectangle;
use core::fmt::Display;
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::Moment;
use x86_64::VirtAddr;

/// The most lines of a box, and of a narrow one, which breaks lines into two.
const LINES: i32 = 7;
const NARROW_LINES: i32 = 9;

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub step: &'d StepChanges,
    pub log: &'d HardFaultLog,
    /// Used slots.
    pub used: u64,
    /// Users of the slot.
    pub users: u16,
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let styles = self.styles;
        let title = "One hard fault: a page comes back from swap";
        let subtitle = match &self.log.fault {
            _ if self.step.is_concealed => parts::text::<48>(""),
            Some(fault) => parts::text::<48>(format_args!("at {}", Moment(fault.begin))),
            None => parts::text::<48>("no hard fault yet"),
        };
        let inside = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let Rectangle { top_left, size } = inside;
        let (wide, high) = (size.width, size.height as i32);
        let gap = self.length(18);
        let boxes = self.boxes_height(wide as i32);
        let rest = self.length(64);
        let entries = (high - boxes - rest - 2 * gap).max(0);
        self.draw_boxes(
            surface,
            rectangle(top_left.x, top_left.y, wide, boxes as u32),
        )?;
        let top = top_left.y + boxes + gap;
        self.draw_entries(surface, rectangle(top_left.x, top, wide, entries as u32))?;
        let top = top + entries + gap;
        self.draw_cost(surface, rectangle(top_left.x, top, wide, rest as u32))
    }

    pub(super) fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    /// The height of a box: its name, and the lines of the longest one.
    fn boxes_height(&self, wide: i32) -> i32 {
        let theme = self.styles.theme;
        let line = self.styles.words(Role::Small, theme.text, theme.panel);
        let line = line.face.line_height() as i32 + self.length(4);
        let lines = match wide < 5 * self.length(210) {
            true => NARROW_LINES,
            false => LINES,
        };
        lines * line + self.length(46)
    }

    /// Draws the name of a part. Returns the level below.
    pub(super) fn draw_head<S: Surface>(
        &self,
        surface: &mut S,
        at: Point,
        name: impl Display,
    ) -> Result<i32, S::Error> {
        let theme = self.styles.theme;
        let bold = self.styles.names(Role::Body, theme.text, theme.panel);
        bold.left(surface, at, name)?;
        Ok(at.y + bold.face.line_height() as i32 + self.length(4))
    }

    /// The name of a page: its number in the replay, or its address.
    pub(super) fn page(&self, space: u32, page: VirtAddr) -> heapless::String<32> {
        match self.log.number_of(space, page) {
            Some(number) => parts::text(format_args!("page {number}")),
            None => parts::text(format_args!("page {page:#x}")),
        }
    }
}
