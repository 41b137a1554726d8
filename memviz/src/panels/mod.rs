//! The panels: one file or folder each, and the table of all of them.
//!
//! A panel gets a rectangle and a [`Scene`](panel::Scene), and draws inside its rectangle only.
//! [`Extent::Changed`] after [`Extent::All`] leaves the very picture that [`Extent::All`] would draw
//! anew. A panel uses `widgets` and what is below; panels do not know the dashboard.
//!
//! To add a panel: write its file with an `impl Panel`, declare the file, and give it a line in the
//! table below. What is missing, the compiler names. Which board shows it in which slot is decided
//! in `dashboard/boards.rs`.
//!
//! Header, timeline bar, caption, help, list of lessons and shell stand outside of the slots of a
//! board: they have functions of their own and no line in the table.

pub mod caption;
pub mod detail;
pub mod faults;
pub mod frame_map;
pub mod graphs;
pub mod header;
pub mod heap;
pub mod help;
pub mod lessons;
pub mod memo;
pub mod panel;
pub mod processes;
pub mod regions;
pub mod shell;
pub mod spaces;
pub mod statistics;
pub mod storyboard;
pub mod timeline;
pub mod tree;
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
        /// A panel by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PanelId {
            $(#[doc = concat!("See [`", stringify!($panel), "`].")] $id,)*
        }

        impl PanelId {
            /// All panels, in the order of the table.
            pub const ALL: [PanelId; [$(stringify!($id)),*].len()] = [$(PanelId::$id),*];

            /// The name of the panel, for scripts.
            pub const fn name(self) -> &'static str {
                match self {
                    $(PanelId::$id => <$panel as Panel>::NAME,)*
                }
            }

            /// What the help says about the panel.
            pub fn help(self) -> &'static [Entry] {
                match self {
                    $(PanelId::$id => <$panel as Panel>::HELP,)*
                }
            }
        }

        /// One panel of each kind, whether it is shown or not.
        pub struct Panels {
            $(#[doc = concat!("See [`", stringify!($panel), "`].")] pub $field: $panel,)*
        }

        impl Panels {
            /// All panels in the same place.
            pub fn new(setup: &Setup<'_>) -> Panels {
                Panels {
                    $($field: Panel::new(setup),)*
                }
            }

            /// Puts a panel into another place. Nothing of it is on the screen then.
            pub fn put(&mut self, id: PanelId, setup: &Setup<'_>) {
                match id {
                    $(PanelId::$id => self.$field = Panel::new(setup),)*
                }
            }

            /// Draws a panel, or what changed in it.
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

            /// What a click at this point of a panel selects.
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

            /// What is selected after an arrow key for a panel.
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

// The order is that of the help.
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
}
