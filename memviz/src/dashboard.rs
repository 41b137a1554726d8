//! The dashboard: events and keys in, pixels out.
//!
//! ```text
//! apply(event) ─► Model ─┐
//! handle(action) ────────┼─► draw ─► Surface      only what changed, or everything after a change of view
//! tick(now, costs) ──────┘
//! ```
//! Nothing is allocated: the caller supplies the buffers, whose sizes follow from the number of frames, the
//! largest heap and the screen ([`needs`]).

mod lesson;
mod panels;
mod pointing;
mod refusal;
mod state;
mod travel;

pub use state::State;

use crate::board::{Board, Panel, SLOTS};
use crate::caption::{Caption, LessonEntry, Part};
use crate::highlights::first_frame;
use crate::input::{Action, Arrow, Magnify, MapMode};
use crate::layout::Layout;
use crate::meter::{FrameCosts, Meter};
use crate::model::{Changed, Model, ModelNeeds, ModelStorage};
use crate::panels::faults::NameOf;
use crate::panels::frame_map::grid::Zoom;
use crate::panels::header::Header;
use crate::panels::shell::ShellPanel;
use crate::panels::timeline::TimelineBar;
use crate::panels::{Extent, Names, caption, help, lessons};
use crate::samples::Samples;
use crate::selection::Selection;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::terminal::Terminal;
use crate::theme::Theme;
use crate::timeline::{Slot, Timeline};
use crate::truth::{Disagreement, GroundTruth, Sweep};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Event;
use panels::{Panels, Scene, Stage};

/// Differences of a comparison for which the last event is looked up: that means reading the whole history.
const LOOK_UPS: u32 = 8;

/// What the dashboard must be told about its machine.
#[derive(Clone, Copy)]
pub struct Info {
    /// What the number of a caption event means.
    pub caption: fn(u32) -> Option<Caption>,
    /// The lessons by number, from 0 on.
    pub lessons: fn(usize) -> Option<LessonEntry>,
    /// Size of the memory, in bytes.
    pub memory: u64,
    /// The palette to begin with.
    pub theme: &'static Theme,
    /// Names the function at an address of the kernel.
    pub name_of: NameOf,
    /// Names programs and parts of the address space.
    pub names: Names,
    /// Less and larger from the beginning, for a wall.
    pub projector: bool,
    /// Somebody steps by hand: Space is a step.
    pub classroom: bool,
}

/// Why there is no dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DashboardError {
    /// The screen is smaller than [`crate::layout::SMALLEST`].
    ScreenTooSmall(Size),
}

/// What the caller has to do for a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// One step of the workload.
    Step,
    /// On to the next lesson step.
    NextStep,
    /// To the beginning of the lesson with this number.
    Lesson(usize),
    /// Somebody must be told why nothing happens.
    Tell(&'static str),
    /// A picture of the screen.
    Screenshot,
    /// Keys go to the shell from now on.
    Shell,
    /// Power off.
    PowerOff,
}

/// How large the buffers must be for this many frames from address 0 on, a heap of at most this many bytes, and this
/// screen.
///
/// # Errors
/// [`DashboardError::ScreenTooSmall`].
pub fn needs(frames: usize, heap_bytes: usize, screen: Size) -> Result<ModelNeeds, DashboardError> {
    let styles = |layout: &Layout| Styles::new(Theme::ALL[0], layout.text);
    let cells = panels::most_cells(screen, styles);
    let cells = cells.ok_or(DashboardError::ScreenTooSmall(screen))?;
    // A cell is a frame or more.
    Ok(ModelNeeds::new(frames, heap_bytes, cells.min(frames)))
}

/// The dashboard of one machine on one screen.
pub struct Dashboard<'m> {
    model: Model<'m>,
    samples: Samples<'m>,
    timeline: Timeline<'m>,
    replay: travel::Replay,
    info: Info,
    screen: Size,
    layout: Layout,
    styles: Styles,
    stage: Stage,
    panels: Panels,
    bar: TimelineBar,
    shell: ShellPanel,
    mode: MapMode,
    /// Where the mouse points, once it has moved.
    pointer: Option<Point>,
    /// The page of the help that stands over the panels.
    help: Option<usize>,
    /// The lesson that is marked in the list that stands over the panels.
    list: Option<usize>,
    followed: lesson::Followed,
    meter: Meter,
    header: Header,
    drawn_header: Header,
    /// What the bar at the bottom says that Space does; none while keys go to the shell.
    drawn_space: Option<&'static str>,
    /// Whether the present was held when it was drawn.
    drawn_held: bool,
    redraw: bool,
    /// The map's cells do not know when they changed: it shows others, or another time.
    ages_unknown: bool,
    refusal: refusal::Refusal,
    /// Where the next comparison with the machine goes on.
    sweep: Sweep,
}

impl<'m> Dashboard<'m> {
    /// A dashboard that knows nothing yet.
    ///
    /// # Errors
    /// [`DashboardError::ScreenTooSmall`].
    pub fn new(
        mut storage: ModelStorage<'m>,
        timeline: Timeline<'m>,
        screen: Size,
        info: Info,
    ) -> Result<Dashboard<'m>, DashboardError> {
        let stage = Stage {
            projector: info.projector,
            ..Stage::default()
        };
        let layout = Layout::new(screen, stage.arrangement(), stage.projector);
        let layout = layout.ok_or(DashboardError::ScreenTooSmall(screen))?;
        let styles = Styles::new(info.theme, layout.text);
        let samples = Samples::new(core::mem::take(&mut storage.samples));
        let mut model = Model::new(storage);
        let panels = Panels::new(&stage, &layout, &styles, model.frames.len(), &info);
        model.set_view(panels.map.grid().view);
        Ok(Dashboard {
            screen,
            model,
            samples,
            timeline,
            replay: travel::Replay::default(),
            info,
            layout,
            styles,
            stage,
            panels,
            bar: TimelineBar::new(layout.timeline),
            shell: ShellPanel::new(layout.bottom_row()),
            mode: MapMode::default(),
            pointer: None,
            help: None,
            list: None,
            followed: lesson::Followed::default(),
            meter: Meter::default(),
            header: Header {
                memory: info.memory,
                ..Header::default()
            },
            drawn_header: Header::default(),
            drawn_space: None,
            drawn_held: false,
            redraw: true,
            ages_unknown: false,
            refusal: refusal::Refusal::default(),
            sweep: Sweep::Start,
        })
    }

    /// What the dashboard knows.
    pub fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// The history, and where in it the picture is.
    pub fn timeline(&self) -> &Timeline<'m> {
        &self.timeline
    }

    /// The workload is to be held: somebody wants it, or looks at the past.
    pub fn is_paused(&self) -> bool {
        self.header.paused || !self.timeline.is_live()
    }

    /// The view of the frame map.
    pub fn mode(&self) -> MapMode {
        self.mode
    }

    /// An event happened. A picture of the past stays as it is.
    pub fn apply(&mut self, event: &Event) {
        self.apply_words(event.to_words());
    }

    /// The same for an event that comes as the history keeps it, with its time in nanoseconds since boot.
    ///
    /// # Panics
    /// When no event encodes to these words.
    pub fn apply_words(&mut self, words: Slot) {
        let place = self.timeline.cursor();
        self.timeline.push_words(words, &mut self.model);
        let timeline = &self.timeline;
        if timeline.cursor() != timeline.end() {
            // One looks at the past, and the oldest event may have dropped out of it.
            self.ages_unknown |= timeline.cursor() != place;
        } else if timeline.first() == timeline.end() {
            // What contradicts makes all of the past ghosts.
            self.ages_unknown = true;
        }
    }

    /// Somebody asked for something. What the dashboard cannot do itself is handed back.
    pub fn handle(&mut self, action: Action) -> Option<Request> {
        if let Some(marked) = self.list {
            let is_for_list = !matches!(action, Action::Screenshot | Action::Shell | Action::Quit);
            if is_for_list && action != Action::Help {
                return self.choose(action, marked);
            }
        }
        match action {
            Action::PlayPause | Action::Step if self.help.is_some() => self.turn_page(),
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
                    focus,
                    maximised,
                    ..self.stage
                });
            }
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
                let at = Theme::ALL
                    .iter()
                    .position(|theme| theme.name == self.styles.theme.name);
                let next = at.map_or(0, |at| (at + 1) % Theme::ALL.len());
                self.styles = Styles::new(Theme::ALL[next], self.layout.text);
                self.redraw = true;
            }
            Action::Screenshot => return Some(Request::Screenshot),
            Action::Shell => return Some(Request::Shell),
            Action::Quit => return Some(Request::PowerOff),
        }
        None
    }

    /// An arrow key: for the panel that has them, or through time.
    fn steer(&mut self, arrow: Arrow) -> Option<Request> {
        if self.stage.focus.is_some() {
            let (model, timeline) = (&self.model, &self.timeline);
            let selected = self.stage.selection;
            let selection = self.panels.steer(arrow, model, timeline, selected);
            let zoom = self.zoom_with(selection);
            self.set_stage(Stage {
                selection,
                zoom,
                ..self.stage
            });
            return None;
        }
        match arrow {
            Arrow::Left => self.travel(Action::StepBack),
            Arrow::Right => self.travel(Action::Step),
            Arrow::Up | Arrow::Down => None,
        }
    }

    /// The part of memory that is shown, moved if that is needed to show the selection.
    fn zoom_with(&self, selection: Option<Selection>) -> Zoom {
        let frame = selection.and_then(|selection| first_frame(selection, &self.model));
        match frame {
            Some(middle) if self.panels.map.grid().view.cell_of(middle).is_none() => Zoom {
                middle,
                ..self.stage.zoom
            },
            _ => self.stage.zoom,
        }
    }

    /// Magnifies the frame map about this frame, or else about what is selected, or about the middle of what is shown.
    fn zoom(&mut self, magnify: Magnify, about: Option<usize>) {
        let frames = self.model.frames.len();
        let view = self.panels.map.grid().view;
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

    /// Out of whatever stands on top: the help, a panel alone, the focus, the selection.
    fn back(&mut self) {
        let stage = self.stage;
        if self.help.is_some() {
            self.set_help(None);
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

    /// Somebody looks at this from now on.
    pub fn select(&mut self, selection: Option<Selection>) {
        self.set_stage(Stage {
            selection,
            ..self.stage
        });
    }

    /// Other panels, or the same ones elsewhere.
    fn set_stage(&mut self, stage: Stage) {
        let hover = None;
        let before = core::mem::replace(&mut self.stage, Stage { hover, ..stage });
        self.set_help(None);
        // Another selection of the same kind leaves everything where it is.
        let moved = Stage {
            selection: before.selection,
            hover: before.hover,
            ..stage
        };
        let is_told = stage.selection.is_some();
        let (was_selected, was_told) = (before.selection, before.looked_at());
        if moved == before
            && [was_selected, was_told]
                .iter()
                .all(|told| told.is_some() == is_told)
        {
            return;
        }
        self.arrange();
    }

    /// Puts everything where the stage wants it.
    fn arrange(&mut self) {
        let stage = &self.stage;
        let Some(layout) = Layout::new(self.screen, stage.arrangement(), stage.projector) else {
            return;
        };
        self.layout = layout;
        self.styles = Styles::new(self.styles.theme, layout.text);
        let frames = self.model.frames.len();
        let view = self.panels.map.grid().view;
        self.panels
            .place(stage, &layout, &self.styles, frames, &self.info);
        if view != self.panels.map.grid().view {
            self.model.set_view(self.panels.map.grid().view);
            self.ages_unknown = true;
        }
        self.bar = TimelineBar::new(layout.timeline);
        self.redraw = true;
    }

    /// The shell stands over the bottom from now on, or not any more. What is under the pointer stays.
    pub fn set_shell(&mut self, shell: bool) {
        if self.stage.shell != shell {
            self.stage.shell = shell;
            self.set_help(None);
            self.arrange();
        }
    }

    /// The shell shows what it said pages before, or after.
    pub fn turn_shell(&mut self, pages: i32) {
        let rows = self.shell.page(&self.styles);
        self.shell.scroll(pages * rows);
    }

    fn set_help(&mut self, page: Option<usize>) {
        self.redraw |= page != self.help || self.list.is_some();
        self.help = page;
        self.list = None;
    }

    /// The next page of the help, and after the last one the first.
    fn turn_page(&mut self) {
        let pages = help::pages(&self.styles, self.layout.below_header());
        self.set_help(self.help.map(|page| (page + 1) % pages));
    }

    /// Another picture is due, at `now` nanoseconds since boot.
    pub fn tick(&mut self, now: u64, costs: FrameCosts) {
        self.meter.tick(now, self.timeline.end(), costs);
        self.play_again(now);
        if self.timeline.is_live() {
            self.samples.tick(now, self.timeline.end(), &self.model);
        }
        self.header = Header {
            time: self.picture_time(now),
            behind: self.timeline.behind(),
            events: self.model.events(),
            lost: costs.lost,
            disagreements: self.model.disagreements(),
            figures: self.meter.figures(),
            processes: self.model.processes.live(),
            ..self.header
        };
    }

    /// Compares the next so many frames with the machine, or the next entries of the page tables, and the rest after the last one,
    /// when it returns true and begins anew. All events must have been applied: see [`crate::truth`]. The past cannot be compared: true at once.
    pub fn verify(
        &mut self,
        truth: &impl GroundTruth,
        frames: usize,
        mut report: impl FnMut(&Disagreement),
    ) -> bool {
        if !self.timeline.is_live() {
            self.sweep = Sweep::Start;
            return true;
        }
        let (timeline, mut looked_up) = (&self.timeline, 0);
        self.sweep
            .go_on(&mut self.model, truth, frames, |difference| {
                looked_up += 1;
                let last_at = |frame| timeline.at_frame(frame).next().map(|(_, event)| event);
                match looked_up {
                    0..=LOOK_UPS => report(&difference.remember(last_at)),
                    _ => report(difference),
                }
            })
    }

    /// Events were lost: takes everything from the machine, in the present. What was before cannot be undone any more.
    pub fn rebuild(&mut self, truth: &impl GroundTruth) {
        self.timeline.go_to(u64::MAX, &mut self.model);
        self.model.rebuild(truth);
        self.timeline.forget(&self.model);
        self.ages_unknown = true;
        self.redraw = true;
    }

    /// The next picture is drawn whole.
    pub fn redraw(&mut self) {
        self.redraw = true;
    }

    /// Draws what changed since the last picture.
    pub fn draw<S: Surface>(&mut self, surface: &mut S) -> Result<(), S::Error> {
        self.follow_caption();
        if self.help.is_none() {
            self.offer_refusal();
        }
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
            self.timeline.remember_ages(&mut self.model);
        }
        let (layout, styles, model) = (self.layout, &self.styles, &mut self.model);
        let changed = if all { Changed::ALL } else { model.changed };
        let before = core::mem::replace(&mut self.drawn_header, self.header);
        self.header
            .draw(surface, styles, layout.header, &before, extent)?;
        if let Some(page) = self.help {
            return match extent {
                Extent::All => help::draw(surface, styles, layout.below_header(), page),
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
        let mut scene = Scene {
            styles,
            model,
            timeline: &self.timeline,
            samples: &self.samples,
            mode: self.mode,
            selection: self.stage.looked_at(),
            why_not: why_not.as_ref(),
            changed,
            extent,
        };
        self.panels.draw(surface, &mut scene)?;
        let (timeline, paused) = (&self.timeline, self.header.paused);
        self.bar.draw(surface, styles, timeline, paused, extent)?;
        let is_held = paused || !timeline.is_live();
        if changed.caption || is_held != self.drawn_held {
            self.drawn_held = is_held;
            let caption = (self.info.caption)(self.model.caption);
            let part = caption.as_ref().map(|caption| caption.part);
            let space = match (self.info.classroom, part, is_held) {
                (true, Some(Part::Question), _) => "answer",
                (true, ..) => "next",
                (false, _, true) => "go on",
                (false, _, false) => "pause",
            };
            self.drawn_space = (!self.stage.shell).then_some(space);
            let space = self.drawn_space;
            caption::draw(surface, styles, layout.caption, caption.as_ref(), space)?;
        }
        self.model.heap.dirty.clear();
        self.model.changed = Changed::default();
        Ok(())
    }

    /// Draws the shell, where it is open and what changed in it: after [`Dashboard::draw`].
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

    /// The time of the picture, in nanoseconds since boot.
    pub fn time(&self) -> u64 {
        self.header.time
    }

    /// Where everything stands.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The rectangle of the frame map, where it is shown.
    pub fn map_area(&self) -> Rectangle {
        self.panels.area(Panel::FrameMap).unwrap_or_default()
    }

    /// The panels that are shown.
    pub fn board(&self) -> Board {
        self.stage.board
    }
}

#[cfg(test)]
#[path = "dashboard_tests.rs"]
mod tests;
