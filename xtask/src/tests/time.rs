//! Back and forth in time: presses keys in a running machine and checks the time in its state.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::dialogue::Dialogue;
use crate::build::Kernel;
use crate::runner::{Test, Verdict};

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 2] = [
        (
            "time: keys lead back, to a bookmark, to the first event and to the present",
            travel,
        ),
        (
            "time: in a classroom nothing moves until Space, and every event can be stepped through",
            classroom,
        ),
    ];
    let test = |(name, check): (&str, Check)| {
        Test::new(name, move || check(kernel).map(|()| Verdict::Passed))
    };
    tests.map(test).into()
}

/// The bytes that a terminal sends for Home and End.
const HOME: &str = "\x1b[H";
const END: &str = "\x1b[F";

fn travel(kernel: &Kernel) -> Result<()> {
    let look = "state\nexit\n";
    let typed = format!("{look}n:{look}{HOME}:{look}]:{look}{END}:{look}:");
    let dialogue = Dialogue::hold(kernel, "keys=space,left,left,left,b,left,:", &typed)?;
    let states = dialogue.states()?;
    let [back, marked, first, step, present] = states.as_slice() else {
        anyhow::bail!("{} lines of state", states.len())
    };
    // In the past everything is paused, even while the shell is open. In the present, processes
    // run.
    let end = number(back, "/timeline/end")?;
    for (name, state, expected) in [
        ("four events back", back, end - 4),
        ("the bookmark", marked, end - 3),
        ("the first event", first, 0),
        (
            "the first lesson step",
            step,
            number(step, "/timeline/cursor")?,
        ),
        ("the present", present, number(present, "/timeline/end")?),
    ] {
        let place = number(state, "/timeline/cursor")?;
        ensure!(place == expected, "{name}: {place}, not {expected}");
        let live = name == "the present";
        ensure!(
            live || number(state, "/timeline/end")? == end,
            "{name}: something happened meanwhile"
        );
        ensure!(state["timeline"]["live"] == live, "{name}: live?");
        ensure!(state["paused"] == true, "{name}: it does not stand still");
        ensure!(
            number(state, "/timeline/bookmarks")? == 1,
            "{name}: no bookmark"
        );
    }
    ensure!(
        number(first, "/frames/used")? == 0,
        "frames have owners before anything happened"
    );
    let caption = step["timeline"]["event"] == "caption"
        && step["caption"]["lesson"] == "busy-machine"
        && step["caption"]["step"] == 1;
    ensure!(
        caption,
        "the first lesson step is {}",
        step["timeline"]["event"]
    );
    ensure!(
        number(present, "/contradictions")? == 0,
        "undoing contradicted something"
    );
    Ok(())
}

fn classroom(kernel: &Kernel) -> Result<()> {
    let look = ":state\nexit\n";
    let (back, forward) = (",", ".");
    let typed = format!("state\nexit\n{look} {look}{back}{back}{look}{forward}{look}:");
    let dialogue = Dialogue::hold(kernel, "mode=classroom keys=:", &typed)?;
    let states = dialogue.states()?;
    let [first, still, moved, earlier, later] = states.as_slice() else {
        anyhow::bail!("{} lines of state", states.len())
    };
    for state in &states {
        ensure!(state["paused"] == true, "it moves by itself");
    }
    let (cursor, end) = ("/timeline/cursor", "/timeline/end");
    let begin = number(first, end)?;
    ensure!(number(still, end)? == begin, "it moved without a Space");
    ensure!(number(moved, end)? > begin, "Space does nothing");
    let place = number(earlier, end)?;
    ensure!(place > begin, "what Space did is not kept");
    ensure!(number(earlier, cursor)? == place - 2, "not two events back");
    ensure!(number(later, cursor)? == place - 1, "not one event forward");
    Ok(())
}

fn number(state: &Value, pointer: &str) -> Result<u64> {
    let number = state.pointer(pointer).and_then(Value::as_u64);
    number.with_context(|| format!("no {pointer} in {state}"))
}
