//! Random replacement, with the same numbers for the same seed.

use crate::reclaim::pages::Pages;
use crate::reclaim::policy::{Policy, QUEUE};

/// How often a free frame is drawn before the oldest page is taken instead.
const DRAWS: usize = 8;

pub struct Random;

impl Policy for Random {
    fn name(&self) -> &'static str {
        "random"
    }

    fn rule(&self) -> &'static str {
        "replaces a page at random (SplitMix64)"
    }

    fn short_rule(&self) -> &'static str {
        "any page leaves"
    }

    fn candidate(&self, _: &Pages) -> Option<usize> {
        None
    }

    fn victim(&self, pages: &mut Pages) -> Option<usize> {
        let oldest = pages.first(QUEUE)?;
        for _ in 0..DRAWS {
            let index = pages.draw();
            if pages.is_resident(index) {
                return Some(index);
            }
        }
        Some(oldest)
    }
}
