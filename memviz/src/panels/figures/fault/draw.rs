//! The parts of the figure and their places.

use super::content::{Content, ROW};
use super::lens::Lens;
use super::pages::Strip;
use super::steps;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::panels::figures::lines::Lines;
use crate::panels::figures::parts;
use crate::panels::storyboard::Story;
use crate::view::names::Names;
use crate::view::step::StepChanges;
use crate::widgets::shapes::{ArrowStyle, dashed_box, edged_box, level_arrow, rectangle};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use mm::units::{Count, Moment};

/// The steps of a fault.
const STEPS: [&str; 5] = ["touch", "walk", "decide", "act", "retry"];

/// The picture of what the figure shows.
pub struct Drawing<'d> {
    pub styles: &'d Styles,
    pub names: &'d Names,
    pub step: &'d StepChanges,
    pub content: &'d Content,
}

impl Drawing<'_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let styles = self.styles;
        let title = match (&self.content.story, &self.content.pages) {
            (None, Some(_)) => "Pages around one address",
            _ => "One page fault, from the access to the retry",
        };
        let subtitle = match &self.content.story {
            Some(story) => parts::text::<64>(format_args!(
                "fault {} at {}",
                Count(story.number + 1),
                Moment(story.fault.time)
            )),
            None => parts::text::<64>(""),
        };
        let inside = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let end = inside.top_left.y + inside.size.height as i32;
        let Some(pages) = &self.content.pages else {
            return self.draw_steps(surface, inside, end);
        };
        let has_steps = self.content.story.is_some();
        let strip = Strip {
            styles,
            names: self.names,
            content: self.content,
            pages,
            left: inside.top_left.x,
            right: inside.top_left.x + inside.size.width as i32,
            columns: if has_steps { ROW } else { ROW / 2 },
        };
        if has_steps {
            let room = (inside.size.height as i32 - self.steps_height()) / 2;
            let top = end - strip.height(room);
            strip.draw(surface, top, room)?;
            return self.draw_steps(surface, inside, top);
        }
        let lens = Lens { strip: &strip };
        let room = inside.size.height as i32 - strip.lines_height() - lens.height();
        strip.draw(surface, inside.top_left.y, room)?;
        lens.draw(surface, end)
    }

    /// The height that the steps need at least.
    fn steps_height(&self) -> i32 {
        let line = self
            .styles
            .words(Role::Small, self.styles.theme.text, self.styles.theme.panel);
        let line = line.face.line_height() as i32;
        // A head, and the nine lines of the access.
        11 * (line + self.styles.scale.length(4) as i32) + self.styles.scale.length(20) as i32
    }

    /// Draws five boxes down to a level, with arrows between them.
    fn draw_steps<S: Surface>(
        &self,
        surface: &mut S,
        inside: Rectangle,
        below: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let length = |pixels| styles.scale.length(pixels) as i32;
        let gap = length(22);
        let count = STEPS.len() as i32;
        let pitch = (inside.size.width as i32 + gap) / count;
        let top = inside.top_left.y;
        let height = (below - length(12) - top).max(0) as u32;
        for (number, name) in (0..).zip(STEPS) {
            let left = inside.top_left.x + number * pitch;
            let area = rectangle(left, top, (pitch - gap) as u32, height);
            match self.content.story {
                Some(_) => edged_box(surface, area, 4, 1, theme.edge, theme.panel)?,
                None => dashed_box(surface, area, styles.scale.length(5), theme.edge)?,
            }
            let head = styles.names(Role::Title, theme.text, theme.panel);
            let at = area.top_left + Point::new(length(12), length(10));
            head.left(surface, at, name)?;
            let line = head.face.line_height() as i32;
            if let Some(story) = &self.content.story {
                let mut lines = Lines {
                    surface: &mut *surface,
                    styles,
                    left: at.x,
                    right: left + pitch - gap - length(8),
                    y: at.y + line + length(8),
                    bottom: below - length(16),
                };
                self.draw_step(&mut lines, story, number)?;
            }
            if number + 1 < count {
                let style = ArrowStyle {
                    color: theme.rule,
                    thickness: 1,
                    head: styles.scale.length(7),
                    dashed: self.content.story.is_none(),
                };
                let from = left + pitch - gap + 3;
                level_arrow(surface, from, left + pitch - 3, at.y + line / 2, style)?;
            }
        }
        if self.content.story.is_none() {
            let words = match self.content.is_question {
                true => "What will happen? The answer shows it, step by step.",
                false => "No page fault in this step.",
            };
            let dim = styles.words(Role::Label, theme.dim, theme.panel);
            let middle = Point::new(inside.center().x, top + height as i32 / 2);
            dim.centre(surface, middle, words)?;
        }
        Ok(())
    }

    fn draw_step<S: Surface>(
        &self,
        lines: &mut Lines<'_, S>,
        story: &Story,
        number: i32,
    ) -> Result<(), S::Error> {
        match number {
            0 => steps::touch(lines, story, self.names),
            1 => steps::walk(lines, story),
            2 => steps::decide(lines, story, self.names),
            3 => steps::act(lines, story, self.names),
            _ => steps::retry(lines, story),
        }
    }
}
