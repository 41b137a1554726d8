//! The operations of the heap: the last one, and the one that made a block.
//!
//! ```text
//! allocate 8 K, split from 32 K        from 32 K down to 8 K, and a free half of 16 K and one of 8 K
//! free 8 K, merged to 32 K             from 8 K up to 32 K
//! ```
//! Both are read from the history, at most [`LOOK_BACK`] events back, so the result does not depend
//! on the way through time. Earlier operations are unknown.

use crate::model::heap::{GRANULE_BYTES, ORDERS, block_bytes};
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

/// An operation of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// An allocation of a block, after splits of a larger block.
    Allocate {
        /// The requested bytes.
        requested: u32,
    },
    /// Blocks were freed, and merged with their free buddies.
    Free,
    /// A cached allocation became live again.
    Reuse {
        /// The requested bytes.
        requested: u32,
    },
    /// An allocation was freed into the cache.
    Cache,
    /// The cache returned an allocation, which merged with its free buddies.
    Return,
    /// The heap grew by this block.
    Grow,
}

/// One operation of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The kind of operation.
    pub kind: OperationKind,
    /// The smallest block of the operation, which is the last one of the allocation.
    pub node: Node,
    /// Bytes of all blocks of the allocation.
    pub bytes: u64,
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
        let (kind, block, granules, highest) = match event.payload {
            Payload::HeapAllocate {
                block,
                granules,
                from,
                requested,
                ..
            } => {
                let kind = OperationKind::Allocate { requested };
                (kind, block, granules, Some(from))
            }
            Payload::HeapFree {
                block,
                granules,
                into,
                ..
            } => (OperationKind::Free, block, granules, Some(into)),
            Payload::HeapReturn {
                block,
                granules,
                into,
            } => (OperationKind::Return, block, granules, Some(into)),
            Payload::HeapReuse {
                block,
                granules,
                requested,
                ..
            } => (OperationKind::Reuse { requested }, block, granules, None),
            Payload::HeapCache {
                block, granules, ..
            } => (OperationKind::Cache, block, granules, None),
            Payload::HeapGrow { start, .. } => {
                (OperationKind::Grow, start, 1 << (ORDERS - 1), None)
            }
            _ => return None,
        };
        let order = granules.trailing_zeros() as u8;
        let before_last = u64::from(granules) - (1_u64.checked_shl(order.into())?);
        let last = block + before_last * GRANULE_BYTES as u64;
        Some(Operation {
            kind,
            node: heap.node(last, order)?,
            bytes: u64::from(granules) * GRANULE_BYTES as u64,
            highest: highest.unwrap_or(order),
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
            OperationKind::Free | OperationKind::Return => {
                self.highest == node.order && self.steps() > 0 && node.holds(self.node)
            }
            OperationKind::Reuse { .. } | OperationKind::Cache => false,
            OperationKind::Grow => self.node == node,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (small, large) = (Bytes(self.bytes), Bytes(block_bytes(self.highest)));
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
            OperationKind::Reuse { requested } => {
                let requested = Bytes(requested.into());
                write!(f, "allocate: {small} for {requested}, from the cache")
            }
            OperationKind::Cache => write!(f, "free: {small} into the cache, no merge"),
            OperationKind::Return => {
                write!(
                    f,
                    "return: {small} leave the cache, {steps} merge{plural} up to {large}"
                )
            }
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
    let kinds = [
        Kind::HeapGrow,
        Kind::HeapAllocate,
        Kind::HeapFree,
        Kind::HeapCache,
        Kind::HeapReuse,
        Kind::HeapReturn,
    ];
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
