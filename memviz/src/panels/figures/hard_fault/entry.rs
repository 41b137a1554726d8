//! The page-table entry before and after, field by field.

use super::draw::Drawing;
use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::marks::centred;
use crate::panels::figures::parts;
use crate::widgets::shapes::{dashed_box, edged_box, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use heapless::{String, Vec};
use mm::paging::Access;

/// A field: its bits, its content, and its share of the width in percent.
struct Field {
    bits: &'static str,
    content: String<32>,
    share: u32,
    /// True if it is what the handler uses.
    is_subject: bool,
}

impl Drawing<'_> {
    /// Draws both entries, one below the other.
    pub(super) fn draw_entries<S: Surface>(
        &self,
        surface: &mut S,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let names = self.length(120);
        let half = area.size.height as i32 / 2;
        let (before, after) = (self.before(), self.after());
        for (row, (name, fields)) in (0..).zip([("entry before", before), ("entry after", after)]) {
            let top = area.top_left.y + row * half;
            let place = rectangle(
                area.top_left.x + names,
                top,
                (area.size.width as i32 - names) as u32,
                half as u32,
            );
            self.draw_entry(surface, name, &fields, place)?;
        }
        Ok(())
    }

    /// The entry that names the slot.
    fn before(&self) -> Vec<Field, 7> {
        let stored = self.log.subject().filter(|_| !self.step.is_concealed);
        let slot = |words: &str| match stored {
            Some(stored) => parts::text(format_args!("{words}{}", stored.slot)),
            None => String::new(),
        };
        let digit = |digit: &str| match stored {
            Some(_) => parts::text(digit),
            None => String::new(),
        };
        fields([
            ("63–44", String::new(), 19, false),
            ("43–12", slot("slot "), 43, true),
            ("11–2", digit("0"), 20, false),
            ("1", digit("1"), 9, false),
            ("0", digit("P 0"), 9, true),
        ])
    }

    /// The entry with the frame.
    fn after(&self) -> Vec<Field, 7> {
        let fault = self.log.fault.as_ref();
        let mapped = fault.filter(|_| !self.step.is_concealed);
        let mapped = mapped.and_then(|fault| fault.mapped);
        let flag = |name: &str, of: Access, set: bool| match mapped {
            Some((_, access, _)) => {
                let is_set = access.contains(of) == set;
                parts::text(format_args!("{name} {}", u8::from(is_set)))
            }
            None => String::new(),
        };
        let frame = match mapped {
            Some((frame, ..)) => parts::text(format_args!("frame {frame:#x}")),
            None => String::new(),
        };
        let present = match mapped {
            Some(_) => parts::text("P 1"),
            None => String::new(),
        };
        fields([
            ("63", flag("NX", Access::EXECUTE, false), 9, false),
            ("62–52", String::new(), 10, false),
            ("51–12", frame, 43, true),
            ("11–3", String::new(), 11, false),
            ("2", flag("U", Access::USER, true), 9, false),
            ("1", flag("W", Access::WRITE, true), 9, false),
            ("0", present, 9, true),
        ])
    }

    fn draw_entry<S: Surface>(
        &self,
        surface: &mut S,
        name: &str,
        fields: &[Field],
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.digits(Role::Axis, Weight::Regular, theme.dim, theme.panel);
        let above = small.font.cell().height as i32 + 2;
        let height = (area.size.height as i32 - above - self.length(8)).max(4);
        let top = area.top_left.y + above;
        let bold = styles.names(Role::Body, theme.text, theme.panel);
        let line = bold.face.line_height() as i32;
        let at = Point::new(
            area.top_left.x - self.length(120),
            top + (height - line) / 2,
        );
        bold.left(surface, at, name)?;
        let mut x = area.top_left.x;
        for field in fields {
            let wide = (area.size.width * field.share / 100) as i32;
            let place = rectangle(x, top, (wide - 2) as u32, height as u32);
            match (field.content.is_empty(), field.is_subject) {
                (true, true) => dashed_box(surface, place, styles.scale.length(5), theme.edge)?,
                (_, true) => edged_box(surface, place, 2, 1, theme.used, theme.cell)?,
                (_, false) => edged_box(surface, place, 2, 1, theme.outline, theme.panel)?,
            }
            centred(
                surface,
                &small,
                Point::new(place.center().x, area.top_left.y),
                field.bits,
            )?;
            if !field.content.is_empty() {
                let ground = if field.is_subject {
                    theme.cell
                } else {
                    theme.panel
                };
                let ink = if field.is_subject {
                    theme.text
                } else {
                    theme.dim
                };
                let style = styles.digits(Role::Body, Weight::Bold, ink, ground);
                let cell = style.font.cell().height as i32;
                let middle = Point::new(place.center().x, top + (height - cell) / 2);
                centred(surface, &style, middle, &field.content)?;
            }
            x += wide;
        }
        Ok(())
    }
}

fn fields<const N: usize>(all: [(&'static str, String<32>, u32, bool); N]) -> Vec<Field, 7> {
    let all = all.into_iter();
    all.map(|(bits, content, share, is_subject)| Field {
        bits,
        content,
        share,
        is_subject,
    })
    .collect()
}
