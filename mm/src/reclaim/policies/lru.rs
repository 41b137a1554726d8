//! Exact LRU and MRU: the queue is in the order of the last references.
//!
//! Exact order needs a trap at each reference. The other policies make do with accessed bits.

use crate::reclaim::pages::Pages;
use crate::reclaim::policy::{Policy, QUEUE};

pub struct Lru;

impl Policy for Lru {
    fn name(&self) -> &'static str {
        "lru"
    }

    fn rule(&self) -> &'static str {
        "replaces the page whose last reference is the oldest"
    }

    fn short_rule(&self) -> &'static str {
        "unused for longest"
    }

    fn needs_references(&self) -> bool {
        true
    }

    fn referenced(&self, pages: &mut Pages, index: usize) {
        pages.move_to(QUEUE, index);
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        pages.first(QUEUE)
    }
}

pub struct Mru;

impl Policy for Mru {
    fn name(&self) -> &'static str {
        "mru"
    }

    fn rule(&self) -> &'static str {
        "replaces the page whose last reference is the most recent"
    }

    fn short_rule(&self) -> &'static str {
        "used last leaves"
    }

    fn needs_references(&self) -> bool {
        true
    }

    fn referenced(&self, pages: &mut Pages, index: usize) {
        pages.move_to(QUEUE, index);
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        pages.last(QUEUE)
    }
}
