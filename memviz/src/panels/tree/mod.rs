//! The buddy heap as a tree: a chunk of 1 MiB, and the blocks split off it, order by order.
//!
//! ```text
//! ┌ BUDDY TREE  chunk 3 of 16, 0xffffc00000300000 ────────────────────┐
//! │ ▄▄ ▃▃ ██ ▁▁ ▁▁                          all chunks, how full each │
//! │   1 MiB ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  split       │
//! │ 512 KiB ░░░░░░░░░░░░░░░░░░░░░░░░░░│▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓  │
//! │ 256 KiB ██████████▞▞│░░░░░░░░░░░░░                 buddy, free    │
//! │ …        H 200 KiB   live, with internal fragmentation        │
//! │ allocate: 8 KiB for 5 KiB, after 3 splits from 64 KiB             │
//! └───────────────────────────────────────────────────────────────────┘
//! ```
//! A row has all blocks of an order, to scale, with the two halves of a split block below it.
//! Blocks that are too small to be drawn are summed up: the shares of live and of cached blocks of
//! its order fill a cell. The panel explains the selected block, or else the last operation. It
//! outlines the blocks that contain it, and marks the buddy at each step. The panel is drawn whole
//! whenever the heap has changed.
//!
//! [`geometry`] maps blocks to pixels, [`picture`] draws the chunk, [`sums`] the blocks that are
//! too small, [`path`] the outlines, [`words`] the lines below; [`steps`] goes from block to block.

mod geometry;
mod path;
mod picture;
mod steps;
mod sums;
mod words;

use super::heap::story::{Node, Operation};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::input::keys::Arrow;
use crate::model::Heap;
use crate::model::heap::block_bytes;
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::timeline::Timeline;
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::selection::Selection;
use crate::widgets;
use core::fmt::{self, Display};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use geometry::{Geometry, LARGEST};
use picture::Tree;
use x86_64::VirtAddr;

/// The panel and the part of it that is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct TreePanel {
    area: Rectangle,
    /// Index of the chunk that is shown.
    chunk: usize,
    drawn: Option<Drawn>,
}

/// Everything but the heap that determines the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    operation: Option<Operation>,
    selected: Option<Node>,
    bytes: u64,
}

impl Panel for TreePanel {
    const NAME: &'static str = "buddy tree";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: BUDDY TREE, ORDERS"),
        Word(
            "a row",
            "all blocks of an order; below each, its two halves",
        ),
        Word("buddy", "the other half: two free buddies merge at once"),
        Word(
            "cached",
            "striped: freed, and kept unmerged for the next request of its size",
        ),
        Word(
            "chunk",
            "1 MiB, the growth step of the heap; strip: fill of each",
        ),
        Word(
            "index",
            "unusable free space (Linux): share of free bytes in smaller blocks; 0 to 1",
        ),
    ];

    fn new(setup: &Setup<'_>) -> TreePanel {
        let area = setup.area;
        TreePanel {
            area,
            chunk: 0,
            drawn: None,
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        changes: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let Scene {
            styles,
            model,
            timeline,
            selection,
            ..
        } = *scene;
        let changed = changes.panels;
        let heap = &model.heap;
        let now = Drawn {
            operation: Operation::last(timeline, heap),
            selected: heap.selected_node(selection),
            bytes: heap.totals().bytes,
        };
        let same = self.drawn.replace(now) == Some(now) && !changed.heap;
        if same && extent == Extent::Changed {
            return Ok(());
        }
        let content = widgets::content(styles, self.area);
        let shown = now
            .selected
            .or(now.operation.map(|operation| operation.node));
        let chunk = shown.map_or(0, |node| node.granule >> LARGEST);
        self.chunk = chunk;
        let chunks = heap.totals().bytes / block_bytes(LARGEST);
        let detail = Shown {
            chunk,
            chunks,
            start: heap.address(chunk << LARGEST),
        };
        widgets::panel_anew(
            surface,
            styles,
            self.area,
            "Buddy tree",
            detail,
            "← → ↑ ↓ walk",
            extent,
        )?;
        if chunks == 0 {
            return Ok(());
        }
        let tree = Tree::new(surface, styles, heap, content, chunk);
        draw_chunk(tree, timeline, &now, (chunk, chunks as usize))
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        self.node_at(scene.styles, &scene.model.heap, point)
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        let (heap, timeline) = (&scene.model.heap, scene.timeline);
        self.steer(arrow, heap, timeline, scene.selection)
    }
}

/// Draws a chunk, and the way to the selected block or that of the last operation.
fn draw_chunk<S: Surface>(
    mut tree: Tree<'_, '_, S>,
    timeline: &Timeline,
    now: &Drawn,
    (chunk, chunks): (usize, usize),
) -> Result<(), S::Error> {
    tree.chunks(chunks)?;
    tree.labels()?;
    tree.node(Node {
        granule: chunk << LARGEST,
        order: LARGEST,
    })?;
    match (now.selected, now.operation) {
        (Some(node), _) => {
            tree.path(node, LARGEST, true)?;
            tree.draw_node(timeline, node)
        }
        (None, Some(operation)) => {
            tree.path(operation.node, operation.highest, false)?;
            tree.draw_operation(&operation)
        }
        (None, None) => Ok(()),
    }
}

impl TreePanel {
    /// Returns the node at a point of the screen: a block, or a block that was split.
    pub fn node_at(&self, styles: &Styles, heap: &Heap, point: Point) -> Option<Selection> {
        let content = widgets::content(styles, self.area);
        let geometry = Geometry::new(styles, content, self.chunk);
        let granule = geometry.granule_at(point)?;
        let block = heap.block_at(granule)?;
        let order = geometry.order_at(point)?;
        let node = match block.order > order {
            true => return None,
            false => Node {
                granule: granule >> order << order,
                order,
            },
        };
        Some(steps::selection_of(heap, node))
    }

    /// Moves the selection from block to block: up to the parent, down to the lower half.
    pub fn steer(
        &self,
        arrow: Arrow,
        heap: &Heap,
        timeline: &Timeline,
        selection: Option<Selection>,
    ) -> Option<Selection> {
        let last = || Operation::last(timeline, heap).map(|operation| operation.node);
        steps::steer(arrow, heap, heap.selected_node(selection), last)
    }
}

/// Formats the index and the start of the chunk that is shown.
struct Shown {
    chunk: usize,
    chunks: u64,
    start: VirtAddr,
}

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, chunks) = (self.chunk + 1, self.chunks);
        match chunks {
            0 => f.write_str("no heap yet"),
            _ => write!(f, "chunk {number} of {chunks}, {:#x}", self.start),
        }
    }
}
