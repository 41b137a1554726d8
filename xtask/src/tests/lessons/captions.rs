//! The numbers of captions: the panels on the screen show each of them.
//!
//! The dashboard draws its panels once more on a surface that reads words, and reports in `state`
//! the numbers of the caption that it does not find. A question is about an operation that has not
//! begun, so its numbers are not on the screen yet.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::phase::Phase;

/// The reason why no panel shows the numbers of some captions.
struct Unshown {
    reason: &'static str,
    /// Lesson, step, and how many of its numbers are not shown.
    captions: &'static [(&'static str, i64, usize)],
}

const UNSHOWN: &[Unshown] = &[
    Unshown {
        reason: "the requests of the step: the figure shows what they led to",
        captions: &[
            ("busy-machine", 3, 1),
            ("malloc-lab", 2, 3),
            ("malloc-lab", 3, 3),
            ("malloc-lab", 4, 1),
            ("out-of-memory", 3, 2),
        ],
    },
    Unshown {
        reason: "the number of a process, of which the figure shows only the pages",
        captions: &[("out-of-memory", 1, 1), ("rings", 7, 2)],
    },
    Unshown {
        reason: "a number of the processor's manual",
        captions: &[("rings", 4, 1), ("rings", 6, 1)],
    },
];

/// Checks the caption of a phase that is no question.
pub fn check(lesson: &str, phase: &Phase) -> Result<()> {
    let name = &phase.name;
    let numbers = phase.state.pointer("/unshown").and_then(Value::as_array);
    let numbers = numbers.with_context(|| format!("no numbers of the caption of {name}"))?;
    let step = phase.figure("/caption/step")?;
    let captions = UNSHOWN.iter().flat_map(|unshown| {
        let captions = unshown.captions.iter();
        captions.map(|caption| (unshown.reason, caption))
    });
    let known = captions
        .filter(|(_, caption)| (caption.0, caption.1) == (lesson, step))
        .map(|(reason, caption)| (reason, caption.2))
        .next();
    let (reason, most) = known.unwrap_or(("no reason", 0));
    ensure!(
        numbers.len() <= most,
        "{name}: no panel shows {numbers:?} of “{}”; {most} may be missing: {reason}",
        phase.text("/caption/words")?
    );
    Ok(())
}
