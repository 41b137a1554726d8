//! `loom`: runs the event ring through every interleaving of its threads.

use anyhow::Result;

use crate::build;
use crate::runner::{self, Test, Verdict};

/// How often a thread may be interrupted in one interleaving. Loom's authors found most bugs with
/// two; the model takes seconds with three.
const PREEMPTIONS: &str = "3";

/// Runs the model and its negative controls.
pub fn loom() -> Result<()> {
    let test = Test::new(
        "loom: the ring delivers whole events, and without one of its orderings torn ones",
        || {
            let mut command = build::cargo();
            command.env("LOOM_MAX_PREEMPTIONS", PREEMPTIONS);
            command.args(["test", "--manifest-path", "loom/Cargo.toml"]);
            build::run_quietly(&mut command).map(|()| Verdict::Passed)
        },
    );
    runner::run(vec![test], "")
}
