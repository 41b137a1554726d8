//! The part of a graph that is on the screen: its scale and its number.

use super::graph::{Graph, Range};
use crate::model::samples::Samples;

/// The part of a graph that is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub range: Range,
    pub value: u64,
}

impl Shown {
    /// The value now, or at the marked moment.
    pub fn of(samples: &Samples, graph: Graph, mark: Option<u64>) -> Shown {
        let value = samples
            .since(0)
            .rfind(|(sample, _)| mark.is_none_or(|mark| sample.time <= mark))
            .and_then(|(sample, before)| graph.value(&sample, before.as_ref()));
        Shown {
            range: Range::of(samples, graph).unwrap_or_default(),
            value: value.unwrap_or(0),
        }
    }
}
