//! The policies that know the future: the best possible one and the worst.
//!
//! Each looks at all resident pages. A page that is never used again has the latest next use. Among
//! such pages, the one that was loaded first is replaced.

use core::cmp::Ordering;

use crate::reclaim::pages::Pages;
use crate::reclaim::policy::{Policy, QUEUE};

pub struct Opt;

impl Policy for Opt {
    fn name(&self) -> &'static str {
        "opt"
    }

    fn rule(&self) -> &'static str {
        "replaces the page whose next use is the latest: no policy has fewer faults"
    }

    fn short_rule(&self) -> &'static str {
        "next use is latest"
    }

    fn needs_future(&self) -> bool {
        true
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        extreme(pages, Ordering::Greater)
    }
}

pub struct Worst;

impl Policy for Worst {
    fn name(&self) -> &'static str {
        "worst"
    }

    fn rule(&self) -> &'static str {
        "replaces the page whose next use is the nearest"
    }

    fn short_rule(&self) -> &'static str {
        "next use is nearest"
    }

    fn needs_future(&self) -> bool {
        true
    }

    fn candidate(&self, pages: &Pages) -> Option<usize> {
        extreme(pages, Ordering::Less)
    }
}

/// The first page whose next use compares so with that of each page before it in the queue.
fn extreme(pages: &Pages, wanted: Ordering) -> Option<usize> {
    let mut best = pages.first(QUEUE)?;
    let mut next = pages.after(best);
    while let Some(index) = next {
        let (candidate, so_far) = (pages.record(index).next_use, pages.record(best).next_use);
        if candidate.cmp(&so_far) == wanted {
            best = index;
        }
        next = pages.after(index);
    }
    Some(best)
}
