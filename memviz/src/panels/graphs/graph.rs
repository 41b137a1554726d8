//! The figures that have a graph: value in a sample, colour and scale.

use super::axis::{self, SECOND};
use crate::graphics::theme::Theme;
use crate::model::samples::{Sample, Window};
use core::fmt;
use embedded_graphics::pixelcolor::Rgb888;
use mm::units::{Bytes, Count, Rate};

/// The number of graphs.
pub const GRAPHS: usize = 6;
/// The maximum number of samples that are cut off at the top.
const CUT_OFF: usize = 3;

/// A figure over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graph {
    /// Frames with an owner.
    UsedFrames,
    /// Bytes of the heap: allocated, and requested.
    Heap,
    /// Events per second.
    Events,
    /// Page faults per second.
    Faults,
    /// Mapped pages.
    Pages,
    /// Live processes.
    Processes,
}

impl Graph {
    /// All graphs, in the order of the panel.
    pub const ALL: [Graph; GRAPHS] = [
        Graph::UsedFrames,
        Graph::Heap,
        Graph::Events,
        Graph::Faults,
        Graph::Pages,
        Graph::Processes,
    ];

    /// Returns the name of the graph.
    pub const fn words(self) -> &'static str {
        match self {
            Graph::UsedFrames => "used frames",
            Graph::Heap => "heap allocated",
            Graph::Events => "events",
            Graph::Faults => "page faults",
            Graph::Pages => "mapped pages",
            Graph::Processes => "processes",
        }
    }

    /// Returns the value of a sample. A rate needs a previous sample, and has no value without it.
    pub fn value(self, sample: &Sample, before: Option<&Sample>) -> Option<u64> {
        let rate = |count: fn(&Sample) -> u64| {
            let before = before?;
            let events = count(sample).saturating_sub(count(before));
            let passed = sample.time.saturating_sub(before.time).max(1);
            Some((u128::from(events) * u128::from(SECOND) / u128::from(passed)) as u64)
        };
        match self {
            Graph::UsedFrames => Some(sample.used_frames),
            Graph::Heap => Some(sample.heap_allocated),
            Graph::Events => rate(|sample| sample.events),
            Graph::Faults => rate(|sample| sample.faults),
            Graph::Pages => Some(sample.pages),
            Graph::Processes => Some(sample.processes),
        }
    }

    /// Returns the colour of the columns.
    pub fn color(self, theme: &Theme) -> Rgb888 {
        match self {
            Graph::UsedFrames | Graph::Events => theme.used,
            Graph::Heap => theme.owner(3).color,
            Graph::Faults => theme.fault(mm::paging::FaultCause::DemandZero).color,
            Graph::Pages => theme.owner(1).color,
            Graph::Processes => theme.owner(4).color,
        }
    }

    /// Returns the value with its unit.
    pub fn with_unit(self, value: u64) -> impl fmt::Display + PartialEq + Copy {
        Figure { graph: self, value }
    }

    /// Returns the smallest round number that is not below this number.
    fn scale(self, most: u64) -> u64 {
        match self {
            Graph::Heap => most.max(4096).next_power_of_two(),
            Graph::Processes => round(most.max(5)),
            _ => round(most.max(10)),
        }
    }
}

/// Returns the smallest of 1, 2 and 5 times a power of ten that is not below this number.
fn round(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [1, 2, 5] {
            if step * power >= most {
                return step * power;
            }
        }
        power *= 10;
    }
}

/// A value of a graph.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Figure {
    graph: Graph,
    value: u64,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.graph {
            Graph::Heap => Bytes(self.value).fmt(f),
            Graph::Events | Graph::Faults => Rate(self.value).fmt(f),
            Graph::UsedFrames | Graph::Pages | Graph::Processes => Count(self.value).fmt(f),
        }
    }
}

/// The minimum and the maximum of a graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// The minimum.
    pub least: u64,
    /// The maximum.
    pub most: u64,
    /// The end of the axis of the graph.
    pub top: u64,
}

impl Range {
    /// Computes the range of the samples in the window that ends with the newest.
    pub fn of(samples: Window<'_>, graph: Graph) -> Option<Range> {
        let start = axis::start(samples);
        let shown = samples.since(0).filter(|(sample, _)| sample.time >= start);
        let values = shown.filter_map(|(sample, before)| graph.value(&sample, before.as_ref()));
        let mut range: Option<Range> = None;
        // The highest samples, the lowest of them last.
        let mut highest = [0; CUT_OFF + 1];
        for value in values {
            let known = range.get_or_insert(Range {
                least: value,
                most: value,
                top: 0,
            });
            known.least = known.least.min(value);
            known.most = known.most.max(value);
            let place = highest.iter().position(|&other| other < value);
            if let Some(place) = place {
                highest[place..].rotate_right(1);
                highest[place] = value;
            }
        }
        let fitting = highest[CUT_OFF];
        range.map(|range| Range {
            top: match graph {
                Graph::Events | Graph::Faults if fitting > 0 => graph.scale(fitting),
                _ => graph.scale(range.most),
            },
            ..range
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_never_too_small() {
        assert_eq!(
            [0, 1, 10, 11, 20, 21, 50, 51, 4999].map(round),
            [1, 1, 10, 20, 20, 50, 50, 100, 5000]
        );
        for graph in Graph::ALL {
            for most in [0, 1, 4096, 4097, 1_000_001] {
                assert!(
                    graph.scale(most) >= most && graph.scale(most) > 0,
                    "{graph:?}"
                );
            }
        }
    }

    #[test]
    fn rates_are_by_the_second() {
        let before = Sample {
            time: SECOND,
            events: 100,
            faults: 7,
            ..Sample::default()
        };
        let sample = Sample {
            time: SECOND + SECOND / 4,
            events: 150,
            faults: 8,
            ..before
        };
        let rate = |graph: Graph| graph.value(&sample, Some(&before));
        assert_eq!(
            (rate(Graph::Events), rate(Graph::Faults)),
            (Some(200), Some(4))
        );
        assert_eq!(Graph::Events.value(&sample, None), None);
    }
}
