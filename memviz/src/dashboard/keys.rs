//! The effect of each action, from a key or a click on a key on the screen.
//!
//! Overlays get the keys first: the list of lessons, then the help.

use super::Dashboard;
use super::info::Request;
use super::stage::Stage;
use crate::dashboard::actions::{Action, Magnify};
use crate::graphics::styles::Styles;
use crate::graphics::theme::Theme;
use crate::input::keys::Arrow;
use crate::panels::panel::Scene;
use crate::view::board::SLOTS;
use crate::view::figure::Figure;
use crate::view::highlights::first_frame;
use crate::view::search::state::{Mode, Way};
use crate::view::selection::Selection;
use crate::view::zoom::Zoom;

impl Dashboard<'_> {
    /// Handles an action. Returns the request that only the caller can serve.
    pub fn handle(&mut self, action: Action) -> Option<Request> {
        if let Some(marked) = self.list {
            let is_for_list = !matches!(
                action,
                Action::Screenshot
                    | Action::Shell
                    | Action::Quit
                    | Action::NextKeyboard
                    | Action::Help
                    | Action::Search
                    | Action::Type(_)
            );
            if is_for_list {
                return self.choose(action, marked);
            }
        }
        match action {
            Action::Space => return self.press_space(),
            Action::Step if self.help.is_some() => self.turn_page(),
            Action::Lessons => self.open_list(),
            Action::Help => self.set_help(self.help.is_none().then_some(0)),
            Action::Back => self.back(),
            Action::PlayPause
            | Action::Step
            | Action::StepBack
            | Action::NextStep
            | Action::PreviousStep
            | Action::First
            | Action::Live
            | Action::Bookmark
            | Action::NextBookmark => return self.travel(action),
            Action::Show(mode) => {
                self.set_help(None);
                self.followed.choose_mode(mode);
                self.redraw |= mode != self.mode;
                self.mode = mode;
            }
            Action::ShowBoard(board) => {
                let (focus, maximised) = (None, false);
                self.followed.choose_board(board);
                self.set_stage(Stage {
                    board,
                    figure: None,
                    focus,
                    maximised,
                    ..self.stage
                });
            }
            Action::NextFigure => self.next_figure(),
            Action::Projector => self.set_stage(Stage {
                projector: !self.stage.projector,
                ..self.stage
            }),
            Action::NextPanel => {
                let next = self.stage.focus.map_or(0, |slot| (slot + 1) % SLOTS);
                self.set_stage(Stage {
                    focus: Some(next),
                    ..self.stage
                });
            }
            Action::Maximise => {
                let focus = self.stage.focus.or(Some(0));
                self.set_stage(Stage {
                    focus,
                    maximised: !self.stage.maximised,
                    ..self.stage
                });
            }
            Action::Move(arrow) => return self.steer(arrow),
            Action::Point(pointing) => return self.point(pointing),
            Action::WhyNot => self.toggle_refusal(),
            Action::Zoom(magnify) => self.zoom(magnify, None),
            Action::NextPalette => {
                let theme = self.theme().name;
                let at = Theme::ALL.iter().position(|other| other.name == theme);
                let next = at.map_or(0, |at| (at + 1) % Theme::ALL.len());
                self.set_theme(Theme::ALL[next]);
            }
            Action::Choose(answer) => self.vote(|ballot| ballot.letter(answer)),
            Action::Vote(digit) => self.vote(|ballot| ballot.digit(digit)),
            Action::NextKeyboard => return Some(Request::NextKeyboard),
            Action::Screenshot => return Some(Request::Screenshot),
            Action::Shell => return Some(Request::Shell),
            Action::Quit => return Some(Request::PowerOff),
            Action::ShowFigure(figure) => self.show_figure(figure),
            Action::Compare => return self.toggle_comparison(),
            Action::Search => self.open_search(),
            Action::NameBookmark => return self.open_naming(),
            Action::Type(key) if self.naming.is_open() => self.type_name(key),
            Action::Type(key) => self.type_in_search(key),
            Action::NextMatch => self.want_match(Way::Forward),
            Action::PreviousMatch => self.want_match(Way::Back),
        }
        None
    }

    /// Returns the palette.
    pub fn theme(&self) -> &'static Theme {
        self.styles.theme
    }

    /// Shows the picture in another palette.
    pub fn set_theme(&mut self, theme: &'static Theme) {
        let scale = self.styles.scale;
        self.styles = Styles::new(theme, self.layout.text).with_scale(scale);
        self.redraw = true;
    }

    /// Shows the next figure, and after the last one the board. A lesson's figure comes first.
    fn next_figure(&mut self) {
        let own = self.caption().and_then(|caption| caption.figure);
        let figure = match self.stage.figure {
            None => own.or(Figure::ALL.first().copied()),
            Some(figure) => {
                let at = Figure::ALL.iter().position(|&other| other == figure);
                at.and_then(|at| Figure::ALL.get(at + 1)).copied()
            }
        };
        let (focus, maximised) = (None, false);
        self.followed.own_board = self.followed.step.is_some();
        self.set_stage(Stage {
            figure,
            focus,
            maximised,
            ..self.stage
        });
    }

    /// Shows a figure, until a key or a lesson shows something else.
    fn show_figure(&mut self, figure: Figure) {
        self.set_stage(Stage {
            figure: Some(figure),
            focus: None,
            maximised: false,
            ..self.stage
        });
    }

    /// Handles an arrow key: for the panel that has them, or through time.
    fn steer(&mut self, arrow: Arrow) -> Option<Request> {
        if self.stage.focus.is_some() {
            let scene = Scene {
                selection: self.stage.selection,
                ..self.scene()
            };
            let selection = self.panels.move_cursor(arrow, &scene);
            let zoom = self.zoom_with(selection);
            self.set_stage(Stage {
                selection,
                zoom,
                ..self.stage
            });
            return None;
        }
        match arrow {
            Arrow::Left => {
                let place = self.seen_before();
                self.travel_to(place);
                None
            }
            Arrow::Right if self.timeline.is_live() => self.travel(Action::Step),
            Arrow::Right => {
                let place = self.seen_next();
                self.travel_to(place);
                None
            }
            Arrow::Up | Arrow::Down => None,
        }
    }

    /// Returns the visible part of memory, moved if necessary to show the selection.
    fn zoom_with(&self, selection: Option<Selection>) -> Zoom {
        let frame = selection.and_then(|selection| first_frame(selection, &self.model));
        match frame {
            Some(middle) if self.panels.map().grid().view.cell_of(middle).is_none() => Zoom {
                middle,
                ..self.stage.zoom
            },
            _ => self.stage.zoom,
        }
    }

    /// Zooms the frame map around this frame, or else around the selection, or around the middle of
    /// the map.
    pub(super) fn zoom(&mut self, magnify: Magnify, about: Option<usize>) {
        let frames = self.model.frames.len();
        let view = self.panels.map().grid().view;
        let selected = self.stage.selection;
        let selected = selected.and_then(|selection| first_frame(selection, &self.model));
        let middle = about.or(selected);
        let middle = middle.unwrap_or(view.frames_of(view.cells / 2).start);
        let zoom = Zoom {
            middle,
            ..self.stage.zoom
        };
        let zoom = match magnify {
            Magnify::Nearer => zoom.nearer(frames),
            Magnify::Farther => zoom.farther(),
            Magnify::Whole => Zoom::default(),
        };
        let zoom = if zoom.level == 0 {
            Zoom::default()
        } else {
            zoom
        };
        self.set_stage(Stage { zoom, ..self.stage });
    }

    /// Leaves the topmost mode: the help, the search, a panel alone, the focus, the selection.
    fn back(&mut self) {
        let stage = self.stage;
        if self.help.is_some() {
            self.set_help(None);
        } else if self.has_typed_votes() {
            self.vote(|ballot| ballot.typed = None);
        } else if self.search.mode() != Mode::Closed {
            self.search.close();
        } else if stage.maximised {
            self.set_stage(Stage {
                maximised: false,
                ..stage
            });
        } else if stage.focus.is_some() {
            self.set_stage(Stage {
                focus: None,
                ..stage
            });
        } else {
            self.decline_refusal();
            self.select(None);
        }
    }
}
