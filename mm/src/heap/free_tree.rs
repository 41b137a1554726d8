//! Free blocks in an order. The first one that is large enough is found without a walk.
//!
//! ```text
//!            at 40: 300, largest 300         a treap: blocks are in order from left to right,
//!            /                     \         and priorities decrease from the top down
//! at 0: 5, largest 5      at 500: 90, largest 90
//! ```
//! A search leaves out each subtree whose largest block is too small. Priorities are mixed from
//! addresses, so the tree is about as deep as one of random priorities: a few times the logarithm
//! of its blocks.
//!
//! Invariants: `largest` is the maximum of a node's subtree. No two blocks have the same key.

use super::block_allocator::{FreeBlock, FreeNode};
use core::cmp::Ordering;

/// The empty tree: element 0, which stays zero.
const EMPTY: u32 = 0;

#[derive(Debug)]
pub(super) struct FreeTree<'m> {
    nodes: &'m mut [FreeNode],
    root: u32,
    /// The first unused node of a list that `left` links.
    unused: u32,
    /// The number of nodes that were used at some time.
    touched: u32,
    /// The order: blocks with lower keys come first.
    key: fn(FreeBlock) -> u64,
}

impl<'m> FreeTree<'m> {
    /// Returns the nodes that this many blocks need.
    pub const fn nodes(blocks: usize) -> usize {
        blocks + 1
    }

    /// Creates an empty tree in nodes that are zero.
    pub fn new(nodes: &'m mut [FreeNode], key: fn(FreeBlock) -> u64) -> Self {
        FreeTree {
            nodes,
            root: EMPTY,
            unused: EMPTY,
            touched: 1,
            key,
        }
    }

    /// Returns the first block in the order that has this many units, at least 1. Only blocks for
    /// which `is_wanted` holds count: if it holds for one block, it holds for all later ones.
    pub fn find(&self, units: u32, is_wanted: impl Fn(FreeBlock) -> bool) -> Option<FreeBlock> {
        self.find_in(self.root, units, &is_wanted)
    }

    /// Adds a block.
    ///
    /// # Panics
    /// There are more blocks than nodes.
    pub fn insert(&mut self, block: FreeBlock) {
        let node = self.take_node();
        self.nodes[node as usize] = FreeNode {
            block,
            largest: block.units,
            ..FreeNode::default()
        };
        self.root = self.insert_in(self.root, node);
    }

    /// Removes a block of the tree.
    pub fn remove(&mut self, block: FreeBlock) {
        self.root = self.remove_in(self.root, (self.key)(block));
    }

    /// Returns all blocks, in the order.
    pub fn iter(&self) -> impl Iterator<Item = FreeBlock> {
        let mut last = None;
        core::iter::from_fn(move || {
            let block = self.find(1, |block| last < Some((self.key)(block)))?;
            last = Some((self.key)(block));
            Some(block)
        })
    }

    fn find_in(
        &self,
        node: u32,
        units: u32,
        is_wanted: &impl Fn(FreeBlock) -> bool,
    ) -> Option<FreeBlock> {
        let FreeNode {
            block,
            left,
            right,
            largest,
        } = self.nodes[node as usize];
        if largest < units {
            return None;
        }
        if is_wanted(block) {
            let before = self.find_in(left, units, is_wanted);
            if before.is_some() || block.units >= units {
                return before.or(Some(block));
            }
        }
        self.find_in(right, units, is_wanted)
    }

    fn take_node(&mut self) -> u32 {
        match self.unused {
            EMPTY => {
                self.touched += 1;
                self.touched - 1
            }
            node => {
                self.unused = self.nodes[node as usize].left;
                node
            }
        }
    }

    /// Adds a node to a subtree, and returns the new root of the subtree.
    fn insert_in(&mut self, at: u32, node: u32) -> u32 {
        let FreeNode {
            block, left, right, ..
        } = self.nodes[at as usize];
        let new = self.nodes[node as usize].block;
        if at == EMPTY || priority(new) > priority(block) {
            let (before, after) = self.split(at, (self.key)(new));
            self.set_children(node, before, after)
        } else if (self.key)(new) < (self.key)(block) {
            let left = self.insert_in(left, node);
            self.set_children(at, left, right)
        } else {
            let right = self.insert_in(right, node);
            self.set_children(at, left, right)
        }
    }

    /// Removes the node with this key from a subtree, and returns the new root of the subtree.
    fn remove_in(&mut self, at: u32, key: u64) -> u32 {
        debug_assert_ne!(at, EMPTY, "the block is in the tree");
        let FreeNode {
            block, left, right, ..
        } = self.nodes[at as usize];
        match key.cmp(&(self.key)(block)) {
            Ordering::Less => {
                let left = self.remove_in(left, key);
                self.set_children(at, left, right)
            }
            Ordering::Greater => {
                let right = self.remove_in(right, key);
                self.set_children(at, left, right)
            }
            Ordering::Equal => {
                self.nodes[at as usize].left = self.unused;
                self.unused = at;
                self.join(left, right)
            }
        }
    }

    /// Splits a subtree into the blocks with lower keys and the others.
    fn split(&mut self, node: u32, key: u64) -> (u32, u32) {
        if node == EMPTY {
            return (EMPTY, EMPTY);
        }
        let FreeNode {
            block, left, right, ..
        } = self.nodes[node as usize];
        if (self.key)(block) < key {
            let (before, after) = self.split(right, key);
            (self.set_children(node, left, before), after)
        } else {
            let (before, after) = self.split(left, key);
            (before, self.set_children(node, after, right))
        }
    }

    /// Joins two subtrees: all blocks of the first one come before those of the second one.
    fn join(&mut self, before: u32, after: u32) -> u32 {
        if before == EMPTY || after == EMPTY {
            return before.max(after);
        }
        let first = self.nodes[before as usize];
        let second = self.nodes[after as usize];
        if priority(first.block) > priority(second.block) {
            let right = self.join(first.right, after);
            self.set_children(before, first.left, right)
        } else {
            let left = self.join(before, second.left);
            self.set_children(after, left, second.right)
        }
    }

    /// Sets the children of a node, and returns the node.
    fn set_children(&mut self, node: u32, left: u32, right: u32) -> u32 {
        let below = [left, right].map(|child| self.nodes[child as usize].largest);
        let at = &mut self.nodes[node as usize];
        (at.left, at.right) = (left, right);
        at.largest = at.block.units.max(below[0]).max(below[1]);
        node
    }
}

/// Mixes all bits of the first unit (the finalizer of MurmurHash3). Different units give different
/// priorities.
fn priority(block: FreeBlock) -> u32 {
    let mut bits = block.first;
    bits = (bits ^ bits >> 16).wrapping_mul(0x85eb_ca6b);
    bits = (bits ^ bits >> 13).wrapping_mul(0xc2b2_ae35);
    bits ^ bits >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NODES: usize = FreeTree::nodes(40);

    fn by_units(block: FreeBlock) -> u64 {
        u64::from(block.units) << 32 | u64::from(block.first)
    }

    fn depth(tree: &FreeTree<'_>, node: u32) -> usize {
        let at = tree.nodes[node as usize];
        match node {
            EMPTY => 0,
            _ => 1 + depth(tree, at.left).max(depth(tree, at.right)),
        }
    }

    proptest! {
        #![proptest_config(crate::testing::cases(200))]
        #[test]
        fn finds_what_a_walk_finds(steps in prop::collection::vec((0..40_u32, 1..9_u32, 0..10_u32), 1..120)) {
            let mut nodes = [FreeNode::default(); NODES];
            let mut tree = FreeTree::new(&mut nodes, by_units);
            let mut model: Vec<FreeBlock> = vec![];
            for (first, units, wanted) in steps {
                match model.iter().position(|block| block.first == first) {
                    Some(at) => tree.remove(model.remove(at)),
                    None => {
                        model.push(FreeBlock { first, units });
                        tree.insert(FreeBlock { first, units });
                    }
                }
                model.sort_by_key(|&block| by_units(block));
                prop_assert_eq!(tree.iter().collect::<Vec<_>>(), model.clone());
                let from = by_units(FreeBlock { first, units });
                let is_wanted = |block: FreeBlock| by_units(block) >= from;
                let mut walk = model.iter().copied();
                let expected = walk.find(|&block| block.units > wanted && is_wanted(block));
                prop_assert_eq!(tree.find(wanted + 1, is_wanted), expected);
            }
        }
    }

    #[test]
    fn a_tree_of_regular_addresses_is_not_deep() {
        const BLOCKS: usize = 10_000;
        let mut nodes = vec![FreeNode::default(); FreeTree::nodes(BLOCKS)];
        let mut tree = FreeTree::new(&mut nodes, |block| block.first.into());
        for number in 0..BLOCKS as u32 {
            tree.insert(FreeBlock {
                first: number * 4,
                units: 1,
            });
        }
        // The logarithm is 14.
        let depth = depth(&tree, tree.root);
        assert!((14..45).contains(&depth), "{depth}");
    }
}
