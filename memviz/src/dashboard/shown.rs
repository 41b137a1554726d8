//! The visible panels: their rectangles, and the panel that has the arrow keys.
//!
//! ```text
//! board, selection, focus ──► arrangement ──► shown: (panel, rectangle) up to five ──► draw, point, steer
//! ```
//! Invariant: visible panels do not overlap. A hidden panel keeps its last rectangle and is not
//! drawn.

use super::info::Info;
use super::stage::Stage;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::panels::frame_map::FrameMap;
use crate::panels::panel::{Scene, Setup};
use crate::panels::{PanelId, Panels};
use crate::view::board::{CORNER, SLOTS};
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::layout::{Arrangement, Layout};
use crate::view::overview::Details;
use crate::view::selection::Selection;
use crate::widgets;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use heapless::Vec;

/// All panels, and the list of the visible ones.
pub(super) struct ShownPanels {
    panels: Panels,
    shown: Vec<(PanelId, Rectangle), SLOTS>,
    focused: Option<PanelId>,
    /// The panel that came into the corner since the last picture.
    fresh: Option<PanelId>,
}

/// Everything that determines the rectangles of panels.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub stage: &'a Stage,
    pub layout: &'a Layout,
    pub styles: &'a Styles,
    pub frames: usize,
    pub info: &'a Info,
}

impl<'a> Surroundings<'a> {
    fn setup(&self, area: Rectangle) -> Setup<'a> {
        Setup {
            area,
            styles: self.styles,
            names: self.info.names,
            frames: self.frames,
            zoom: self.stage.zoom,
        }
    }
}

impl ShownPanels {
    /// Creates all panels, with those of this stage in their slots.
    pub fn new(surroundings: Surroundings<'_>) -> ShownPanels {
        let first = surroundings.layout.slots[0];
        let mut shown = ShownPanels {
            panels: Panels::new(&surroundings.setup(first)),
            shown: Vec::new(),
            focused: None,
            fresh: None,
        };
        shown.place(surroundings);
        shown
    }

    /// Moves the panels of this stage into their slots. The caller must then give the view of the
    /// map to the changes.
    pub fn place(&mut self, surroundings: Surroundings<'_>) {
        let Surroundings { stage, layout, .. } = surroundings;
        self.focused = stage.focused();
        let shown = stage.shown();
        let place = |&(panel, slot): &(PanelId, usize)| (panel, layout.slots[slot]);
        self.shown = shown.iter().map(place).collect();
        for &(panel, area) in &self.shown {
            self.panels.put(panel, &surroundings.setup(area));
        }
    }

    /// Replaces the panel in the corner by another panel, not the frame map.
    pub fn replace_corner(&mut self, surroundings: Surroundings<'_>) {
        let Surroundings { stage, layout, .. } = surroundings;
        let (Arrangement::Five, Some(corner)) = (stage.arrangement(), self.shown.get_mut(CORNER))
        else {
            return;
        };
        let (panel, area) = (stage.panel_in(CORNER), layout.slots[CORNER]);
        *corner = (panel, area);
        self.focused = stage.focused();
        self.fresh = Some(panel);
        self.panels.put(panel, &surroundings.setup(area));
    }

    /// Returns the frame map, visible or not.
    pub fn map(&self) -> &FrameMap {
        &self.panels.map
    }

    /// Turns the pages of the memory map, by clicks of the wheel away from the user.
    pub fn turn_regions(&mut self, clicks: i32) {
        self.panels.regions.turn(clicks);
    }

    /// Returns the visible panels, with their rectangles.
    pub fn all(&self) -> impl Iterator<Item = (PanelId, Rectangle)> {
        self.shown.iter().copied()
    }

    /// Returns the rectangle of this panel, if it is visible.
    pub fn area(&self, panel: PanelId) -> Option<Rectangle> {
        let found = self.shown.iter().find(|(shown, _)| *shown == panel);
        found.map(|&(_, area)| area)
    }

    /// Draws the visible panels.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let fresh = self.fresh.take();
        for &(panel, area) in &self.shown {
            let extent = match fresh == Some(panel) {
                true => Extent::All,
                false => extent,
            };
            self.panels.draw(panel, surface, scene, changes, extent)?;
            if extent == Extent::All && self.focused == Some(panel) {
                widgets::outline(surface, area, widgets::FOCUS, scene.styles.theme.accent)?;
            }
        }
        Ok(())
    }

    /// Draws all of one visible panel.
    #[cfg(test)]
    pub fn draw_one<S: Surface>(
        &mut self,
        panel: PanelId,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
    ) -> Result<(), S::Error> {
        self.panels
            .draw(panel, surface, scene, changes, Extent::All)
    }

    /// Returns the item at a point of the screen that can be selected.
    pub fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        let mut shown = self.shown.iter();
        let &(panel, _) = shown.find(|(_, area)| area.contains(point))?;
        self.panels.selection_at(panel, scene, point)
    }

    /// Returns the selection after an arrow key for the panel that has the arrow keys.
    pub fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        self.panels.move_cursor(self.focused?, arrow, scene)
    }
}

/// Returns the maximum number of cells of the frame map in any slot on this screen.
pub(super) fn most_cells(screen: Size, styles: impl Fn(&Layout) -> Styles) -> Option<usize> {
    let mut most = 0;
    let overview = Arrangement::Overview(Details::Hidden);
    for arrangement in [
        Arrangement::Five,
        overview,
        Arrangement::Two,
        Arrangement::One,
    ] {
        for projector in [false, true] {
            let layout = Layout::new(screen, arrangement, projector)?;
            let styles = styles(&layout);
            let cells = layout.slots.map(|slot| FrameMap::most_cells(&styles, slot));
            most = most.max(cells.into_iter().max().unwrap_or(0));
        }
    }
    Some(most)
}
