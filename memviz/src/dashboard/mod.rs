//! The dashboard: events and keys in, pixels out.
//!
//! ```text
//! apply(event) ─► Model ─┐
//! handle(action) ────────┼─► draw ─► Surface      only what changed, or everything after a change of view
//! tick(now, costs) ──────┘
//! ```
//! Nothing is allocated: the caller supplies the buffers, whose sizes follow from the number of
//! frames, the largest heap and the screen ([`needs`]).

pub mod actions;
mod arrange;
pub mod boards;
mod followed;
mod info;
mod keys;
mod lesson;
mod offer;
mod picture;
mod pointing;
mod refusal;
mod replay;
mod shown;
mod space;
mod stage;
pub mod state;
mod storage;
mod travel;

pub use info::{DashboardError, Info, Request};
pub use storage::{DashboardNeeds, DashboardStorage, needs};

use crate::graphics::styles::Styles;
use crate::model::Model;
use crate::model::samples::Samples;
use crate::panels::PanelId;
use crate::panels::caption::Offer;
use crate::panels::header::Header;
use crate::panels::shell::ShellPanel;
use crate::panels::timeline::TimelineBar;
use crate::timeline::{EventWords, Timeline};
use crate::truth::{Disagreement, GroundTruth, Sweep};
use crate::view::board::Board;
use crate::view::changes::Changes;
use crate::view::layout::Layout;
use crate::view::map::View;
use crate::view::map_mode::MapMode;
use crate::view::meter::{FrameCosts, Meter};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Event;
use shown::{ShownPanels, Surroundings};
use stage::Stage;

/// Differences of a comparison for which the last event is looked up: that means reading the whole
/// history.
const LOOK_UPS: u32 = 8;

/// The dashboard of one machine on one screen.
pub struct Dashboard<'m> {
    model: Model<'m>,
    /// What the next picture draws again.
    changes: Changes<'m>,
    samples: Samples<'m>,
    timeline: Timeline<'m>,
    replay: replay::Replay,
    info: Info,
    screen: Size,
    layout: Layout,
    styles: Styles,
    stage: Stage,
    panels: ShownPanels,
    bar: TimelineBar,
    shell: ShellPanel,
    mode: MapMode,
    /// Where the mouse points, once it has moved.
    pointer: Option<Point>,
    /// The page of the help that stands over the panels.
    help: Option<usize>,
    /// The lesson that is marked in the list that stands over the panels.
    list: Option<usize>,
    followed: followed::Followed,
    meter: Meter,
    header: Header,
    drawn_header: Header,
    /// The keys that the bar at the bottom tells.
    drawn_offer: Offer,
    /// `q` was pressed and is to be pressed again.
    quit_asked: bool,
    /// Whether all stood still when it was drawn, whether that was in the past, and whether it
    /// asked for `q` again.
    drawn_held: (bool, bool, bool),
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
        storage: DashboardStorage<'m>,
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
        let samples = Samples::new(storage.samples);
        let model = Model::new(storage.model);
        let mut changes = Changes::new(storage.changes, model.frames.len());
        let panels = ShownPanels::new(Surroundings {
            stage: &stage,
            layout: &layout,
            styles: &styles,
            frames: model.frames.len(),
            info: &info,
        });
        changes.set_view(panels.map().grid().view, &model);
        Ok(Dashboard {
            screen,
            model,
            changes,
            samples,
            timeline,
            replay: replay::Replay::default(),
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
            followed: followed::Followed::default(),
            meter: Meter::default(),
            header: Header {
                memory: info.memory,
                ..Header::default()
            },
            drawn_header: Header::default(),
            drawn_offer: Offer::Shell,
            quit_asked: false,
            drawn_held: (false, false, false),
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

    /// Which frames the cells of the map show.
    pub fn view(&self) -> View {
        self.changes.cells.view()
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

    /// The same for an event that comes as the history keeps it, with its time in nanoseconds since
    /// boot.
    ///
    /// # Panics
    /// When no event encodes to these words.
    pub fn apply_words(&mut self, words: EventWords) {
        let place = self.timeline.cursor();
        self.timeline
            .record_and_apply_words(words, &mut self.model, &mut self.changes);
        let timeline = &self.timeline;
        if timeline.cursor() != timeline.end() {
            // One looks at the past, and the oldest event may have dropped out of it.
            self.ages_unknown |= timeline.cursor() != place;
        } else if timeline.first() == timeline.end() {
            // A contradiction evicts the whole history.
            self.ages_unknown = true;
        }
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

    /// Compares the next so many frames with the machine, or the next entries of the page tables,
    /// and the rest after the last one, when it returns true and begins anew. All events must
    /// have been applied: see [`crate::truth`]. The past cannot be compared: true at once.
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
        self.sweep.advance(
            &mut self.model,
            &mut self.changes,
            truth,
            frames,
            |difference| {
                looked_up += 1;
                let last_at = |frame| timeline.at_frame(frame).next().map(|(_, event)| event);
                match looked_up {
                    0..=LOOK_UPS => report(&difference.remember(last_at)),
                    _ => report(difference),
                }
            },
        )
    }

    /// Events were lost: takes everything from the machine, in the present. What was before cannot
    /// be undone any more.
    pub fn rebuild(&mut self, truth: &impl GroundTruth) {
        self.timeline
            .move_model_to(u64::MAX, &mut self.model, &mut self.changes);
        self.model.rebuild(truth, &mut self.changes);
        self.timeline.forget(&self.model);
        self.ages_unknown = true;
        self.redraw = true;
    }

    /// The next picture is drawn whole.
    pub fn redraw(&mut self) {
        self.redraw = true;
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
        self.panels.area(PanelId::FrameMap).unwrap_or_default()
    }

    /// The panels that are shown.
    pub fn board(&self) -> Board {
        self.stage.board
    }
}

#[cfg(test)]
mod tests;
