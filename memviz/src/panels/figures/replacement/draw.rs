//! Draws the table: a column for each reference, a row for each frame, a band for each replay.

use super::dial::Dial;
use super::legend::draw_legend;
use super::log::{FRAMES, Held, ReplayLog, Run, Step, put};
use super::side::Side;
use crate::graphics::font::Weight;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::type_scale::Role;
use crate::model::Model;
use crate::panels::figures::marks::{Upper, centred, triangle};
use crate::panels::figures::parts;
use crate::view::step::StepChanges;
use crate::widgets::shapes::{disc, edged_box, rectangle, ring, round_box};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// The least number of columns, so that a replay that has just begun has the columns of its end.
const FEWEST_COLUMNS: usize = 14;

/// The picture of what the figure shows.
pub struct Drawing<'d, 'm> {
    pub styles: &'d Styles,
    pub model: &'d Model<'m>,
    pub step: &'d StepChanges,
    pub log: &'d ReplayLog,
}

/// Where the parts of the figure stand.
#[derive(Clone, Copy)]
struct Places {
    content: Rectangle,
    /// The middle of the first column, and the distance to the next.
    first: i32,
    pitch: i32,
    /// The distance from a frame to the next.
    row: i32,
    /// The size of the box of a page.
    cell: Size,
    /// The middle of the column of faults.
    faults: i32,
    /// The right end of the table.
    right: i32,
    /// The number of the reference in the first column.
    reference: u64,
}

impl Drawing<'_, '_> {
    /// Draws all of the figure.
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let longest = self.log.runs.iter().max_by_key(|run| run.count.references);
        let Some(longest) = longest else {
            let title = "Page replacement";
            let content = parts::panel(surface, styles, area, title, "", self.step)?;
            let style = styles.words(Role::Body, theme.dim, theme.panel);
            let words = "No process has replayed a reference string.";
            return style.left(surface, content.top_left, words).map(|_| ());
        };
        let references = longest.count.references;
        let title = format_args!("{references} references, {} pages", pages_of(longest));
        let subtitle = "which page leaves when every frame is taken?";
        let content = parts::panel(surface, styles, area, title, subtitle, self.step)?;
        let newest = self.log.runs.last().unwrap_or(longest);
        let dial = Dial::of(styles, newest, self.step.is_question);
        let places = self.places(content, longest, dial.is_some());
        self.draw_heads(surface, &places, longest)?;
        let legend = self.legend_top(content);
        let mut top = self.rows_top(content);
        for run in self.rows(&places, legend - top) {
            self.draw_run(surface, &places, run, top)?;
            top += self.height(places.row, run);
            let rule = rectangle(content.top_left.x, top - self.length(9), table(&places), 1);
            surface.fill_solid(&rule, theme.outline)?;
        }
        let below = rectangle(
            content.top_left.x,
            top,
            table(&places),
            (legend - top - self.length(8)).max(0) as u32,
        );
        if let Some(dial) = dial.filter(|_| below.size.height as i32 >= Dial::least_height(styles))
        {
            dial.draw(surface, below)?;
        }
        draw_legend(surface, styles, content.top_left.x..places.right, legend)?;
        let side = Side {
            styles,
            model: self.model,
            log: self.log,
        };
        side.draw(surface, side_area(&places, self.length(40)))
    }

    fn length(&self, pixels: u32) -> i32 {
        self.styles.scale.length(pixels) as i32
    }

    fn places(&self, content: Rectangle, longest: &Run, has_dial: bool) -> Places {
        let left = content.top_left.x;
        let wide = content.size.width as i32;
        let right = left + wide - self.length(290) - self.length(40);
        let faults = right - self.length(26);
        let begin = left + self.length(140);
        let columns = longest.steps.len().max(FEWEST_COLUMNS) as i32;
        let pitch = ((faults - self.length(26) - begin) / columns).min(self.length(47));
        let row = self.row(content, has_dial);
        let cell = Size::new(
            self.length(32).min(pitch - 3).max(1) as u32,
            (row - self.length(3)) as u32,
        );
        Places {
            content,
            first: begin + pitch / 2,
            pitch,
            row,
            cell,
            faults,
            right,
            reference: longest.first(),
        }
    }

    /// The distance of frames: the largest at which all replays have room.
    fn row(&self, content: Rectangle, has_dial: bool) -> i32 {
        let dial = if has_dial {
            Dial::least_height(self.styles)
        } else {
            0
        };
        let room = self.legend_top(content) - self.rows_top(content) - dial - self.length(8);
        let fits = |row: &i32| {
            let heights = self.log.runs.iter().map(|run| self.height(*row, run));
            heights.sum::<i32>() <= room
        };
        let rows = [36, 28].map(|row| self.length(row));
        rows.into_iter().find(fits).unwrap_or(self.length(22))
    }

    /// The newest replays for which there is room, oldest first.
    fn rows(&self, places: &Places, room: i32) -> impl Iterator<Item = &Run> {
        let mut left = room;
        let mut rows: Vec<&Run, { super::log::RUNS }> = Vec::new();
        for run in self.log.runs.iter().rev() {
            left -= self.height(places.row, run);
            if left < 0 && !rows.is_empty() {
                break;
            }
            // There are as many rows as replays.
            let _ = rows.push(run);
        }
        rows.into_iter().rev()
    }

    fn height(&self, row: i32, run: &Run) -> i32 {
        // Two lines of words stand beside the frames.
        (frames_of(run) as i32 * row).max(self.length(44)) + self.length(17)
    }

    /// Draws the numbers of the references, and the pages.
    fn draw_heads<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        longest: &Run,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        let top = places.content.top_left.y;
        let end = places.first - places.pitch / 2 - self.length(8);
        let second = top + self.length(18);
        small.right(surface, Point::new(end, top), "reference")?;
        bold.right(surface, Point::new(end, second), "page")?;
        small.centre(surface, Point::new(places.faults, second), "faults")?;
        for (at, step) in (0..).zip(&longest.steps) {
            let x = places.first + at * places.pitch;
            let number = places.reference + at as u64 + 1;
            let axis = styles.digits(Role::Axis, Weight::Regular, theme.dim, theme.panel);
            // Numbers of three digits and more need the room of several columns.
            if number < 100 || number.is_multiple_of(5) {
                centred(surface, &axis, Point::new(x, top), number)?;
            }
            let ink = styles.digits(Role::Body, Weight::Bold, theme.text, theme.panel);
            let written = if step.write { "w" } else { "" };
            let words = format_args!("{}{written}", step.page);
            centred(surface, &ink, Point::new(x, second), words)?;
        }
        let rule = rectangle(
            places.content.top_left.x,
            top + self.length(42),
            table(places),
            1,
        );
        surface.fill_solid(&rule, theme.outline)
    }

    /// Draws a replay: its policy, its frames after each reference, and its faults.
    fn draw_run<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        run: &Run,
        top: i32,
    ) -> Result<(), S::Error> {
        let (styles, theme) = (self.styles, self.styles.theme);
        let left = places.content.top_left.x;
        let frames = frames_of(run);
        let name = styles.names(Role::Body, theme.text, theme.panel);
        let small = styles.words(Role::Small, theme.dim, theme.panel);
        let policy = run.policy();
        let words = parts::text::<12>(policy.map_or("?", |policy| policy.name()));
        let drawn = name.left(surface, Point::new(left, top), Upper(&words))?;
        let behind = Point::new(
            left + drawn.size.width as i32 + self.length(7),
            top + self.length(1),
        );
        let unit = if run.count.frames == 1 {
            "frame"
        } else {
            "frames"
        };
        small.left(surface, behind, format_args!("{} {unit}", run.count.frames))?;
        let below = Point::new(left, top + self.length(20));
        small.left(
            surface,
            below,
            policy.map_or("", |policy| policy.short_rule()),
        )?;
        self.draw_steps(surface, places, run, top)?;
        let middle = top + frames as i32 * places.row / 2;
        let large = styles.digits(Role::Caption, Weight::Bold, theme.text, theme.panel);
        let height = large.font.cell().height as i32;
        let at = Point::new(places.faults, middle - height / 2 - self.length(2));
        centred(surface, &large, at, run.count.faults)
    }

    fn draw_steps<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        run: &Run,
        top: i32,
    ) -> Result<(), S::Error> {
        let mut held = run.before;
        let is_live = self.model.processes.get(run.process);
        let is_live = is_live.is_some_and(|process| process.is_live);
        for (at, &step) in run.steps.iter().enumerate() {
            put(&mut held, step);
            // A replay that is further has lost the references of the first columns.
            let number = run.first() + at as u64;
            let Some(column) = number.checked_sub(places.reference) else {
                continue;
            };
            let x = places.first + column as i32 * places.pitch;
            let corner = Point::new(x - places.cell.width as i32 / 2, top);
            self.draw_column(surface, places, run, (corner, step), &held)?;
            if is_live && at + 1 == run.steps.len() && (step.frame as usize) < FRAMES {
                let down = Point::new(0, step.frame as i32 * places.row);
                let cell = Rectangle::new(corner + down, places.cell);
                ring(surface, cell, 1, 2, self.styles.theme.accent)?;
            }
        }
        Ok(())
    }

    /// Draws the frames after a reference.
    fn draw_column<S: Surface>(
        &self,
        surface: &mut S,
        places: &Places,
        run: &Run,
        (corner, step): (Point, Step),
        held: &Held,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let frames = frames_of(run);
        let shows_bits = run
            .policy()
            .is_some_and(|policy| policy.needs_accessed_bits());
        let is_full = held[..frames].iter().all(Option::is_some);
        for (frame, page) in held[..frames].iter().enumerate() {
            let down = Point::new(0, frame as i32 * places.row);
            let cell = Rectangle::new(corner + down, places.cell);
            let middle = cell.top_left.y + places.cell.height as i32 / 2;
            let end = cell.top_left.x + places.cell.width as i32;
            match page {
                Some(page) => self.draw_page(surface, cell, *page, frame, step)?,
                None => {
                    let dash = rectangle(cell.top_left.x, middle, places.cell.width, 1);
                    surface.fill_solid(&dash, theme.outline)?;
                }
            }
            if is_full && step.next == Some(frame as u32) {
                let color = if shows_bits { theme.text } else { theme.rule };
                let tip = Point::new(cell.top_left.x - 2, middle);
                triangle(surface, tip, self.length(4), color)?;
            }
            if shows_bits && page.is_some() && step.accessed >> frame & 1 == 1 {
                let gap = places.pitch - places.cell.width as i32;
                let radius = if gap > self.length(12) { 2 } else { 1 };
                disc(surface, Point::new(end + 4, middle), radius, theme.text)?;
            }
        }
        Ok(())
    }

    /// Draws the page in a frame: loaded, found, or resident.
    fn draw_page<S: Surface>(
        &self,
        surface: &mut S,
        cell: Rectangle,
        page: u32,
        frame: usize,
        step: Step,
    ) -> Result<(), S::Error> {
        let theme = self.styles.theme;
        let is_referenced = step.frame as usize == frame;
        let (ink, fill, weight) = match (is_referenced, step.fault) {
            (false, _) => (theme.dim, theme.panel, Weight::Regular),
            (true, true) => (theme.on_allowed, theme.allowed, Weight::Bold),
            (true, false) => (theme.text, theme.panel, Weight::Bold),
        };
        match (is_referenced, step.fault) {
            (true, true) => round_box(surface, cell, 2, fill)?,
            (true, false) => edged_box(surface, cell, 2, 1, theme.text, fill)?,
            (false, _) => {}
        }
        let digits = |role| self.styles.digits(role, weight, ink, fill);
        let fits = |role: &Role| {
            let digit = digits(*role).font.cell();
            2 * digit.width + 4 <= cell.size.width && digit.height + 4 <= cell.size.height
        };
        let roles = [Role::Title, Role::Body];
        let style = digits(roles.into_iter().find(fits).unwrap_or(Role::Small));
        let height = style.font.cell().height as i32;
        let at = cell.top_left + cell.size / 2 - Point::new(0, height / 2);
        centred(surface, &style, at, page)
    }

    fn rows_top(&self, content: Rectangle) -> i32 {
        content.top_left.y + self.length(52)
    }

    fn legend_top(&self, content: Rectangle) -> i32 {
        content.top_left.y + content.size.height as i32 - self.length(16)
    }
}

/// The frames of a replay that are drawn.
fn frames_of(run: &Run) -> usize {
    (run.count.frames as usize).clamp(1, FRAMES)
}

/// The number of different pages among the references that are kept.
fn pages_of(run: &Run) -> usize {
    let steps = &run.steps;
    let is_first = |at: usize| !steps[..at].iter().any(|step| step.page == steps[at].page);
    (0..steps.len()).filter(|&at| is_first(at)).count()
}

/// The width of the table.
fn table(places: &Places) -> u32 {
    (places.right - places.content.top_left.x).max(0) as u32
}

/// The rectangle to the right of the table, with this gap.
fn side_area(places: &Places, gap: i32) -> Rectangle {
    let content = places.content;
    let end = content.top_left.x + content.size.width as i32;
    let left = places.right + gap;
    rectangle(
        left,
        content.top_left.y,
        (end - left).max(0) as u32,
        content.size.height,
    )
}
