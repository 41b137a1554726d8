//! Plays each lesson to its end: its facts hold, and its captions agree with the picture.

mod captions;
mod facts;
mod phase;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::dialogue::Dialogue;
use super::guest::{run as run_machine, says};
use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{End, Watch};
use crate::options::RunOptions;
use crate::pictures::Picture;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene};
use crate::{lessons, serial};
use facts::Becomes;
use phase::Phase;

/// The longest caption for two lines of the bar on a screen of 1280×800.
const LONGEST_WORDS: usize = 200;

/// Questions without answers to choose from, because the right one depends on the CPU.
const OPEN: [(&str, i64); 1] = [("tlb", 5)];

/// Steps that make the picture wrong on purpose.
const WRONG: [(&str, i64); 3] = [("truth", 2), ("truth", 4), ("truth", 6)];

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let names = lessons::names().unwrap_or_default();
    let mut tests: Vec<Test> = names
        .into_iter()
        .map(|name| {
            let title = format!("lessons: {name}: its facts hold, and memory comes back");
            Test::new(title, move || plays(kernel, &name))
        })
        .collect();
    type Check = fn(&Kernel) -> Result<()>;
    let others: [(&str, Check); 7] = [
        ("the same twice, to the byte", same_twice),
        ("the kernel has those that the folder has", all_listed),
        ("a log of every fault changes no fact", logged),
        ("an unknown name ends with the list", unknown),
        ("keys lead from phase to phase, and back", by_hand),
        (
            "in the classroom one says which begins, and that it is over",
            between,
        ),
        ("one is chosen from the list", chosen),
    ];
    tests.extend(others.map(|(name, check)| {
        Test::new(format!("lessons: {name}"), move || {
            check(kernel).map(|()| Verdict::Passed)
        })
    }));
    tests
}

/// Collects pictures, each with the state after it.
#[derive(Default)]
struct Phases {
    all: Vec<Phase>,
    open: Option<(String, Picture)>,
}

impl Watch for Phases {
    fn line(&mut self, line: &str) -> Result<()> {
        if line.starts_with('{') {
            let (name, picture) = self.open.take().context("a state without a picture")?;
            let state = serde_json::from_str(line).context("the state is not JSON")?;
            self.all.push(Phase {
                name,
                picture,
                state,
            });
        }
        Ok(())
    }

    fn picture(&mut self, name: &str, picture: Picture) -> Result<()> {
        self.open = Some((name.into(), picture));
        Ok(())
    }
}

/// Plays a lesson to its end. A lesson that fails is an error.
fn play(kernel: &Kernel, lesson: &str) -> Result<Vec<Phase>> {
    play_with(kernel, lesson, "mode=lesson")
}

/// A line of the log for each page fault takes time in the handler, and none of the process's own.
fn logged(kernel: &Kernel) -> Result<()> {
    play_with(kernel, "thrashing", "mode=lesson log=debug").map(drop)
}

fn play_with(kernel: &Kernel, lesson: &str, cmdline: &str) -> Result<Vec<Phase>> {
    let scene = Scene {
        name: "lesson",
        arguments: "",
    };
    let options = RunOptions {
        lesson: Some(lesson.into()),
        cmdline: cmdline.into(),
        ..scene.options()?
    };
    let mut phases = Phases::default();
    let run = scene::start(&Way::Direct, kernel, &options, &mut phases)?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    says(&run, "lesson over: 0 failures, 0 events lost, 0 mismatches")?;
    has_room_on_the_stack(&run.log)?;
    Ok(phases.all)
}

/// Checks that the main loop used at most three quarters of its stack.
fn has_room_on_the_stack(log: &[String]) -> Result<()> {
    let sizes = log.iter().find_map(|line| {
        let (_, sizes) = line.split_once("the main stack used ")?;
        let (used, all) = sizes.split_once(" of ")?;
        let kilobytes = |words: &str| words.strip_suffix(" KiB")?.parse::<f64>().ok();
        Some((kilobytes(used)?, kilobytes(all.trim())?))
    });
    let (used, all) = sizes.context("the kernel does not say how much of its stack it used")?;
    ensure!(
        4.0 * used <= 3.0 * all,
        "{used} of {all} KiB of the main stack are used: its frames have grown"
    );
    Ok(())
}

fn plays(kernel: &Kernel, lesson: &str) -> Result<Verdict> {
    let phases = play(kernel, lesson)?;
    let mut step = 0;
    let mut questions = 0;
    let mut before: Option<&Phase> = None;
    for phase in &phases {
        let name = &phase.name;
        ensure!(phase.text("/caption/lesson")? == lesson, "{name}");
        let words = phase.text("/caption/words")?;
        let length = words.chars().count();
        ensure!(
            (1..=LONGEST_WORDS).contains(&length),
            "{name}: {length} characters"
        );
        ensure!(!words.contains(['{', '}']), "{name}: “{words}”");
        for figure in ["/lost", "/contradictions"] {
            ensure!(phase.figure(figure)? == 0, "{name}: {figure}");
        }
        let now = phase.figure("/caption/step")?;
        let is_question = phase.text("/caption/part")? == "question";
        check_mismatches(lesson, phase, if is_question { now - 1 } else { now })?;
        questions += i64::from(is_question);
        if is_question {
            let choices = phase.state.pointer("/caption/choices");
            let count = choices.and_then(Value::as_array).map_or(0, Vec::len);
            let is_open = OPEN.contains(&(lesson, now));
            ensure!(
                is_open || (2..=4).contains(&count),
                "{name}: {count} answers to choose from"
            );
        }
        let follows = before.is_some_and(|before| before.name.ends_with("-question"));
        let expected = if follows { step } else { step + 1 };
        ensure!(now == expected, "{name}: step {now} after step {step}");
        if !is_question {
            check_facts(lesson, before, phase)?;
            captions::check(lesson, phase)?;
        }
        step = now;
        before = Some(phase);
    }
    let last = before.context("no phase was played")?;
    let steps = last.figure("/caption/steps")?;
    ensure!(step == steps, "it ends at step {step} of {steps}");
    let unheard = facts::of(lesson).find(|fact| fact.step > steps);
    ensure!(
        unheard.is_none(),
        "a fact is about a step that does not exist"
    );
    ensure!(
        2 * questions >= steps,
        "{questions} questions in {steps} steps"
    );
    Ok(Verdict::Passed)
}

/// Checks that picture and machine differ after this step if and only if it makes them differ. A
/// question shows the state that the step before left.
fn check_mismatches(lesson: &str, phase: &Phase, step: i64) -> Result<()> {
    let is_wrong = WRONG.contains(&(lesson, step));
    let mismatches = phase.figure("/mismatches")?;
    let name = &phase.name;
    ensure!(
        is_wrong == (mismatches > 0),
        "{name}: {mismatches} mismatches"
    );
    Ok(())
}

/// Compares the picture after a step with the picture before it.
fn check_facts(lesson: &str, before: Option<&Phase>, after: &Phase) -> Result<()> {
    let step = after.figure("/caption/step")?;
    for fact in facts::of(lesson).filter(|fact| fact.step == step) {
        let now = after.figure(fact.figure)?;
        let expected = match fact.becomes {
            Becomes::Is(figure) => figure,
            Becomes::Changed(by) => {
                let before = before.context("nothing is known of before the first step")?;
                before.figure(fact.figure)? + by
            }
        };
        ensure!(
            now == expected,
            "{}: {} is {now}, not {expected}",
            after.name,
            fact.figure
        );
    }
    Ok(())
}

fn same_twice(kernel: &Kernel) -> Result<()> {
    let (first, second) = (
        play(kernel, "copy-on-write")?,
        play(kernel, "copy-on-write")?,
    );
    ensure!(first.len() == second.len(), "one has more phases");
    for (a, b) in first.iter().zip(&second) {
        ensure!(a.name == b.name, "{} and {}", a.name, b.name);
        for part in ["/caption", "/frames", "/heap", "/mappings", "/faults/total"] {
            let same = a.state.pointer(part) == b.state.pointer(part);
            ensure!(same, "{}: {part} differs", a.name);
        }
        if let Some(difference) = a.picture.difference(&b.picture) {
            bail!("{}: the pictures differ: {difference}", a.name);
        }
    }
    Ok(())
}

fn all_listed(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell", "lesson\n")?;
    let listed = dialogue.answer("lesson")?;
    let names = lessons::names()?;
    ensure!(
        listed.len() == names.len(),
        "{} files, {} lessons",
        names.len(),
        listed.len()
    );
    for name in names {
        let is_listed = listed
            .iter()
            .any(|line| line.split_whitespace().any(|word| word == name));
        ensure!(is_listed, "the kernel has no lesson {name}");
    }
    Ok(())
}

fn unknown(kernel: &Kernel) -> Result<()> {
    let run = run_machine(
        &Way::Direct,
        kernel,
        "--for 5",
        "mode=lesson lesson=alchemy",
    )?;
    ensure!(run.end == End::Failure, "it ended by {:?}", run.end);
    says(&run, "there is no lesson \"alchemy\"")?;
    for name in lessons::names()? {
        says(&run, &name)?;
    }
    Ok(())
}

/// Shows the question, its answer, the next question; goes back by two, and forward by one.
fn by_hand(kernel: &Kernel) -> Result<()> {
    let states = "state\nexit\n";
    let typed = format!("{states} :{states}[:{states}[:{states} :{states}:");
    let cmdline = "mode=classroom lesson=page-walk keys=space,:";
    let dialogue = Dialogue::hold(kernel, cmdline, &typed)?;
    let mut places = Vec::new();
    for state in dialogue.states()? {
        let caption = &state["caption"];
        places.push(format!("{} {}", caption["step"], caption["part"]));
        ensure!(
            caption["lesson"] == "page-walk",
            "another lesson: {caption}"
        );
    }
    let expected = [
        "1 \"answer\"",
        "2 \"question\"",
        "1 \"answer\"",
        "1 \"question\"",
        "1 \"answer\"",
    ];
    ensure!(places == expected, "{places:?}");
    Ok(())
}

/// Tests that the machine waits before the first Space and after the last phase of a lesson, and
/// that the caption names the next lesson.
fn between(kernel: &Kernel) -> Result<()> {
    // More than the number of the lesson's phases.
    const SPACES: usize = 20;
    let part = |state: &Value| state["caption"]["part"].as_str().map(str::to_string);
    let first = Dialogue::hold(kernel, "mode=classroom keys=:", "state\n")?.states()?;
    let is_announced = first
        .iter()
        .all(|state| part(state).as_deref() == Some("between"));
    ensure!(
        first.len() == 1 && is_announced,
        "no caption names the first lesson"
    );
    let typed = format!("state\nexit\n{}:", " :state\nexit\n".repeat(SPACES));
    let cmdline = "mode=classroom lesson=page-walk keys=space,:";
    let states = Dialogue::hold(kernel, cmdline, &typed)?.states()?;
    let over = states
        .iter()
        .position(|state| part(state).as_deref() == Some("between"));
    let over = over.context("no caption says that the lesson is over")?;
    let lesson = |state: &Value| state["caption"]["lesson"].as_str().map(str::to_string);
    let before = states[..=over]
        .iter()
        .all(|state| lesson(state).as_deref() == Some("page-walk"));
    let after = states[over + 1..]
        .iter()
        .all(|state| lesson(state).as_deref() == Some("demand-paging"));
    ensure!(
        before && after && over + 1 < states.len(),
        "it is over at the wrong step"
    );
    let words = states[over]["caption"]["words"]
        .as_str()
        .unwrap_or_default();
    ensure!(
        words.contains("Demand paging"),
        "what comes next is not said: {words}"
    );
    Ok(())
}

fn chosen(kernel: &Kernel) -> Result<()> {
    let keys = "keys=l,down,down,enter,space,space,:";
    let dialogue = Dialogue::hold(kernel, keys, "state\n")?;
    let states = dialogue.states()?;
    let [state] = states.as_slice() else {
        bail!("{} lines of state", states.len())
    };
    let lesson = &state["caption"]["lesson"];
    ensure!(lesson == "frames", "it is {lesson}");
    ensure!(state["lessons"] == false, "the list is still open");
    Ok(())
}
