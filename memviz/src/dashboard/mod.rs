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
mod ballot;
pub mod boards;
mod comparison;
mod followed;
mod info;
mod keys;
mod lesson;
mod naming;
mod offer;
mod picture;
mod pointing;
mod proof;
pub mod record;
mod refusal;
mod replay;
mod search;
mod shown;
mod space;
mod stage;
pub mod state;
mod storage;
mod travel;
mod visible;

pub use crate::panels::PanelId;
pub use crate::panels::lesson::offer::Notice;
pub use info::{DashboardError, Info, Request};
pub use storage::{DashboardNeeds, DashboardStorage, needs};

use crate::graphics::numbers::{NUMBERS, Number};
use crate::graphics::pointers::Pointers;
use crate::graphics::styles::Styles;
use crate::graphics::type_scale::TypeScale;
use crate::input::line_editor::Text;
use crate::model::Model;
use crate::model::samples::Samples;
use crate::panels::lesson::offer::Offer;
use crate::panels::lesson::state_line::PictureState;
use crate::panels::shell::ShellPanel;
use crate::panels::timeline::TimelineBar;
use crate::timeline::{EventWords, Timeline};
use crate::truth::{GroundTruth, Mismatch, Sweep};
use crate::view::ballot::Ballots;
use crate::view::board::Board;
use crate::view::changes::Changes;
use crate::view::layout::Layout;
use crate::view::map::View;
use crate::view::map_mode::MapMode;
use crate::view::meter::{FrameCosts, Meter};
use crate::view::naming::Naming;
use crate::view::search::state::{Search, SearchLine};
use crate::view::step::StepChanges;
use crate::view::step::happened::Happened;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::event::Event;
use shown::{ShownPanels, Surroundings};
use stage::Stage;

/// The maximum number of differences of a comparison for which the last event is searched. Each
/// search reads the whole history.
const LOOK_UPS: u32 = 8;

/// The dashboard of one machine on one screen.
pub struct Dashboard<'m> {
    model: Model<'m>,
    /// The parts that the next picture draws again.
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
    /// The position of the pointer, once it has moved.
    pointer: Option<Point>,
    /// The page of the help, while it is open.
    help: Option<usize>,
    /// The marked lesson, while the list of lessons is open.
    list: Option<usize>,
    followed: followed::Followed,
    /// The numbers that the caption points at.
    pointers: Pointers,
    /// The answers that the viewers chose.
    ballots: Ballots,
    meter: Meter,
    /// What changed in the current lesson step, or since a bookmark.
    step: StepChanges,
    /// True if the changes are those since the last bookmark before the picture.
    compares: bool,
    status: PictureState,
    /// The state at the last drawing.
    drawn_status: Option<PictureState>,
    /// The keys that the title line shows.
    drawn_offer: Offer,
    search: Search<'m>,
    /// The line of the search at the last drawing.
    drawn_search: Option<SearchLine>,
    naming: Naming,
    /// The line of a name at the last drawing.
    drawn_naming: Option<(Text, usize)>,
    /// The notice in the title line.
    notice: Option<Notice>,
    /// The state at the last drawing: paused, in the past, the notice.
    drawn_held: (bool, bool, Option<Notice>),
    /// What happened in the step, beside its caption, and its rectangle.
    drawn_happened: (Rectangle, Happened),
    /// The numbers of the caption that no panel shows, as far as the dashboard looked for them.
    unshown: heapless::Vec<Number, NUMBERS>,
    /// True if the next pictures are saved, so that they do not depend on earlier pictures.
    is_still: bool,
    redraw: bool,
    /// True if the map shows other cells or another time, so that the ages of its cells are
    /// unknown.
    ages_unknown: bool,
    refusal: refusal::Refusal,
    /// The position of the next comparison with the machine.
    sweep: Sweep,
}

impl<'m> Dashboard<'m> {
    /// Creates a dashboard without any events.
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
            only: info.only,
            ..Stage::default()
        };
        let layout = Layout::new(screen, stage.arrangement(), stage.projector);
        let layout = layout.ok_or(DashboardError::ScreenTooSmall(screen))?;
        let scale = TypeScale::new(screen.height, stage.projector);
        let styles = Styles::new(info.theme, layout.text).with_scale(scale);
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
            pointers: Pointers::default(),
            ballots: Ballots::default(),
            meter: Meter::default(),
            step: StepChanges::default(),
            compares: false,
            drawn_happened: (Rectangle::zero(), Happened::default()),
            status: PictureState::default(),
            drawn_status: None,
            drawn_offer: Offer::Shell,
            search: Search::new(storage.matches),
            drawn_search: None,
            naming: Naming::default(),
            drawn_naming: None,
            notice: None,
            drawn_held: (false, false, None),
            unshown: heapless::Vec::new(),
            is_still: false,
            redraw: true,
            ages_unknown: false,
            refusal: refusal::Refusal::default(),
            sweep: Sweep::Start,
        })
    }

    /// Returns the model of the machine.
    pub fn model(&self) -> &Model<'m> {
        &self.model
    }

    /// Returns the frames of the cells of the map.
    pub fn view(&self) -> View {
        self.changes.cells.view()
    }

    /// Returns the history, and the position of the picture in it.
    pub fn timeline(&self) -> &Timeline<'m> {
        &self.timeline
    }

    /// Returns whether the workload must pause: by request, or because the picture shows the past.
    pub fn is_paused(&self) -> bool {
        self.status.paused || !self.timeline.is_live()
    }

    /// Returns whether the workload or the replay is paused, so that nothing moves the picture.
    pub fn is_stopped(&self) -> bool {
        self.status.paused
    }

    /// Returns the view of the frame map.
    pub fn mode(&self) -> MapMode {
        self.mode
    }

    /// Applies an event. A picture of the past stays unchanged.
    pub fn apply(&mut self, event: &Event) {
        self.apply_words(event.to_words());
    }

    /// Applies an event in the encoding of the history, with its time in nanoseconds since boot.
    ///
    /// # Panics
    /// If no event encodes to these words.
    pub fn apply_words(&mut self, words: EventWords) {
        let place = self.timeline.cursor();
        self.timeline
            .record_and_apply_words(words, &mut self.model, &mut self.changes);
        let timeline = &self.timeline;
        if timeline.cursor() != timeline.end() {
            // The picture shows the past, and the history may have evicted its oldest event.
            self.ages_unknown |= timeline.cursor() != place;
        } else if timeline.first() == timeline.end() {
            // A contradiction evicts the whole history.
            self.ages_unknown = true;
        }
    }

    /// Prepares the next picture, at `now` nanoseconds since boot.
    pub fn tick(&mut self, now: u64, costs: FrameCosts) {
        self.meter.tick(now, self.timeline.end(), costs);
        self.play_again(now);
        self.search_on();
        if self.timeline.is_live() {
            self.samples.tick(now, self.timeline.end(), &self.model);
        }
        self.status = PictureState {
            time: self.picture_time(now),
            behind: self.timeline.behind(),
            events: self.model.events(),
            lost: costs.lost,
            mismatches: self.model.mismatches(),
            figures: self.meter.figures(),
            ..self.status
        };
    }

    /// Compares the next frames or page-table entries with the machine. Returns true after the last
    /// ones, and then starts again. The caller must have applied all events: see [`crate::truth`].
    /// The past cannot be compared, so it returns true at once.
    pub fn verify(
        &mut self,
        truth: &impl GroundTruth,
        frames: usize,
        mut report: impl FnMut(&Mismatch),
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

    /// Rebuilds the model from the machine after events were lost. The dashboard goes to the
    /// present, and earlier events cannot be undone.
    pub fn rebuild(&mut self, truth: &impl GroundTruth) {
        self.timeline
            .move_model_to(u64::MAX, &mut self.model, &mut self.changes);
        self.model.rebuild(truth, &mut self.changes);
        self.timeline.forget(&self.model);
        self.ages_unknown = true;
        self.redraw = true;
    }

    /// Makes the next pictures still, without fading and rates of drawing, or normal again.
    pub fn set_still(&mut self, is_still: bool) {
        self.is_still = is_still;
    }

    /// Draws the whole next picture.
    pub fn redraw(&mut self) {
        self.redraw = true;
    }

    /// Returns the time of the picture, in nanoseconds since boot.
    pub fn time(&self) -> u64 {
        self.status.time
    }

    /// Returns the layout of the screen.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Returns the rectangle of the frame map, if it is shown.
    pub fn map_area(&self) -> Rectangle {
        self.panels.area(PanelId::FrameMap).unwrap_or_default()
    }

    /// Returns the visible panels.
    pub fn board(&self) -> Board {
        self.stage.board
    }
}

#[cfg(test)]
mod tests;
