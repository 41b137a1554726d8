//! The operations of the heap: the last one, and the one that made a block.
//!
//! ```text
//! allocate 8 K, split from 32 K        from 32 K down to 8 K, and a free half of 16 K and one of 8 K
//! free 8 K, merged to 32 K             from 8 K up to 32 K
//! ```
//! Both are read from the history, at most [`LOOK_BACK`] events back, so the result does not depend
//! on the way through time. Earlier operations are unknown.

use crate::model::heap::{ORDERS, block_bytes};
use crate::model::{Block, Heap};
use crate::timeline::{LOOK_BACK, Timeline};
use crate::view::selection::Selection;
use core::fmt;
use core::ops::Range;
use mm::event::{Event, Kind, Payload};
use mm::units::Bytes;
use x86_64::VirtAddr;

/// A node of the buddy tree: a block, or a block that was split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The first granule, counted from the start of the heap.
    pub granule: usize,
    /// The order.
    pub order: u8,
}

impl Node {
    /// The parent, which contains this node and its buddy. The largest order has none.
    pub fn parent(self) -> Option<Node> {
        let order = self.order + 1;
        (usize::from(order) < ORDERS).then_some(Node {
            granule: self.granule >> order << order,
            order,
        })
    }

    /// The buddy, with which the node can merge. The largest order has none.
    pub fn buddy(self) -> Option<Node> {
        self.parent()?;
        Some(Node {
            granule: self.granule ^ (1 << self.order),
            order: self.order,
        })
    }

    /// The node and its parents, the smallest first.
    pub fn ancestors(self) -> impl Iterator<Item = Node> {
        core::iter::successors(Some(self), |node| node.parent())
    }

    /// The length in granules.
    pub fn granules(self) -> usize {
        1 << self.order
    }

    /// The length in bytes.
    pub fn bytes(self) -> u64 {
        block_bytes(self.order)
    }
}

impl From<Block> for Node {
    fn from(block: Block) -> Node {
        Node {
            granule: block.granule,
            order: block.order,
        }
    }
}

/// What the heap did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// An allocation of a block, after splits of a larger block.
    Allocate {
        /// The requested bytes.
        requested: u32,
    },
    /// A block was freed, and merged with its free buddies.
    Free,
    /// The heap grew by this block.
    Grow,
}

/// One operation of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The kind of operation.
    pub kind: OperationKind,
    /// The smallest block of the operation.
    pub node: Node,
    /// The order of the largest block: the block that was split, or the result of merging.
    pub highest: u8,
    /// The number of its event.
    pub number: u64,
}

impl Operation {
    /// The last operation of this heap.
    pub fn last(timeline: &Timeline, heap: &Heap) -> Option<Operation> {
        let mut events = timeline.events_back(LOOK_BACK, is_about_heap);
        events.find_map(|(number, event)| Operation::of(number, &event, heap))
    }

    fn of(number: u64, event: &Event, heap: &Heap) -> Option<Operation> {
        let largest = ORDERS as u8 - 1;
        let (kind, block, order, highest) = match event.payload {
            Payload::HeapAllocate {
                block,
                order,
                from,
                requested,
                ..
            } => (OperationKind::Allocate { requested }, block, order, from),
            Payload::HeapFree {
                block, order, into, ..
            } => (OperationKind::Free, block, order, into),
            Payload::HeapGrow { start, .. } => (OperationKind::Grow, start, largest, largest),
            _ => return None,
        };
        Some(Operation {
            kind,
            node: heap.node(block, order)?,
            highest,
            number,
        })
    }

    /// The number of splits or merges.
    pub fn steps(&self) -> u64 {
        u64::from(self.highest.saturating_sub(self.node.order))
    }

    /// Returns whether the operation made this node: as a half of a split, or as a merge of its
    /// halves.
    fn made(&self, node: Node) -> bool {
        match self.kind {
            OperationKind::Allocate { .. } => {
                let halves = self.node.order..self.highest;
                halves.contains(&node.order)
                    && node.parent().is_some_and(|parent| parent.holds(self.node))
            }
            OperationKind::Free => {
                self.highest == node.order && self.steps() > 0 && node.holds(self.node)
            }
            OperationKind::Grow => self.node == node,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (small, large) = (Bytes(self.node.bytes()), Bytes(block_bytes(self.highest)));
        let steps = self.steps();
        let plural = if steps == 1 { "" } else { "s" };
        match self.kind {
            OperationKind::Allocate { requested } => {
                write!(f, "allocate: {small} for {}", Bytes(requested.into()))?;
                match steps {
                    0 => f.write_str(", no split"),
                    _ => write!(f, ", after {steps} split{plural} from {large}"),
                }
            }
            OperationKind::Free => match steps {
                0 => write!(f, "free: {small}, and its buddy is not free: no merge"),
                _ => write!(f, "free: {small}, and {steps} merge{plural} up to {large}"),
            },
            OperationKind::Grow => write!(f, "grow: another {small}"),
        }
    }
}

/// The operation that made this node, and its time.
pub fn origin(timeline: &Timeline, heap: &Heap, node: Node) -> Option<(Operation, u64)> {
    let operations = timeline.events_back(LOOK_BACK, is_about_heap);
    let mut operations = operations.filter_map(|(number, event)| {
        Operation::of(number, &event, heap).map(|operation| (operation, event.time))
    });
    operations.find(|(operation, _)| operation.made(node))
}

fn is_about_heap(kind: u8) -> bool {
    let kinds = [Kind::HeapGrow, Kind::HeapAllocate, Kind::HeapFree];
    kinds.iter().any(|&other| other as u8 == kind)
}

impl Heap<'_> {
    /// The selected node.
    pub fn selected_node(&self, selection: Option<Selection>) -> Option<Node> {
        match selection? {
            Selection::Block(start) => self.block_of(start).map(Node::from),
            Selection::Split { start, order } => self.node(start, order),
            _ => None,
        }
    }

    /// The selected granules.
    pub fn selected(&self, selection: Option<Selection>) -> Option<Range<usize>> {
        let node = self.selected_node(selection)?;
        Some(node.granule..node.granule + node.granules())
    }

    /// The node of a block with this start and order, as far as it is in the heap.
    pub fn node(&self, start: VirtAddr, order: u8) -> Option<Node> {
        let offset = start.as_u64().checked_sub(self.start()?.as_u64())?;
        let fits = usize::from(order) < ORDERS && offset < self.totals().bytes;
        fits.then_some(Node {
            granule: offset as usize / crate::model::heap::GRANULE_BYTES,
            order,
        })
    }
}

impl Node {
    /// Returns whether this node contains all of the other one.
    pub fn holds(self, other: Node) -> bool {
        self.order >= other.order && other.granule >> self.order << self.order == self.granule
    }
}
