//! The figure of the heap over time: drawn in parts, it is what it is drawn as a whole.

use super::*;
use crate::testing::workloads::{Recorder, play, requests};
use crate::view::figure::Figure;
use mm::heap::strategy::Strategy;

/// The history of the tests has 400 events: the larger workload is longer.
#[test]
fn new_requests_are_added_to_the_maps() {
    for (seed, len) in [(3, 20), (4, 90)] {
        let recorder = Recorder::default();
        let requests = requests(seed, len);
        for (at, &strategy) in Strategy::ALL.iter().take(3).enumerate() {
            play(&recorder, strategy, &requests, at < 2);
        }
        let events = recorder.0.into_inner();
        with_dashboard(|dashboard| {
            dashboard.handle(Action::ShowFigure(Figure::HeapMap));
            let mut parts = Vec::new();
            painted(|canvas| {
                for (number, event) in events.iter().enumerate() {
                    dashboard.apply(event);
                    if number % 3 == 0 || number + 1 == events.len() {
                        dashboard.draw(canvas).unwrap();
                        let rows = 0..SCREEN.height as usize;
                        parts.push(
                            rows.flat_map(|y| canvas.row(y).to_vec())
                                .collect::<Vec<_>>(),
                        );
                    }
                }
                assert_eq!(dashboard.model.contradictions, 0);
            });
            let whole = painted(|canvas| {
                dashboard.redraw();
                dashboard.draw(canvas).unwrap();
            });
            assert!(parts.last() == Some(&whole), "seed {seed}");
            assert!(parts.first() != parts.last(), "something is drawn");
            let mut svg = String::new();
            dashboard.write_svg(&mut svg).unwrap();
            assert_eq!(svg.contains(">not kept<"), len == 90, "seed {seed}");
        });
    }
}
