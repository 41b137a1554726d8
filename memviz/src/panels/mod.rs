//! The panels: one file or folder each, and the table of all of them.
//!
//! A panel gets a rectangle and a [`Scene`], and draws only inside its rectangle.
//! Drawing [`Extent::All`] and then
//! [`Extent::Changed`] must leave the same picture as
//! [`Extent::All`] alone. Panels use `widgets` and the modules below
//! it; they do not use the dashboard.
//!
//! To add a panel: write its file with an `impl Panel`, declare the file with `mod`, and add a line
//! to the table below. The compiler reports a missing part: a panel that is not in the table is
//! dead code. `dashboard/boards.rs` decides which board shows the panel, and in which slot.
//!
//! Title line, timeline bar, caption, help, list of lessons and shell are not in the slots of a
//! board. They have their own functions and no line in the table.

pub mod detail;
mod faults;
pub mod figures;
pub mod frame_map;
pub mod graphs;
pub mod heap;
pub mod help;
pub mod lesson;
pub mod lessons;
mod memo;
pub mod panel;
mod processes;
mod regions;
pub mod shell;
mod spaces;
mod statistics;
pub mod storyboard;
pub mod timeline;
mod tree;
pub mod walk;
mod why_not;

use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use embedded_graphics::geometry::Point;
use help::entry::Entry;
use panel::{Panel, Scene, Setup};

/// Makes [`PanelId`] and [`Panels`] from the table of panels.
macro_rules! panels {
    ($($field:ident: $id:ident = $panel:ty,)*) => {
        /// Identifies a panel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PanelId {
            $(#[doc = concat!("See [`", stringify!($panel), "`].")] $id,)*
        }

        impl PanelId {
            /// All panels, in the order of the table.
            pub const ALL: [PanelId; [$(stringify!($id)),*].len()] = [$(PanelId::$id),*];

            /// Returns the panel with this name. A hyphen stands for a space.
            pub fn named(name: &str) -> Option<PanelId> {
                let letters = |name: &str| name.bytes().map(|letter| match letter {
                    b'-' => b' ',
                    letter => letter,
                }).collect::<heapless::Vec<u8, 64>>();
                let is_long = name.len() > 64;
                let mut all = PanelId::ALL.into_iter().filter(|_| !is_long);
                all.find(|panel| letters(panel.name()) == letters(name))
            }

            /// Returns the name of the panel, for scripts.
            pub const fn name(self) -> &'static str {
                match self {
                    $(PanelId::$id => <$panel as Panel>::NAME,)*
                }
            }

            /// Returns the entries of the panel in the help.
            pub fn help(self) -> &'static [Entry] {
                match self {
                    $(PanelId::$id => <$panel as Panel>::HELP,)*
                }
            }
        }

        /// One panel of each kind, shown or not.
        pub struct Panels {
            $(#[doc = concat!("See [`", stringify!($panel), "`].")] pub $field: $panel,)*
        }

        impl Panels {
            /// Creates all panels, each with the same setup.
            pub fn new(setup: &Setup<'_>) -> Panels {
                Panels {
                    $($field: Panel::new(setup),)*
                }
            }

            /// Moves a panel. Nothing of it is on the screen afterwards.
            pub fn put(&mut self, id: PanelId, setup: &Setup<'_>) {
                match id {
                    $(PanelId::$id => self.$field = Panel::new(setup),)*
                }
            }

            /// Draws a panel, or its changes.
            pub fn draw<S: Surface>(
                &mut self,
                id: PanelId,
                surface: &mut S,
                scene: &Scene<'_, '_>,
                changes: &mut Changes<'_>,
                extent: Extent,
            ) -> Result<(), S::Error> {
                let is_shown_by = |shows: bool| shows || extent == Extent::All;
                match id {
                    $(PanelId::$id if is_shown_by(<$panel as Panel>::shows(changes.panels)) => {
                        self.$field.draw(surface, scene, changes, extent)
                    })*
                    $(PanelId::$id => Ok(()),)*
                }
            }

            /// Returns the selection after a click at this point of a panel.
            pub fn selection_at(
                &self,
                id: PanelId,
                scene: &Scene<'_, '_>,
                point: Point,
            ) -> Option<Selection> {
                match id {
                    $(PanelId::$id => self.$field.selection_at(scene, point),)*
                }
            }

            /// Returns the selection after an arrow key for a panel.
            pub fn move_cursor(
                &self,
                id: PanelId,
                arrow: Arrow,
                scene: &Scene<'_, '_>,
            ) -> Option<Selection> {
                match id {
                    $(PanelId::$id => self.$field.move_cursor(arrow, scene),)*
                }
            }
        }
    };
}

// The help lists the panels in this order.
panels! {
    map: FrameMap = frame_map::FrameMap,
    detail: Detail = detail::DetailPanel,
    statistics: Statistics = statistics::Statistics,
    heap: Heap = heap::HeapPanel,
    tree: Tree = tree::TreePanel,
    orders: Orders = heap::orders::OrdersPanel,
    blocks: Blocks = heap::blocks::BlocksPanel,
    race: Race = heap::race::RacePanel,
    graphs: Graphs = graphs::GraphsPanel,
    storyboard: Storyboard = storyboard::StoryboardPanel,
    faults: Faults = faults::FaultPanel,
    regions: Regions = regions::RegionsPanel,
    walk: Walk = walk::WalkPanel,
    spaces: Spaces = spaces::SpacesPanel,
    processes: Processes = processes::ProcessPanel,
    buddy_figure: BuddyFigure = figures::buddy::BuddyFigure,
    heap_map: HeapMap = figures::heap_map::HeapMapFigure,
    walk_figure: WalkFigure = figures::walk::WalkFigure,
    replacement: ReplacementFigure = figures::replacement::ReplacementFigure,
    shared_pages: SharedPages = figures::shared_pages::SharedPages,
    block_bytes: BlockBytes = figures::block_bytes::BlockBytesFigure,
    fault_figure: FaultFigure = figures::fault::FaultFigure,
    bitmap: Bitmap = figures::bitmap::BitmapFigure,
    memory_map: MemoryMap = figures::memory_map::MemoryMapPanel,
    leak_figure: LeakFigure = figures::leaks::LeakFigure,
    truth_figure: TruthFigure = figures::truth::TruthFigure,
    rights_figure: RightsFigure = figures::rights::RightsFigure,
    race_figure: RaceFigure = figures::race::RaceFigure,
    hard_fault: HardFault = figures::hard_fault::HardFaultFigure,
    working_sets: WorkingSets = figures::working_sets::WorkingSetsFigure,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_helps_have_a_heading_and_entries() {
        for (at, id) in PanelId::ALL.into_iter().enumerate() {
            let others = PanelId::ALL.into_iter().skip(at + 1);
            for other in others {
                let (name, panels) = (id.name(), (id, other));
                assert_ne!(name, other.name(), "two panels have one NAME: {panels:?}");
            }
            assert!(!id.name().is_empty(), "{id:?} has an empty NAME");
            let [Entry::Heading(_), _, ..] = id.help() else {
                panic!("{id:?}: HELP must be a heading and at least one entry")
            };
        }
    }
}
