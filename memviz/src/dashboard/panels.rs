//! The panels of a board: where each stands, and how each is drawn and steered.
//!
//! ```text
//! board, selection, focus ──► arrangement ──► shown: (panel, rectangle) up to five ──► draw, steer
//! ```
//! Invariant: no two of those that are shown overlap. A panel that is not shown keeps its last
//! place and is not drawn.

use super::info::Info;
use super::stage::Stage;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::model::Model;
use crate::model::samples::Samples;
use crate::panels::detail::{DetailPanel, Subject};
use crate::panels::faults;
use crate::panels::faults::FaultPanel;
use crate::panels::frame_map::FrameMap;
use crate::panels::graphs::GraphsPanel;
use crate::panels::heap::HeapPanel;
use crate::panels::heap::blocks::BlocksPanel;
use crate::panels::heap::orders::OrdersPanel;
use crate::panels::heap::race;
use crate::panels::processes::ProcessPanel;
use crate::panels::regions;
use crate::panels::spaces::SpacesPanel;
use crate::panels::statistics::Statistics;
use crate::panels::storyboard::{StoryboardPanel, Which};
use crate::panels::tree::TreePanel;
use crate::panels::walk::WalkPanel;
use crate::timeline::Timeline;
use crate::view::board::{CORNER, Panel, SLOTS};
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::highlights::{Highlights, first_frame};
use crate::view::layout::{Arrangement, Layout};
use crate::view::map_mode::MapMode;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;
use mm::frame::WhyNot;

/// What drawing a panel may ask for.
pub(super) struct Scene<'d, 'm> {
    pub styles: &'d Styles,
    pub model: &'d Model<'m>,
    pub changes: &'d mut Changes<'m>,
    pub timeline: &'d Timeline<'m>,
    pub samples: &'d Samples<'m>,
    pub mode: MapMode,
    pub selection: Option<Selection>,
    pub why_not: Option<&'d WhyNot>,
    /// When the lesson began, in nanoseconds since boot.
    pub since: u64,
    pub changed: Changed,
    pub extent: Extent,
}

/// All panels, whether they are shown or not.
pub(super) struct Panels {
    shown: Vec<(Panel, Rectangle), SLOTS>,
    focused: Option<Panel>,
    /// What came into the corner since the last picture.
    fresh: Option<Panel>,
    pub map: FrameMap,
    statistics: Statistics,
    heap: HeapPanel,
    tree: TreePanel,
    orders: OrdersPanel,
    blocks: BlocksPanel,
    graphs: GraphsPanel,
    storyboard: StoryboardPanel,
    faults: FaultPanel,
    walk: WalkPanel,
    processes: ProcessPanel,
    spaces: SpacesPanel,
    detail: DetailPanel,
}

impl Panels {
    /// All panels, placed for this stage; the map shows this many frames.
    pub fn new(
        stage: &Stage,
        layout: &Layout,
        styles: &Styles,
        frames: usize,
        info: &Info,
    ) -> Panels {
        let nowhere = Rectangle::zero();
        let mut panels = Panels {
            shown: Vec::new(),
            focused: None,
            fresh: None,
            map: FrameMap::new(styles, layout.slots[0], frames, stage.zoom),
            statistics: Statistics::new(nowhere),
            heap: HeapPanel::new(nowhere),
            tree: TreePanel::new(nowhere),
            orders: OrdersPanel::new(nowhere),
            blocks: BlocksPanel::new(nowhere),
            graphs: GraphsPanel::new(nowhere),
            storyboard: StoryboardPanel::new(nowhere, info.names),
            faults: FaultPanel::new(nowhere, info.names.function),
            walk: WalkPanel::new(nowhere, info.names),
            processes: ProcessPanel::new(nowhere, info.names),
            spaces: SpacesPanel::new(nowhere, info.names),
            detail: DetailPanel::new(nowhere, info.names),
        };
        panels.place(stage, layout, styles, frames, info);
        panels
    }

    /// Puts the panels of this stage into their slots. The model must be given the view of the map
    /// then.
    pub fn place(
        &mut self,
        stage: &Stage,
        layout: &Layout,
        styles: &Styles,
        frames: usize,
        info: &Info,
    ) {
        self.focused = stage.focused();
        let shown = stage.shown();
        let place = |&(panel, slot): &(Panel, usize)| (panel, layout.slots[slot]);
        self.shown = shown.iter().map(place).collect();
        for (panel, area) in self.shown.clone() {
            match panel {
                Panel::FrameMap => self.map = FrameMap::new(styles, area, frames, stage.zoom),
                _ => self.put(panel, area, info),
            }
        }
    }

    /// Another panel than the frame map comes into the corner, and all else stays.
    pub fn replace_corner(&mut self, stage: &Stage, area: Rectangle, info: &Info) {
        let (Arrangement::Five, Some(corner)) = (stage.arrangement(), self.shown.get_mut(CORNER))
        else {
            return;
        };
        let panel = stage.panel_in(CORNER);
        *corner = (panel, area);
        self.focused = stage.focused();
        self.fresh = Some(panel);
        self.put(panel, area, info);
    }

    /// Puts a panel other than the frame map into its place.
    fn put(&mut self, panel: Panel, area: Rectangle, info: &Info) {
        match panel {
            Panel::FrameMap | Panel::Regions | Panel::Race => {}
            Panel::Heap => self.heap = HeapPanel::new(area),
            Panel::Tree => self.tree = TreePanel::new(area),
            Panel::Orders => self.orders = OrdersPanel::new(area),
            Panel::Blocks => self.blocks = BlocksPanel::new(area),
            Panel::Graphs => self.graphs = GraphsPanel::new(area),
            Panel::Storyboard => {
                self.storyboard = StoryboardPanel::new(area, info.names);
            }
            Panel::Faults => self.faults = FaultPanel::new(area, info.names.function),
            Panel::Walk => self.walk = WalkPanel::new(area, info.names),
            Panel::Spaces => self.spaces = SpacesPanel::new(area, info.names),
            Panel::Processes => self.processes = ProcessPanel::new(area, info.names),
            Panel::Statistics => self.statistics = Statistics::new(area),
            Panel::Detail => self.detail = DetailPanel::new(area, info.names),
        }
    }

    /// What can be selected at a point of the screen.
    pub fn thing_at(&self, styles: &Styles, model: &Model, point: Point) -> Option<Selection> {
        let mut shown = self.shown.iter();
        let &(panel, area) = shown.find(|(_, area)| area.contains(point))?;
        match panel {
            Panel::FrameMap => self.map.frames_at(point),
            Panel::Regions => regions::region_at(styles, area, model, point),
            Panel::Heap => self.heap.block_at(model, point),
            Panel::Blocks => self.blocks.block_at(model, point),
            Panel::Tree => self.tree.node_at(styles, &model.heap, point),
            Panel::Faults => self.faults.fault_at(styles, model, point),
            Panel::Processes => self.processes.process_at(styles, point),
            Panel::Spaces => self.spaces.page_at(styles, model, point),
            _ => None,
        }
    }

    /// What is shown, and where.
    pub fn shown(&self) -> impl Iterator<Item = (Panel, Rectangle)> {
        self.shown.iter().copied()
    }

    /// Where this panel is shown.
    pub fn area(&self, panel: Panel) -> Option<Rectangle> {
        let found = self.shown.iter().find(|(shown, _)| *shown == panel);
        found.map(|&(_, area)| area)
    }

    /// Draws what is shown.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &mut Scene<'_, '_>,
    ) -> Result<(), S::Error> {
        let fresh = self.fresh.take();
        let (extent, changed) = (scene.extent, scene.changed);
        for index in 0..self.shown.len() {
            let (panel, area) = self.shown[index];
            if fresh == Some(panel) {
                (scene.extent, scene.changed) = (Extent::All, Changed::ALL);
            }
            self.draw_panel(surface, scene, panel, area)?;
            if scene.extent == Extent::All && self.focused == Some(panel) {
                widgets::outline(surface, area, widgets::FOCUS, scene.styles.theme.accent)?;
            }
            (scene.extent, scene.changed) = (extent, changed);
        }
        Ok(())
    }

    /// Draws a panel that is shown.
    pub fn draw_panel<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &mut Scene<'_, '_>,
        panel: Panel,
        area: Rectangle,
    ) -> Result<(), S::Error> {
        let Scene {
            styles,
            mode,
            changed,
            extent,
            timeline,
            samples,
            selection,
            why_not,
            since,
            ..
        } = *scene;
        let (model, changes) = (scene.model, &mut *scene.changes);
        match panel {
            Panel::FrameMap => {
                let highlights = Highlights::new(selection, why_not, model);
                self.map
                    .draw(surface, styles, model, changes, mode, &highlights, extent)
            }
            Panel::Regions if changed.firmware_map => regions::draw(surface, styles, area, model),
            Panel::Heap if changed.heap => {
                self.heap
                    .draw(surface, styles, model, &changes.heap_frames, extent)
            }
            Panel::Tree => self
                .tree
                .draw(surface, styles, model, timeline, changed, selection, extent),
            Panel::Orders if changed.heap => {
                let totals = model.heap.totals();
                self.orders.draw(surface, styles, totals, extent)
            }
            Panel::Storyboard => self.storyboard.draw(
                surface,
                styles,
                model,
                timeline,
                Which::new(selection, since),
                extent,
            ),
            Panel::Graphs => {
                let past = timeline.current().filter(|_| !timeline.is_live());
                let mark = past.map(|event| event.time);
                self.graphs.draw(surface, styles, samples, mark, extent)
            }
            Panel::Race if changed.heap => race::draw(surface, styles, area, model, extent),
            Panel::Blocks => self.blocks.draw(
                surface,
                styles,
                model,
                &changes.heap_frames,
                selection,
                extent,
            ),
            Panel::Faults => self.faults.draw(surface, styles, model, selection, extent),
            Panel::Walk => self.walk.draw(surface, styles, model, selection, extent),
            Panel::Spaces => self.spaces.draw(surface, styles, model, selection, extent),
            Panel::Processes => self
                .processes
                .draw(surface, styles, model, selection, extent),
            Panel::Statistics if changed.frames || changed.mappings => self
                .statistics
                .draw(surface, styles, model, changed, extent),
            Panel::Detail => match scene.selection {
                Some(selection) => {
                    let subject = Subject { selection, why_not };
                    self.detail
                        .draw(surface, styles, model, changes, timeline, subject, extent)
                }
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// An arrow key for the panel that has them: what is selected then.
    pub fn steer(
        &self,
        arrow: Arrow,
        model: &Model<'_>,
        timeline: &Timeline<'_>,
        selection: Option<Selection>,
    ) -> Option<Selection> {
        match self.focused? {
            Panel::Storyboard | Panel::Faults => faults::steer(arrow, &model.faults, selection),
            Panel::Tree => self.tree.steer(arrow, &model.heap, timeline, selection),
            Panel::FrameMap => {
                let from = selection.and_then(|selection| first_frame(selection, model));
                Some(self.map.steer(arrow, from))
            }
            Panel::Processes => self.processes.steer(arrow, model, selection),
            Panel::Spaces => self.spaces.steer(arrow, model, selection),
            _ => selection,
        }
    }
}

/// The most cells that the frame map has in any slot on this screen.
pub(super) fn most_cells(screen: Size, styles: impl Fn(&Layout) -> Styles) -> Option<usize> {
    let mut most = 0;
    for arrangement in [Arrangement::Five, Arrangement::Two, Arrangement::One] {
        for projector in [false, true] {
            let layout = Layout::new(screen, arrangement, projector)?;
            let styles = styles(&layout);
            let cells = layout.slots.map(|slot| FrameMap::most_cells(&styles, slot));
            most = most.max(cells.into_iter().max().unwrap_or(0));
        }
    }
    Some(most)
}
