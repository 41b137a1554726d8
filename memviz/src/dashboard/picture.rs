//! Draws one picture: the changes since the last one, or everything.
//!
//! ```text
//! title line ── help | list of lessons | panels, timeline, state, caption ── shell
//! ```
//! A change of the view redraws everything (`redraw`). The panels under the help are drawn when it
//! closes.

use super::Dashboard;
use crate::graphics::surface::Surface;
use crate::panels::lesson::offer::{Offer, Time};
use crate::panels::lesson::state_line::Costs;
use crate::panels::panel::Scene;
use crate::panels::{help, lesson, lessons, timeline as timeline_bar};
use crate::view::ballot::Ballot;
use crate::view::caption::Caption;
use crate::view::changed::Changed;
use crate::view::extent::Extent;
use crate::view::layout::Arrangement;
use crate::view::search::state::SearchLine;
use crate::view::selection::Selection;
use crate::view::terminal::Terminal;
use embedded_graphics::primitives::Rectangle;

impl Dashboard<'_> {
    /// Draws the changes since the last picture.
    pub fn draw<S: Surface>(&mut self, surface: &mut S) -> Result<(), S::Error> {
        if self.help.is_none() {
            self.withdraw_refusal();
        }
        self.follow_caption();
        let caption = self.info.caption;
        let bookmark = self.compared_bookmark();
        let before = (self.step.is_since_bookmark(), self.step.start());
        self.step
            .follow(&self.timeline, &self.model, bookmark, caption);
        let now = (self.step.is_since_bookmark(), self.step.start());
        // Another start changes what every panel shows.
        self.redraw |= before != now && (before.0 || now.0);
        if self.help.is_none() {
            self.offer_refusal();
        }
        self.settle();
        let why_not = match self.stage.looked_at() {
            Some(Selection::Refusal) => self.refusal.why_not(&self.model, &self.timeline),
            _ => None,
        };
        let why_not = why_not.copied();
        let extent = match core::mem::take(&mut self.redraw) {
            true => Extent::All,
            false => Extent::Changed,
        };
        let all = extent == Extent::All;
        if core::mem::take(&mut self.ages_unknown) {
            let frames = self.model.frames.len();
            self.changes.cells.remember_ages(&self.timeline, frames);
        }
        let (layout, styles, model) = (self.layout, &self.styles, &self.model);
        let covered = self.help.is_some() || self.list.is_some();
        if covered && all {
            lesson::header::draw(surface, styles, layout.header, None, self.drawn_offer)?;
        }
        if let Some(page) = self.help {
            return match extent {
                Extent::All => {
                    let area = layout.below_header();
                    help::draw(surface, styles, area, page, self.info.keyboard)
                }
                Extent::Changed => Ok(()),
            };
        }
        if let Some(marked) = self.list {
            let (area, entry) = (layout.below_header(), self.info.lessons);
            return match extent {
                Extent::All => lessons::draw(surface, styles, area, entry, marked),
                Extent::Changed => Ok(()),
            };
        }
        if all {
            self.shell.place(layout.bottom_row());
            for gap in layout.gaps(surface.bounding_box().size) {
                surface.fill_solid(&gap, styles.theme.ground)?;
            }
        }
        let scene = Scene {
            styles,
            model,
            timeline: &self.timeline,
            samples: &self.samples,
            mode: self.mode,
            zoom: self.stage.zoom,
            selection: self.stage.looked_at(),
            why_not: why_not.as_ref(),
            step: &self.step,
            since: self.followed.began,
            pointers: &self.pointers,
        };
        self.panels
            .draw(surface, &scene, &mut self.changes, extent)?;
        let (timeline, paused) = (&self.timeline, self.status.paused);
        if layout.timeline.size.height >= styles.text.font.cell().height {
            let content = timeline_bar::Content {
                timeline,
                hits: self.search.hits(),
                number: self.model.caption,
            };
            self.bar.draw(surface, styles, content, caption, extent)?;
        }
        let is_held = paused || !timeline.is_live();
        self.status.event = timeline
            .current()
            .filter(|_| is_held)
            .map(|event| event.payload);
        let before = self.drawn_status.replace(self.status);
        let before = before.filter(|_| !all);
        if before != Some(self.status) && !layout.state.is_zero_sized() {
            let costs = match layout.arrangement {
                Arrangement::Five | Arrangement::Overview(_) => Costs::Shown,
                Arrangement::Two | Arrangement::One if !self.stage.projector => Costs::Shown,
                _ => Costs::Hidden,
            };
            let area = layout.state;
            self.status
                .draw(surface, styles, area, before.as_ref(), costs)?;
        }
        self.draw_lesson(surface, all)?;
        let (beside, happened) = &self.drawn_happened;
        if *happened != self.step.happened {
            lesson::happened::draw(surface, &self.styles, *beside, &self.step)?;
            self.drawn_happened.1 = self.step.happened.clone();
        }
        self.changes.heap_frames.clear();
        self.changes.panels = Changed::default();
        Ok(())
    }

    /// Draws the title line and the caption, if they changed.
    fn draw_lesson<S: Surface>(&mut self, surface: &mut S, all: bool) -> Result<(), S::Error> {
        let is_past = !self.timeline.is_live();
        let held = (self.status.paused || is_past, is_past, self.notice);
        let is_due = all || self.changes.panels.caption || held != self.drawn_held;
        let line = self.search_line().filter(|_| !self.stage.shell);
        let name = self.naming.line().filter(|_| !self.stage.shell);
        if !is_due && line == self.drawn_search && name == self.drawn_naming {
            return Ok(());
        }
        self.drawn_held = held;
        let caption = self.caption();
        let offer = self.offer(line.as_ref(), caption.as_ref());
        self.drawn_offer = offer;
        let (styles, header) = (&self.styles, self.layout.header);
        match &line {
            _ if offer == Offer::Naming && !header.is_zero_sized() => {
                let name = name.clone().unwrap_or_default();
                lesson::header::draw_naming(surface, styles, header, (&name.0, name.1), offer)?;
            }
            _ if header.is_zero_sized() => {}
            Some(line) if matches!(offer, Offer::Typing | Offer::Matches) => {
                lesson::header::draw_search(surface, styles, header, line, offer)?;
            }
            _ => lesson::header::draw(surface, styles, header, caption.as_ref(), offer)?,
        }
        (self.drawn_search, self.drawn_naming) = (line, name);
        if !is_due {
            return Ok(());
        }
        let caption = caption.as_ref();
        let ballot = caption.map_or(Ballot::default(), |caption| self.ballots.of(caption));
        let (area, beside) = self.caption_areas(caption, ballot);
        lesson::caption::draw(surface, styles, area, caption, ballot)?;
        lesson::happened::draw(surface, styles, beside, &self.step)?;
        self.drawn_happened = (beside, self.step.happened.clone());
        Ok(())
    }

    /// Returns the keys that the title line shows.
    fn offer(&self, line: Option<&SearchLine>, caption: Option<&Caption>) -> Offer {
        match (self.stage.shell, self.notice, line.map(|line| line.cursor)) {
            (true, _, _) => Offer::Shell,
            (false, Some(notice), _) => Offer::Notice(notice),
            (false, None, _) if self.naming.is_open() => Offer::Naming,
            (false, None, Some(Some(_))) => Offer::Typing,
            (false, None, Some(None)) => Offer::Matches,
            (false, None, None) => Offer::Dashboard {
                space: self.space_words(caption.map(|caption| caption.part)),
                time: self.time_shown(),
                choices: self.open_choices(),
            },
        }
    }

    /// Returns what the picture shows.
    fn time_shown(&self) -> Time {
        match (self.info.from_trace, self.timeline.is_live()) {
            (true, _) => Time::Trace,
            (false, false) => Time::Past,
            (false, true) => Time::Present,
        }
    }

    /// Ends all fading while time is paused, and in saved pictures.
    fn settle(&mut self) {
        let is_settled = self.is_still || self.status.paused;
        self.redraw |= is_settled != self.changes.cells.is_settled;
        self.changes.cells.is_settled = is_settled;
        self.status.is_still = self.is_still;
    }

    /// Returns the rectangles of the caption and of what happened beside it. A projector shows the
    /// caption alone.
    fn caption_areas(&self, caption: Option<&Caption>, ballot: Ballot) -> (Rectangle, Rectangle) {
        let area = self.layout.caption;
        match self.stage.projector {
            true => (area, Rectangle::zero()),
            false => {
                let is_certain = self.step.is_since_bookmark();
                lesson::happened::split(&self.styles, area, caption, ballot, is_certain)
            }
        }
    }

    /// Returns the scene of the next picture.
    pub(super) fn scene(&self) -> Scene<'_, '_> {
        Scene {
            styles: &self.styles,
            model: &self.model,
            timeline: &self.timeline,
            samples: &self.samples,
            mode: self.mode,
            zoom: self.stage.zoom,
            selection: self.stage.looked_at(),
            why_not: self.refusal.known(),
            step: &self.step,
            since: self.followed.began,
            pointers: &self.pointers,
        }
    }

    /// Draws the changes of the shell, if it is open: after [`Dashboard::draw`].
    pub fn draw_shell<S: Surface>(
        &mut self,
        surface: &mut S,
        terminal: &Terminal,
    ) -> Result<(), S::Error> {
        match self.stage.shell && self.help.is_none() && self.list.is_none() {
            true => self.shell.draw(surface, &self.styles, terminal),
            false => Ok(()),
        }
    }
}
