//! The pixels of the bar that have a match of the search.

use super::places::Places;
use crate::view::search::hits::Hits;

impl Places<'_> {
    /// Returns the pixels with a match of the search, ascending. The picture after an event is at
    /// the position after it.
    pub fn matches(&self, hits: &Hits) -> impl Iterator<Item = i32> {
        let mut next = hits.next(self.timeline.first());
        core::iter::from_fn(move || {
            let event = next?;
            let pixel = self.pixel(event + 1);
            // The other matches of the pixel are passed over.
            let beyond = self.position(pixel + 1);
            // Events before this position are not right of the pixel.
            let beyond = match beyond > event + 1 && self.pixel(beyond) <= pixel {
                true => beyond,
                false => self.after_pixel(pixel, event + 1),
            };
            next = hits.next(beyond);
            next = next.filter(|&event| event < self.timeline.end());
            Some(pixel)
        })
    }

    /// Returns the first event from this one on whose pixel is right of a pixel.
    fn after_pixel(&self, pixel: i32, from: u64) -> u64 {
        let end = self.timeline.end();
        let is_right = |event: u64| event >= end || self.pixel(event + 1) > pixel;
        let mut step = 1;
        while !is_right(from + step) {
            step *= 2;
        }
        let (mut low, mut high) = (from, from + step);
        while low < high {
            let middle = low + (high - low) / 2;
            match is_right(middle) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low.min(end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::places::tests::{AREA, steps_of, with_history};
    use super::*;
    use crate::graphics::styles::Styles;
    use crate::graphics::theme::DARK;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// Each match is at its pixel, also before the lesson and after the last caption of a step.
        #[test]
        fn every_match_has_its_pixel(
            waits in prop::collection::vec(0u32..3, 20..200),
            is_hit in prop::collection::vec(any::<bool>(), 200),
            cuts in prop::collection::vec(1u64..60, 0..4),
        ) {
            let styles = Styles::new(&DARK, 12);
            let mut result = None;
            with_history(&waits, |timeline| {
                let steps = steps_of(timeline, &cuts, 7);
                let places = Places::new(&styles, AREA, &steps, timeline);
                let mut bits = [0; 4];
                let mut hits = Hits::new(&mut bits);
                hits.restart(timeline.first());
                (timeline.first()..timeline.end()).zip(&is_hit).for_each(|(_, &hit)| hits.push(hit));
                let all = (timeline.first()..timeline.end()).zip(&is_hit);
                let expected: BTreeSet<i32> =
                    all.filter(|(_, hit)| **hit).map(|(event, _)| places.pixel(event + 1)).collect();
                let found: BTreeSet<i32> = places.matches(&hits).collect();
                result = Some((found, expected));
            });
            let (found, expected) = result.unwrap();
            prop_assert_eq!(found, expected);
        }
    }
}
