//! First in, first out: the order of loading decides, and references change nothing.

use crate::reclaim::pages::Pages;
use crate::reclaim::policy::{Policy, QUEUE};

pub struct Fifo;

impl Policy for Fifo {
    fn name(&self) -> &'static str {
        "fifo"
    }

    fn rule(&self) -> &'static str {
        "replaces the page that was loaded first"
    }

    fn short_rule(&self) -> &'static str {
        "the oldest leaves"
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        pages.first(QUEUE)
    }
}
