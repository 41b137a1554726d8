//! The part of a graph that is on the screen: its scale and its number.

use super::graph::{Graph, Range};
use crate::model::samples::Window;

/// The part of a graph that is on the screen. `None` if no value was sampled or kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub range: Option<Range>,
    pub value: Option<u64>,
}

impl Shown {
    /// Returns the last value, and the range of the visible ones.
    pub fn of(samples: Window<'_>, graph: Graph) -> Shown {
        let last = samples.since(0).next_back();
        Shown {
            range: Range::of(samples, graph),
            value: last.and_then(|(sample, before)| graph.value(&sample, before.as_ref())),
        }
    }

    /// Returns the end of the axis, once it is known.
    pub fn top(&self) -> u64 {
        self.range.map_or(0, |range| range.top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples::{PERIOD, Sample, Samples};
    use crate::testing::watched::with_model;
    use crate::view::map::View;

    /// A figure of a time whose samples were dropped is unknown, not 0.
    #[test]
    fn what_is_not_kept_is_not_zero() {
        let view = View {
            first: 0,
            shift: 4,
            cells: 10,
        };
        with_model(400, 1 << 20, view, |model| {
            let mut ring = [Sample::default(); 5];
            let mut samples = Samples::new(&mut ring);
            for number in 1..=20 {
                samples.tick(number * PERIOD, number * 7, model);
            }
            for graph in Graph::ALL {
                let shown = |events| Shown::of(samples.until(events), graph);
                assert!(shown(20 * 7).value.is_some() && shown(20 * 7).range.is_some());
                assert_eq!(shown(10 * 7), Shown::default());
                assert_eq!(shown(10 * 7).value, None);
            }
            let events = |events| Shown::of(samples.until(events), Graph::Events).value;
            assert_eq!((events(20 * 7), events(18 * 7 - 1)), (Some(70), Some(70)));
        });
    }
}
