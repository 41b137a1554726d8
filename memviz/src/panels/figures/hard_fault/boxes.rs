//! The five boxes: access, entry, slot, frame, entry.

use super::draw::Drawing;
use super::log::HardFault;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::lines::Lines;
use crate::widgets::shapes::{ArrowStyle, dashed_box, edged_box, level_arrow, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;
use mm::paging::ErrorCode;
use mm::units::{Bytes, Count};

const NAMES: [&str; 5] = ["access", "entry before", "slot", "frame", "entry after"];

impl Drawing<'_> {
    /// Draws the boxes, with arrows between them. A box without content is dashed.
    pub(super) fn draw_boxes<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let gap = self.length(22);
        let pitch = (area.size.width as i32 + gap) / NAMES.len() as i32;
        let bottom = area.top_left.y + area.size.height as i32;
        for (number, name) in NAMES.into_iter().enumerate() {
            let left = area.top_left.x + number as i32 * pitch;
            let place = rectangle(
                left,
                area.top_left.y,
                (pitch - gap) as u32,
                area.size.height,
            );
            let is_known = self.is_known(number);
            match is_known {
                true => edged_box(surface, place, 4, 1, theme.edge, theme.panel)?,
                false => dashed_box(surface, place, styles.scale.length(5), theme.edge)?,
            }
            let head = styles.names(Role::Title, theme.text, theme.panel);
            let at = place.top_left + Point::new(self.length(12), self.length(10));
            head.left(surface, at, format_args!("{} {name}", number + 1))?;
            let line = head.face.line_height() as i32;
            let mut lines = Lines {
                surface: &mut *surface,
                styles,
                left: at.x,
                right: left + pitch - gap - self.length(8),
                y: at.y + line + self.length(8),
                bottom: bottom - self.length(8),
            };
            match is_known {
                true => self.draw_box(&mut lines, number)?,
                false => lines.dim("not yet")?,
            }
            if number + 1 < NAMES.len() {
                let style = ArrowStyle {
                    color: theme.rule,
                    thickness: 1,
                    head: styles.scale.length(7),
                    dashed: !self.is_known(number + 1),
                };
                let from = left + pitch - gap + 3;
                level_arrow(surface, from, left + pitch - 3, at.y + line / 2, style)?;
            }
        }
        Ok(())
    }

    /// Returns whether there is something to say in a box.
    fn is_known(&self, number: usize) -> bool {
        let fault = self.log.fault.as_ref();
        let is_stored = self.log.subject().is_some();
        let is_mapped = fault.is_some_and(|fault| fault.mapped.is_some());
        !self.step.is_concealed
            && match number {
                0 => fault.is_some(),
                1 | 2 => is_stored,
                _ => is_mapped,
            }
    }

    fn draw_box<S: Surface>(
        &self,
        lines: &mut Lines<'_, S>,
        number: usize,
    ) -> Result<(), S::Error> {
        match (number, &self.log.fault) {
            (0, Some(fault)) => self.access(lines, fault),
            (1, _) => self.entry_before(lines),
            (2, _) => self.slot(lines),
            (3, Some(fault)) => self.frame(lines, fault),
            (_, Some(fault)) => self.entry_after(lines, fault),
            _ => Ok(()),
        }
    }

    fn access<S: Surface>(
        &self,
        lines: &mut Lines<'_, S>,
        fault: &HardFault,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let verb = match fault.code.contains(ErrorCode::WRITE) {
            true => "writes",
            false => "reads",
        };
        if let Some(stored) = fault.stored {
            let page = self.page(stored.space, stored.page);
            lines.strong(format_args!("process {} {verb} {page}", stored.space))?;
        }
        lines.digits(theme.accent, format_args!("{:#x}", fault.address))?;
        lines.text("error code of the CPU:")?;
        let bit = |bit| u8::from(fault.code.contains(bit));
        let (present, write, user) = (
            bit(ErrorCode::PROTECTION),
            bit(ErrorCode::WRITE),
            bit(ErrorCode::USER),
        );
        lines.text(format_args!("P {present}  W {write}  U {user}"))?;
        lines.dim("P 0: the page is not present")
    }

    fn entry_before<S: Surface>(&self, lines: &mut Lines<'_, S>) -> Result<(), S::Error> {
        let Some(stored) = self.log.subject() else {
            return Ok(());
        };
        let page = self.page(stored.space, stored.page);
        lines.strong(format_args!("{page}: not present"))?;
        lines.text(format_args!("slot {} in bits 43–12", stored.slot))?;
        lines.dim("The CPU ignores all bits but P. The kernel finds the slot in them.")
    }

    fn slot<S: Surface>(&self, lines: &mut Lines<'_, S>) -> Result<(), S::Error> {
        let Some(stored) = self.log.subject() else {
            return Ok(());
        };
        lines.strong(format_args!("slot {}", stored.slot))?;
        if let Some(bytes) = stored.bytes {
            let whole = Bytes(FRAME_BYTES);
            match bytes {
                0 => lines.text("no bytes: one word is repeated")?,
                _ => lines.text(format_args!("{} for {whole}", Bytes(bytes.into())))?,
            }
        }
        lines.dim("stored with a checksum")?;
        let plural = if self.users == 1 { "" } else { "s" };
        lines.text(format_args!("{} user{plural} now", self.users))?;
        let plural = if self.used == 1 { "" } else { "s" };
        lines.dim(format_args!(
            "{} slot{plural} used in all",
            Count(self.used)
        ))
    }

    fn frame<S: Surface>(
        &self,
        lines: &mut Lines<'_, S>,
        fault: &HardFault,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let Some((frame, ..)) = fault.mapped else {
            return Ok(());
        };
        lines.strong("content read into")?;
        lines.digits(theme.accent, format_args!("{frame:#x}"))?;
        let Some((victim, _)) = fault.victim else {
            return lines.dim("A frame was free, so no page had to leave.");
        };
        let space = fault.stored.map_or(0, |stored| stored.space);
        let page = self.page(space, victim.page);
        match fault.victims {
            1 => lines.strong(format_args!("before, {page} leaves"))?,
            count => lines.strong(format_args!("before, {count} pages leave, last {page}"))?,
        }
        match (victim.slot, victim.stored) {
            (Some(slot), Some(bytes)) => {
                let bytes = Bytes(bytes.into());
                lines.text(format_args!("dirty: stored in slot {slot}, {bytes}"))
            }
            (Some(slot), None) => {
                lines.text(format_args!("clean: slot {slot} still has its content"))
            }
            (None, _) => lines.text("never written: nothing to store"),
        }
    }

    fn entry_after<S: Surface>(
        &self,
        lines: &mut Lines<'_, S>,
        fault: &HardFault,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let Some((frame, ..)) = fault.mapped else {
            return Ok(());
        };
        lines.strong("present, with the frame")?;
        lines.digits(theme.accent, format_args!("{frame:#x}"))?;
        let access = match fault.code.contains(ErrorCode::WRITE) {
            true => "write",
            false => "read",
        };
        if fault.end.is_some() {
            lines.text(format_args!("the {access} runs again: it succeeds"))?;
        }
        if let Some(stored) = fault.stored
            && self.users > 0
        {
            lines.dim(format_args!("slot {} keeps the content too", stored.slot))?;
        }
        Ok(())
    }
}
