//! Rows Q1 and Q2 of the requirements. Under the instruction clock the figures of `memtest` are
//! counted, not timed, so they are the same on every host.

use anyhow::{Context, Result, ensure};

use super::dialogue::Dialogue;
use crate::build::Kernel;
use crate::runner::{Test, Verdict};

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let name = "figures: recording takes under 10 % of an allocation, a first touch under 100 µs";
    vec![Test::new(name, move || {
        within_limits(kernel).map(|()| Verdict::Passed)
    })]
}

fn within_limits(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell", "memtest\n")?;
    // The three events of a cached allocation are a larger share, because the allocation itself
    // costs little.
    let limits = [
        ("a frame, zeroed", 10.0),
        ("kmalloc of 64 B, nothing cached", 10.0),
        ("kmalloc of 64 B", 20.0),
    ];
    for (operation, limit) in limits {
        let begin = format!("[MM] Q1   {operation}: ");
        let share = number(&dialogue, &begin, " %", "")?;
        ensure!(share < limit, "{share} % of {operation} is recording");
        let event = number(&dialogue, &begin, " for an event", "; ")?;
        ensure!(event <= 28.0, "{event} instructions for an event");
    }
    let nanoseconds = number(&dialogue, "[MM] Q2   ", " ns", "")?;
    ensure!(nanoseconds < 100_000.0, "a first touch: {nanoseconds} ns");
    let bare = number(&dialogue, "[MM] Q2   ", "", "): ")?;
    ensure!(
        bare < 3000.0,
        "{bare} instructions without zeroing the frame"
    );
    Ok(())
}

/// Returns the number between the last `before` and `after`, in the first line that begins with
/// `begin` and has both.
fn number(dialogue: &Dialogue, begin: &str, after: &str, before: &str) -> Result<f64> {
    let mut rest = dialogue
        .log()
        .iter()
        .filter_map(|line| line.strip_prefix(begin));
    let found = rest.find_map(|line| {
        let (text, _) = match after {
            "" => (line, ""),
            _ => line.split_once(after)?,
        };
        match before {
            "" => text.parse().ok(),
            _ => text.rsplit_once(before)?.1.parse().ok(),
        }
    });
    found.with_context(|| format!("no figure in “{begin}…{before}…{after}”"))
}
