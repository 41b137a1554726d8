//! The mouse: the target under the pointer, and the effects of click and wheel.
//!
//! ```text
//! point ──► target ──┬─ Thing(selection)   hover shows its details, a click selects it
//!                    ├─ Action             a click performs it
//!                    └─ EntryPosition              a click goes there in the history
//! ```
//! The corner panel is never a target of hovering: it shows the hovered item, so it would change
//! under the pointer.

use super::Dashboard;
use super::info::Request;
use super::shown::Surroundings;
use super::stage::Stage;
use crate::dashboard::actions::{Action, Magnify, Pointing};
use crate::input::keys::{Arrow, Key};
use crate::panels::PanelId;
use crate::panels::{lesson, lessons};
use crate::view::board::CORNER;
use crate::view::selection::Selection;
use embedded_graphics::geometry::Point;

/// Rows of the shell for one click of the wheel.
const SCROLL: i32 = 3;

/// The target at a point of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Thing(Selection),
    Action(Action),
    /// An index in the history.
    Position(u64),
}

impl Dashboard<'_> {
    /// Handles an action of the mouse.
    pub(super) fn point(&mut self, pointing: Pointing) -> Option<Request> {
        match pointing {
            Pointing::At(point) => {
                self.pointer = Some(point);
                self.hover(self.thing_under(point));
                None
            }
            Pointing::Click(_) if self.help.is_some() => {
                self.turn_page();
                None
            }
            Pointing::Click(point) => match self.target(point)? {
                Target::Thing(thing) => {
                    let again = self.stage.selection == Some(thing);
                    self.select((!again).then_some(thing));
                    None
                }
                Target::Action(action) => self.handle(action),
                Target::Position(place) => {
                    self.travel_to(place);
                    None
                }
            },
            Pointing::Wheel(point, clicks) => self.turn(point, clicks),
        }
    }

    /// Handles a turn of the wheel: zooms the frame map, steps through time over the history, and
    /// scrolls the shell and the list of regions.
    fn turn(&mut self, point: Point, clicks: i32) -> Option<Request> {
        if self.help.is_some() {
            return None;
        }
        if self.stage.shell && self.shell.area().contains(point) {
            self.shell.scroll(clicks * SCROLL);
            return None;
        }
        let is_map = (self.panels.area(PanelId::FrameMap)).is_some_and(|area| area.contains(point));
        if is_map {
            let magnify = match clicks {
                ..0 => Magnify::Farther,
                _ => Magnify::Nearer,
            };
            let about = match self.panels.map().frames_at(point) {
                Some(Selection::Frames { first, count }) => Some(first + count / 2),
                _ => None,
            };
            self.zoom(magnify, about);
            return None;
        }
        if (self.panels.area(PanelId::Regions)).is_some_and(|area| area.contains(point)) {
            self.panels.turn_regions(clicks);
            return None;
        }
        if !self.layout.timeline.contains(point) {
            return None;
        }
        let place = self.timeline.cursor().saturating_add_signed(clicks.into());
        if place < self.timeline.end() || !self.timeline.is_live() {
            self.travel_to(place);
        }
        None
    }

    /// Returns the item under the pointer that has details.
    fn thing_under(&self, point: Point) -> Option<Selection> {
        if self.help.is_some() || self.layout.slots[CORNER].contains(point) {
            return None;
        }
        match self.target(point)? {
            Target::Thing(thing) => Some(thing),
            Target::Action(_) | Target::Position(_) => None,
        }
    }

    /// Returns the target at this point.
    fn target(&self, point: Point) -> Option<Target> {
        let styles = &self.styles;
        if self.layout.timeline.contains(point) {
            return self
                .bar
                .place_at(styles, &self.timeline, point)
                .map(Target::Position);
        }
        if self.layout.header.contains(point) {
            let (header, offer) = (self.layout.header, self.drawn_offer);
            let name = lesson::header::key_at(styles, header, offer, point)?;
            return self.action_of(Key::named(name)?).map(Target::Action);
        }
        if self.layout.caption.contains(point) {
            return self
                .choice_under(point)
                .map(Action::Choose)
                .map(Target::Action);
        }
        let mode = self.panels.map().mode_at(styles, point);
        if let Some(mode) = mode.filter(|_| self.map_area().contains(point)) {
            return Some(Target::Action(Action::Show(mode)));
        }
        let thing = self.panels.selection_at(&self.scene(), point);
        thing.map(Target::Thing)
    }

    /// Handles the mouse over the list of lessons: a click starts a lesson, the wheel marks one.
    pub(super) fn point_at_list(&mut self, pointing: Pointing, marked: usize) -> Option<Request> {
        match pointing {
            Pointing::At(_) => None,
            Pointing::Wheel(_, clicks) => {
                let arrow = if clicks > 0 { Arrow::Up } else { Arrow::Down };
                self.choose(Action::Move(arrow), marked)
            }
            Pointing::Click(point) => {
                let area = self.layout.below_header();
                let number = lessons::number_at(&self.styles, area, marked, point)?;
                (self.info.lessons)(number)?;
                self.choose(Action::Maximise, number)
            }
        }
    }

    /// Shows the details of this item in the corner.
    fn hover(&mut self, hover: Option<Selection>) {
        let before = self.stage;
        self.stage = Stage { hover, ..before };
        if before.arrangement() != self.stage.arrangement() {
            return self.arrange();
        }
        match self.stage.panel_in(CORNER) {
            corner if corner == before.panel_in(CORNER) => {}
            // The panel needs the layout of that slot.
            PanelId::FrameMap => self.arrange(),
            _ => {
                let surroundings = Surroundings {
                    stage: &self.stage,
                    layout: &self.layout,
                    styles: &self.styles,
                    frames: self.model.frames.len(),
                    info: &self.info,
                };
                self.panels.replace_corner(surroundings);
            }
        }
    }
}
