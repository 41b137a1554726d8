//! Runs one process to its end, for a replay without a lesson.

use crate::dashboard::DashboardSession;
use crate::machine::clock::{self, SECOND};
use crate::process::{self, TABLE};

/// Guest time between two pictures, in nanoseconds.
const FRAME: u64 = SECOND / 60;

/// Runs the process, and draws meanwhile.
pub fn run_process(number: u32, mut session: Option<&mut DashboardSession>) {
    let mut next = clock::now();
    while TABLE.lock().get_mut(number).is_some() {
        process::run_slice();
        let Some(session) = session.as_deref_mut() else {
            continue;
        };
        if clock::now() >= next {
            session.show();
            next = clock::now() + FRAME;
        } else {
            session.drain();
        }
    }
}
