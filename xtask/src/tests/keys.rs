//! Presses every key in a running machine, and maximises every panel. The state shows the effects.
//!
//! ```text
//! key ──► `:` `state` `exit` ──► one figure of the state is, or has moved, as the table says
//! ```
//! The help closes when the shell opens, so `screens` tests it with pictures. `lessons` tests the
//! list of lessons.

use anyhow::{Context, Result, ensure};
use memviz::dashboard::boards::panels_of;
use memviz::view::board::Board;
use serde_json::Value;

use super::dialogue::Dialogue;
use crate::build::Kernel;
use crate::runner::{Test, Verdict};

/// Opens the shell, prints the state, and closes the shell.
const LOOK: &str = ":state\nexit\n";
/// The bytes that a terminal sends.
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";
const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const HOME: &str = "\x1b[H";
const END: &str = "\x1b[F";

/// The effect of a key on one figure of the state.
enum Effect {
    /// It has this value.
    Is(&'static str),
    /// It is missing.
    IsNone,
    /// It has increased by this number.
    Moves(i64),
    /// It has increased.
    Grows,
    /// It has decreased.
    Shrinks,
    /// It has changed.
    Differs,
}
use Effect::*;

/// Keys in the order in which they are pressed, the figure that they change, and the change. Digits
/// and letters answer an open question, so those keys come before the first question.
const PRESSES: [(&str, &str, Effect); 47] = [
    ("2", "/map/mode", Is("heat")),
    ("3", "/map/mode", Is("tags")),
    ("4", "/map/mode", Is("refs")),
    ("1", "/map/mode", Is("state")),
    ("6", "/board", Is("paging")),
    ("7", "/board", Is("heap")),
    ("8", "/board", Is("time")),
    ("9", "/board", Is("faults")),
    ("5", "/board", Is("overview")),
    ("+", "/map/zoom", Is("4")),
    ("=", "/map/zoom", Is("16")),
    ("-", "/map/zoom", Is("4")),
    ("0", "/map/zoom", Is("1")),
    ("c", "/palette", Differs),
    ("c", "/palette", Differs),
    ("c", "/palette", Differs),
    ("c", "/palette", Differs),
    (" ", "/timeline/end", Grows),
    (" ", "/timeline/end", Grows),
    (" ", "/timeline/end", Grows),
    (LEFT, "/timeline/cursor", Shrinks),
    (",", "/timeline/cursor", Moves(-1)),
    (",", "/timeline/cursor", Moves(-1)),
    ("b", "/timeline/bookmarks", Moves(1)),
    (RIGHT, "/timeline/cursor", Grows),
    (".", "/timeline/cursor", Moves(1)),
    ("d", "/compared_with", Differs),
    ("d", "/compared_with", IsNone),
    ("n", "/timeline/cursor", Shrinks),
    ("b", "/timeline/bookmarks", Moves(-1)),
    ("[", "/timeline/cursor", Shrinks),
    ("]", "/timeline/cursor", Grows),
    (HOME, "/frames/used", Is("0")),
    (END, "/timeline/live", Is("true")),
    ("\t", "/focus", Is("frame map")),
    (DOWN, "/selection", Differs),
    (DOWN, "/selection", Differs),
    (UP, "/selection", Differs),
    (RIGHT, "/selection", Differs),
    (LEFT, "/selection", Differs),
    ("\r", "/maximised", Is("true")),
    ("\r", "/maximised", Is("false")),
    ("w", "/selection", Is("refused run")),
    ("w", "/selection", IsNone),
    ("p", "/projector", Is("true")),
    ("p", "/projector", Is("false")),
    ("k", "/keyboard", Is("uk")),
];

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 6] = [
        ("keys: each does what the help says", each),
        (
            "keys: Escape leads out of everything, one at a time",
            escape,
        ),
        (
            "keys: every panel of every board can have the screen",
            panels,
        ),
        ("keys: / searches the history, and N goes back", search),
        ("keys: s saves a picture, and q powers off", last),
        (
            "keys: q that is typed asks once, in a script it does not",
            quit,
        ),
    ];
    let test = |(name, check): (&str, Check)| {
        Test::new(name, move || check(kernel).map(|()| Verdict::Passed))
    };
    tests.map(test).into()
}

fn each(kernel: &Kernel) -> Result<()> {
    let typed: String = PRESSES
        .iter()
        .map(|(key, ..)| format!("{key}{LOOK}"))
        .collect();
    let typed = format!("state\nexit\n{typed}:");
    let dialogue = Dialogue::hold(kernel, "mode=classroom keys=space,space,:", &typed)?;
    let states = dialogue.states()?;
    ensure!(states.len() == PRESSES.len() + 1, "{} states", states.len());
    for ((key, figure, effect), pair) in PRESSES.iter().zip(states.windows(2)) {
        let key = key.escape_debug();
        let [before, after] = [&pair[0], &pair[1]].map(|state| state.pointer(figure));
        let (Some(before), Some(after)) = (before, after) else {
            anyhow::bail!("there is no {figure} in the state");
        };
        let moved = || Some(after.as_i64()? - before.as_i64()?);
        let holds = match *effect {
            Is(what) => words(after) == what,
            IsNone => after.is_null(),
            Moves(by) => moved() == Some(by),
            Grows => moved().is_some_and(|by| by > 0),
            Shrinks => moved().is_some_and(|by| by < 0),
            Differs => after != before,
        };
        ensure!(holds, "{key}: {figure} was {before}, and is {after}");
    }
    Ok(())
}

/// On a serial line, Escape is a key only if nothing follows it. So these keys come from the
/// command line.
fn escape(kernel: &Kernel) -> Result<()> {
    const OPEN: &str = "mode=classroom keys=space,space,tab,down,enter";
    let opened = ["/maximised", "/focus", "/selection"];
    for (left, keys) in ["", ",escape", ",escape,escape", ",escape,escape,escape"]
        .iter()
        .enumerate()
    {
        let dialogue = Dialogue::hold(kernel, &format!("{OPEN}{keys},:"), "state\n")?;
        let states = dialogue.states()?;
        let [state] = states.as_slice() else {
            anyhow::bail!("{} states", states.len());
        };
        for (at, figure) in opened.iter().enumerate() {
            let value = state
                .pointer(figure)
                .with_context(|| format!("no {figure}"))?;
            let is_on = !matches!(value, Value::Null | Value::Bool(false));
            ensure!(
                is_on == (at >= left),
                "after {left} times Escape, {figure} is {value}"
            );
        }
    }
    Ok(())
}

/// A search takes some pictures, so its keys come from the command line, which waits.
fn search(kernel: &Kernel) -> Result<()> {
    const KEYS: &str = "mode=classroom keys=space,space,/,p,a,g,e,enter,N,:";
    let dialogue = Dialogue::hold(kernel, KEYS, "state\n")?;
    let states = dialogue.states()?;
    let [state] = states.as_slice() else {
        anyhow::bail!("{} states", states.len());
    };
    let (search, timeline) = (&state["search"], &state["timeline"]);
    let [matches, at] = ["matches", "at"].map(|key| search[key].as_i64().unwrap_or(0));
    ensure!(
        search["words"] == "page" && search["typing"] == false && matches > 2 && at == matches - 1,
        "the search is {search}"
    );
    let event = timeline["event"].as_str().unwrap_or_default();
    ensure!(
        timeline["live"] == false && event.contains("page") && !state["selection"].is_null(),
        "the match is {event}, and the selection {}",
        state["selection"]
    );
    Ok(())
}

/// Focuses and maximises each panel of a board.
fn panels(kernel: &Kernel) -> Result<()> {
    let mut typed = String::from("exit\n");
    let mut expected = Vec::new();
    for board in Board::ALL {
        typed.push_str(board.label().0);
        for panel in panels_of(board) {
            typed.push_str(&format!("\t\r{LOOK}\r"));
            expected.push((board.label().1, panel.name()));
        }
    }
    typed.push(':');
    let dialogue = Dialogue::hold(kernel, "mode=classroom keys=space,space,:", &typed)?;
    let states = dialogue.states()?;
    ensure!(states.len() == expected.len(), "{} states", states.len());
    for (state, (board, panel)) in states.iter().zip(expected) {
        let has = |key: &str, what: &str| state[key] == what;
        ensure!(
            has("board", board) && has("focus", panel) && state["maximised"] == true,
            "board {board}, panel {panel}: it is {}, {}, {}",
            state["board"],
            state["focus"],
            state["maximised"]
        );
        let panels = state["panels"].as_object().context("no panels")?;
        let others = board_panels().filter(|other| *other != panel && panels.contains_key(*other));
        let others: Vec<_> = others.collect();
        ensure!(
            panels.contains_key(panel) && others.is_empty(),
            "board {board}: {panel} does not have the screen alone, but with {others:?}"
        );
    }
    Ok(())
}

fn board_panels() -> impl Iterator<Item = &'static str> {
    let boards = Board::ALL.into_iter();
    boards.flat_map(|board| panels_of(board).map(|panel| panel.name()))
}

fn last(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=classroom keys=space,space,s,q", "")?;
    for words in ["picture ", "power off"] {
        let is_logged = dialogue.log().iter().any(|line| line.contains(words));
        ensure!(is_logged, "the machine does not log “{words}”");
    }
    Ok(())
}

fn quit(kernel: &Kernel) -> Result<()> {
    const QUESTION: &str = "q again powers off";
    let asks = |dialogue: &Dialogue| {
        let lines = dialogue.log().iter();
        lines.filter(|line| line.ends_with(QUESTION)).count()
    };
    // Another key in between cancels the first q; only a second q in a row powers off.
    let typed = format!("exit\nq5{LOOK}q{LOOK}qq");
    let dialogue = Dialogue::hold(kernel, "mode=classroom keys=space,space,:", &typed)?;
    ensure!(
        dialogue.states()?.len() == 2,
        "{:?}",
        dialogue.states()?.len()
    );
    ensure!(asks(&dialogue) == 3, "{} questions", asks(&dialogue));
    let scripted = Dialogue::hold(kernel, "mode=classroom keys=space,space,q", "")?;
    ensure!(asks(&scripted) == 0, "a script must confirm q");
    Ok(())
}

/// Returns a value as text.
fn words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_string)
}
