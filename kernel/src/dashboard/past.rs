//! Support for the test that the past looks as it did: it goes to a moment and compares pictures.

use super::DashboardSession;
use crate::machine::clock;
use memviz::dashboard::actions::Action;

impl DashboardSession {
    /// Returns the number of events that the picture shows.
    pub fn place(&self) -> u64 {
        self.dashboard.timeline().cursor()
    }

    /// Draws the changes and returns a hash of the panels and the caption. Title line, state line
    /// and timeline are not in it, because they show the time.
    pub fn fingerprint(&mut self) -> u64 {
        self.drain();
        self.tick(clock::now());
        self.draw();
        let layout = self.dashboard.layout();
        let end = layout.state.rows().start.min(layout.timeline.rows().start);
        let top = layout.header.rows().end;
        let rows = (top..end).map(|y| self.canvas.row(y as usize));
        // FNV-1a, by pixels.
        rows.flatten()
            .fold(0xcbf2_9ce4_8422_2325, |sum: u64, &pixel| {
                (sum ^ u64::from(pixel)).wrapping_mul(0x100_0000_01b3)
            })
    }

    /// Performs an action and draws. Returns the cost in ticks.
    pub fn travel(&mut self, action: Action) -> u64 {
        let begin = clock::ticks();
        self.handle(action);
        self.draw();
        clock::ticks() - begin
    }
}
