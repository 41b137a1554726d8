//! Lessons: each is played to its end, its facts hold, and what it says is what the picture shows.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::guest::{run as run_machine, says};
use super::shell::Dialogue;
use super::{Test, Verdict};
use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{End, Watch};
use crate::options::RunOptions;
use crate::picture::Picture;
use crate::scene::{self, Scene};
use crate::{lessons, serial};

/// The longest words that two lines of the bar hold on the usual screen.
const LONGEST_WORDS: usize = 200;

/// A figure on the screen, and what a step does to it.
struct Fact {
    lesson: &'static str,
    step: u64,
    /// Where the state has it.
    figure: &'static str,
    becomes: Becomes,
}

enum Becomes {
    /// So many more, or fewer, than before the step.
    Changed(i64),
    /// This.
    Is(i64),
}

use Becomes::{Changed, Is};

const fn fact(lesson: &'static str, step: u64, figure: &'static str, becomes: Becomes) -> Fact {
    Fact {
        lesson,
        step,
        figure,
        becomes,
    }
}

/// What the kernel asserts of the machine is asserted here of the picture, where it shows it.
const FACTS: &[Fact] = &[
    fact("busy-machine", 10, "/processes", Is(0)),
    fact("busy-machine", 10, "/frames/shared", Is(0)),
    fact("memory-map", 5, "/frames/used", Changed(1)),
    fact("memory-map", 6, "/frames/used", Changed(4)),
    fact("frames", 2, "/frames/used", Changed(1)),
    fact("frames", 3, "/frames/used", Changed(63)),
    fact("frames", 4, "/frames/used", Changed(-32)),
    fact("frames", 7, "/frames/used", Changed(32)),
    fact("frames", 8, "/frames/used", Changed(-64)),
    fact("dma", 1, "/frames/used", Changed(0)),
    fact("dma", 4, "/frames/refused", Changed(1)),
    fact("dma", 7, "/frames/by_owner/device", Changed(16)),
    fact("page-walk", 3, "/frames/used", Changed(3)),
    fact("page-walk", 3, "/mappings/pages", Changed(1)),
    fact("page-walk", 4, "/frames/used", Changed(1)),
    fact("page-walk", 6, "/frames/used", Changed(-4)),
    fact("demand-paging", 1, "/faults/total", Changed(0)),
    fact(
        "demand-paging",
        2,
        "/faults/by_cause/demand-zero",
        Changed(1),
    ),
    fact("demand-paging", 2, "/frames/used", Changed(4)),
    fact("demand-paging", 4, "/frames/used", Changed(1)),
    fact(
        "demand-paging",
        5,
        "/faults/by_cause/demand-zero",
        Changed(30),
    ),
    fact("copy-on-write", 2, "/frames/shared", Changed(9)),
    fact("copy-on-write", 3, "/faults/total", Changed(0)),
    fact(
        "copy-on-write",
        4,
        "/faults/by_cause/copy-on-write",
        Changed(1),
    ),
    fact("copy-on-write", 4, "/frames/shared", Changed(-1)),
    fact("copy-on-write", 4, "/frames/used", Changed(1)),
    fact("copy-on-write", 5, "/frames/used", Changed(0)),
    fact("copy-on-write", 6, "/frames/shared", Is(0)),
    fact("copy-on-write", 8, "/processes", Is(0)),
    fact("guard-pages", 1, "/faults/by_cause/guard page", Changed(1)),
    fact(
        "guard-pages",
        3,
        "/faults/by_cause/stack growth",
        Changed(64),
    ),
    fact("guard-pages", 3, "/faults/by_cause/guard page", Changed(1)),
    fact("protection", 1, "/mappings/writable_executable", Is(0)),
    fact(
        "protection",
        2,
        "/faults/by_cause/write to read-only",
        Changed(1),
    ),
    fact(
        "protection",
        3,
        "/faults/by_cause/execute of NX",
        Changed(1),
    ),
    fact("rings", 1, "/processes", Is(2)),
    fact(
        "rings",
        3,
        "/faults/by_cause/user touched kernel",
        Changed(1),
    ),
    fact("rings", 4, "/faults/total", Changed(0)),
    fact("rings", 5, "/faults/by_cause/null pointer", Changed(1)),
    fact("rings", 7, "/processes", Is(2)),
    fact("buddy", 2, "/heap/orders/6/free", Is(1)),
    fact("buddy", 2, "/heap/orders/13/free", Is(1)),
    fact("buddy", 2, "/heap/orders/14/free", Is(0)),
    fact("buddy", 3, "/heap/orders/6/free", Is(0)),
    fact("buddy", 7, "/heap/orders/14/free", Is(1)),
    fact("buddy", 7, "/heap/orders/6/free", Is(0)),
    fact("corruption", 2, "/faults/total", Changed(0)),
    fact("out-of-memory", 1, "/frames/free", Is(0)),
    fact("out-of-memory", 2, "/frames/free", Is(0)),
    fact("out-of-memory", 4, "/processes", Is(0)),
];

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
    let others: [(&str, Check); 5] = [
        ("the same twice, to the byte", same_twice),
        ("the kernel has those that the folder has", all_listed),
        ("an unknown name ends with the list", unknown),
        ("keys lead from phase to phase, and back", by_hand),
        ("one is chosen from the list", chosen),
    ];
    tests.extend(others.map(|(name, check)| {
        Test::new(format!("lessons: {name}"), move || {
            check(kernel).map(|()| Verdict::Passed)
        })
    }));
    tests
}

/// A phase: its picture, and the state that goes with it.
struct Phase {
    name: String,
    picture: Picture,
    state: Value,
}

impl Phase {
    fn figure(&self, pointer: &str) -> Result<i64> {
        let figure = self.state.pointer(pointer).and_then(Value::as_i64);
        figure.with_context(|| format!("no {pointer} in the state of {}", self.name))
    }

    fn text(&self, pointer: &str) -> Result<&str> {
        let text = self.state.pointer(pointer).and_then(Value::as_str);
        text.with_context(|| format!("no {pointer} in the state of {}", self.name))
    }
}

/// Waits for pictures, and for the state that follows each.
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

/// Plays a lesson to its end, which must be a good one.
fn play(kernel: &Kernel, lesson: &str) -> Result<Vec<Phase>> {
    let scene = Scene {
        name: "lesson",
        arguments: "",
    };
    let options = RunOptions {
        lesson: Some(lesson.into()),
        cmdline: "mode=lesson".into(),
        ..scene.options()?
    };
    let mut phases = Phases::default();
    let run = scene::start(&Way::Direct, kernel, &options, &mut phases)?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    says(
        &run,
        "lesson over: 0 failures, 0 events lost, 0 disagreements",
    )?;
    Ok(phases.all)
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
        for figure in ["/lost", "/disagreements", "/contradictions"] {
            ensure!(phase.figure(figure)? == 0, "{name}: {figure}");
        }
        let now = phase.figure("/caption/step")?;
        let is_question = phase.text("/caption/part")? == "question";
        questions += usize::from(is_question);
        let follows = before.is_some_and(|before| before.name.ends_with("-question"));
        let expected = if follows { step } else { step + 1 };
        ensure!(now == expected, "{name}: step {now} after step {step}");
        if !is_question {
            check_facts(lesson, before, phase)?;
        }
        step = now;
        before = Some(phase);
    }
    let last = before.context("no phase was played")?;
    let steps = last.figure("/caption/steps")?;
    ensure!(step == steps, "it ends at step {step} of {steps}");
    ensure!(questions > 0, "it asks nothing");
    Ok(Verdict::Passed)
}

/// What the picture shows after a step, against what it showed before.
fn check_facts(lesson: &str, before: Option<&Phase>, after: &Phase) -> Result<()> {
    let step = after.figure("/caption/step")?;
    let about = |fact: &&Fact| fact.lesson == lesson && fact.step as i64 == step;
    for fact in FACTS.iter().filter(about) {
        let now = after.figure(fact.figure)?;
        let expected = match fact.becomes {
            Is(figure) => figure,
            Changed(by) => {
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

/// The question, its answer, the next question; back by two, and forward by one.
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
