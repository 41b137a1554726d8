//! The effect of lessons on the screen: each step shows suitable panels, and the list starts a
//! lesson.

use super::Dashboard;
use super::followed::Followed;
use super::info::Request;
use super::stage::Stage;
use crate::dashboard::actions::Action;
use crate::graphics::pointers::Pointers;
use crate::input::keys::Arrow;
use crate::view::caption::{Caption, Part};

impl Dashboard<'_> {
    /// Returns the caption of the picture.
    pub fn caption(&self) -> Option<Caption> {
        (self.info.caption)(self.model.caption)
    }

    /// Follows the lesson to another step, in either direction of time. The step sets panels and
    /// the view of the frame map. A choice of the user overrides it: for this step in a classroom,
    /// otherwise for the whole lesson.
    pub(super) fn follow_caption(&mut self) {
        // An open help or list stays open.
        if self.followed.number == self.model.caption || self.help.is_some() || self.list.is_some()
        {
            return;
        }
        let caption = self.caption();
        let step = caption.as_ref().map(|caption| match self.info.classroom {
            true => (caption.lesson, caption.step),
            false => (caption.lesson, 0),
        });
        if self.followed.step != step {
            self.followed = Followed {
                step,
                home: self.followed.home,
                selected: self.followed.selected,
                zoom: self.followed.zoom,
                ..Followed::default()
            };
        }
        self.followed.number = self.model.caption;
        let words = caption.as_ref().map(|caption| Pointers::of(&caption.words));
        self.pointers = words.unwrap_or_default();
        self.followed.began = caption
            .as_ref()
            .map_or(0, |caption| self.lesson_began(caption.lesson));
        // A selection of the user stays.
        let selection = caption.as_ref().and_then(|caption| caption.selection);
        if self.stage.selection == self.followed.selected && self.stage.selection != selection {
            self.select(selection);
        }
        self.followed.selected = selection;
        // A zoom of the user stays too.
        let zoom = caption.as_ref().and_then(|caption| caption.zoom);
        let zoom = zoom.unwrap_or_default();
        if self.stage.zoom == self.followed.zoom && self.stage.zoom != zoom {
            self.set_stage(Stage { zoom, ..self.stage });
        }
        self.followed.zoom = zoom;
        let figure = caption.as_ref().and_then(|caption| caption.figure);
        let (board, mode) =
            caption.map_or(self.followed.home, |caption| (caption.board, caption.mode));
        if !self.followed.own_mode && self.mode != mode {
            self.mode = mode;
            self.redraw = true;
        }
        let has_changed = (self.stage.board, self.stage.figure) != (board, figure);
        if !self.followed.own_board && has_changed {
            let (focus, maximised) = (None, false);
            self.set_stage(Stage {
                board,
                figure,
                focus,
                maximised,
                ..self.stage
            });
        }
    }

    /// Returns the time at which this lesson began, in the uninterrupted sequence of captions up to
    /// now. A first step without a question acts before the first caption: then the lesson began
    /// after the caption before that, or at boot.
    fn lesson_began(&self, lesson: &str) -> u64 {
        let mut began = 0;
        for (time, number) in self.timeline.captions_back() {
            let caption = (self.info.caption)(number);
            let caption = caption.filter(|caption| caption.lesson == lesson);
            match caption.map(|caption| caption.part) {
                Some(Part::Question | Part::Meanwhile) => began = time,
                Some(Part::Answer) => began = 0,
                Some(Part::Between) | None if began == 0 => return time,
                Some(Part::Between) | None => return began,
            }
        }
        began
    }

    /// Handles a key while the list of lessons is open.
    pub(super) fn choose(&mut self, action: Action, marked: usize) -> Option<Request> {
        let entry = self.info.lessons;
        let lesson = |at: usize| entry(at).map(|_| at);
        match action {
            Action::Move(Arrow::Down) => self.set_list(lesson(marked + 1).or(Some(marked))),
            Action::Move(Arrow::Up) => self.set_list(Some(marked.saturating_sub(1))),
            Action::Back | Action::Lessons => self.set_list(None),
            Action::Maximise => {
                self.set_list(None);
                self.ballots.forget();
                return lesson(marked).map(Request::Lesson);
            }
            Action::Point(pointing) => return self.point_at_list(pointing, marked),
            _ => {}
        }
        None
    }

    /// Opens the list of lessons with this lesson marked, or closes it.
    pub(super) fn set_list(&mut self, marked: Option<usize>) {
        self.redraw |= marked != self.list;
        self.list = marked;
    }

    /// Opens the list at the current lesson.
    pub(super) fn open_list(&mut self) {
        self.set_help(None);
        let now = self.caption().map(|caption| caption.lesson);
        let mut all = (0..).map_while(|at| (self.info.lessons)(at));
        let at = all.position(|entry| Some(entry.name) == now);
        self.set_list(Some(at.unwrap_or(0)));
    }
}
