//! Moves from one node of the tree to the next, by the arrow keys.
//!
//! ```text
//!            ↑ its parent
//! ← before it       after it →        from a block to a block, from a split node to a node of its order
//!            ↓ its lower half
//! ```
//! The nodes above a block were split. A block has no nodes below it.

use crate::input::keys::Arrow;
use crate::model::Heap;
use crate::panels::heap::story::Node;
use crate::view::selection::Selection;

/// Returns the next node for an arrow key. Without a node, returns the node of the last operation,
/// or the first block.
pub fn steer(
    arrow: Arrow,
    heap: &Heap,
    from: Option<Node>,
    last: impl FnOnce() -> Option<Node>,
) -> Option<Selection> {
    let Some(node) = from else {
        let granule = last().map_or(0, |node| node.granule);
        let block = heap.block_at(granule)?;
        return Some(selection_of(heap, block.into()));
    };
    let next = match arrow {
        Arrow::Up => node.parent(),
        Arrow::Down => node
            .order
            .checked_sub(1)
            .map(|order| Node { order, ..node }),
        Arrow::Left => node.granule.checked_sub(1).map(|granule| Node {
            granule: granule >> node.order << node.order,
            ..node
        }),
        Arrow::Right => Some(Node {
            granule: node.granule + node.granules(),
            ..node
        }),
    };
    let next = next
        .filter(|next| next.granule < heap.granules())
        .unwrap_or(node);
    // The neighbour of a block is a block.
    let leaf = matches!(arrow, Arrow::Left | Arrow::Right) && is_block(heap, node);
    let inside = match arrow {
        Arrow::Left => next.granule + next.granules() - 1,
        _ => next.granule,
    };
    let block = heap.block_at(inside).map(Node::from);
    let found = if leaf {
        block
    } else {
        block
            .filter(|block| block.order >= next.order)
            .or(Some(next))
    };
    found.map(|node| selection_of(heap, node))
}

/// Returns the selection for a node of the tree.
pub fn selection_of(heap: &Heap, node: Node) -> Selection {
    let start = heap.address(node.granule);
    match is_block(heap, node) {
        true => Selection::Block(start),
        false => Selection::Split {
            start,
            order: node.order,
        },
    }
}

/// Returns whether a node is a block that was not split.
pub fn is_block(heap: &Heap, node: Node) -> bool {
    heap.block_at(node.granule).map(Node::from) == Some(node)
}
