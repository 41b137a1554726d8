//! The shell: commands are typed on the serial line of a machine that runs, and the answers are read there.

use std::io::Write;
use std::process::ChildStdin;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{Test, Verdict};
use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::Watch;
use crate::picture::Picture;
use crate::scene::{self, Scene};
use crate::serial;

/// What the kernel says when keys go to the shell.
const READY: &str = "shell: \"help\"";
const PROMPT: &str = "memviz> ";

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 9] = [
        ("every command has a line in help", help),
        ("wrong input gets a usage line", usage),
        ("lines are edited and come back", editing),
        ("memory is taken and given back by hand", holdings),
        ("an address is walked level by level", pagemap),
        ("processes are started, listed, walked and ended", processes),
        ("the state is one line of JSON, and true", state),
        ("memtest measures Q1 to Q5, and no event is lost", figures),
        ("trace=off goes on without a picture", without_events),
    ];
    tests
        .into_iter()
        .map(|(name, check)| {
            Test::new(format!("shell: {name}"), move || {
                check(kernel).map(|()| Verdict::Passed)
            })
        })
        .collect()
}

fn help(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell", "help\nhelp pagemap\n")?;
    let help = dialogue.answer("help")?;
    for command in [
        "help",
        "memstat",
        "heap",
        "pagemap",
        "memtest",
        "fragtest",
        "leaks",
        "faults",
        "alloc",
        "free",
        "ps",
        "run",
        "kill",
        "lesson",
        "verify",
        "state",
        "screenshot",
        "exit",
        "poweroff",
    ] {
        let listed = help
            .iter()
            .any(|line| line.split_whitespace().next() == Some(command));
        ensure!(listed, "help does not list {command}:\n{}", help.join("\n"));
    }
    ensure!(dialogue.answer("help pagemap")?.len() == 1);
    Ok(())
}

fn usage(kernel: &Kernel) -> Result<()> {
    let lines = [
        "bogus",
        "memstat now",
        "pagemap xyz",
        "alloc heap",
        "alloc heap ten",
        "free",
        "run nothing",
        "kill",
        "lesson 99",
        "help bogus",
        "screenshot ../etc",
        "screenshot one two",
        "exit now",
    ];
    let typed: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let dialogue = Dialogue::hold(kernel, "mode=shell", &typed)?;
    for line in lines {
        let answer = dialogue.answer(line)?;
        let told = answer.len() == 1 && answer[0].contains("usage: ");
        ensure!(told, "“{line}” is answered by {answer:?}");
    }
    let wild = Dialogue::hold(kernel, "mode=shell", "pagemap 123456789abcdef0\n")?;
    wild.says("pagemap 123456789abcdef0", "is no address")
}

fn editing(kernel: &Kernel) -> Result<()> {
    // Left, left, x; home, delete; end; word away; the line before, and its predecessor.
    let typed = "heXlp\x1b[D\x1b[D\x7f\n\
                 zverify\x01\x1b[3~\n\
                 verify bad\x17\n\
                 \x1b[A\x1b[A\x1b[A\x05 poweroff\x15state\x0b\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x0bhelp verify\n";
    let dialogue = Dialogue::hold(kernel, "mode=shell", typed)?;
    let commands: Vec<&str> = dialogue.commands().collect();
    let expected = ["help", "verify", "verify ", "help verify", "poweroff"];
    ensure!(commands == expected, "{commands:?}");
    // From the dashboard's keys into the shell, and out again by both ways.
    let dialogue = Dialogue::hold(kernel, "mode=shell", "exit\n:exit\n:verify\n")?;
    ensure!(
        dialogue
            .commands()
            .eq(["exit", "exit", "verify", "poweroff"])
    );
    Ok(())
}

fn holdings(kernel: &Kernel) -> Result<()> {
    let typed = "alloc frame\nalloc run 16 16\nalloc heap 5000\nalloc\nfree all\nfree all\nalloc\n\
                 free 0\nfree ffffffff80100000\nalloc heap 99999999\nverify\n";
    let dialogue = Dialogue::hold(kernel, "mode=shell", typed)?;
    dialogue.says("alloc run 16 16", "16 × 4 KB")?;
    dialogue.says("alloc heap 5000", "a block of 8192 B")?;
    ensure!(dialogue.answer("alloc")?.len() == 4);
    dialogue.says("free 0", "refused: the frame at 0x0 belongs to the kernel")?;
    dialogue.says("free ffffffff80100000", "refused")?;
    dialogue.says("alloc heap 99999999", "refused")?;
    dialogue.says(
        "verify",
        "picture: 0 disagreements now, 0 ever, 0 events lost",
    )
}

fn pagemap(kernel: &Kernel) -> Result<()> {
    let typed = "pagemap\npagemap ffffffff80100000\npagemap 0xffff_c000_000f_f000\npagemap 0\npagemap of 99\n";
    let dialogue = Dialogue::hold(kernel, "mode=shell", typed)?;
    for (range, access) in [
        ("text", "r-x"),
        ("rodata", "r--"),
        ("heap", "rw-"),
        ("screen", "write-combining"),
    ] {
        let found = dialogue
            .answer("pagemap")?
            .iter()
            .any(|line| line.ends_with(range) && line.contains(access));
        ensure!(found, "no {access} range “{range}”");
    }
    let walk = dialogue.answer("pagemap ffffffff80100000")?;
    let levels: Vec<_> = walk[1..5]
        .iter()
        .map(|line| line.split_whitespace().next().unwrap_or_default())
        .collect();
    ensure!(
        levels == ["PML4[511]", "PDPT[510]", "PD[0]", "PT[256]"],
        "{levels:?}"
    );
    dialogue.says("pagemap ffffffff80100000", "all levels together allow r-x")?;
    dialogue.says(
        "pagemap 0xffff_c000_000f_f000",
        "guard page, 4 KB, of the heap",
    )?;
    dialogue.says("pagemap 0", "nothing is mapped")?;
    dialogue.says("pagemap of 99", "no such process")
}

fn state(kernel: &Kernel) -> Result<()> {
    // The demo is held, whatever time passes between the two.
    let dialogue = Dialogue::hold(kernel, "keys=space,:", "state\nalloc run 1000\nstate\n")?;
    let states = dialogue.states()?;
    let [before, after] = states.as_slice() else {
        bail!("{} lines of state", states.len())
    };
    let number = |state: &Value, pointer: &str| {
        state
            .pointer(pointer)
            .and_then(Value::as_u64)
            .with_context(|| format!("no {pointer}"))
    };
    for state in [before, after] {
        for zero in [
            "/lost",
            "/disagreements",
            "/contradictions",
            "/mappings/writable_executable",
        ] {
            ensure!(number(state, zero)? == 0, "{zero} is not 0");
        }
        let (used, free) = (
            number(state, "/frames/used")?,
            number(state, "/frames/free")?,
        );
        ensure!(
            used + free == number(state, "/frames/usable")?,
            "frames do not add up"
        );
        let orders = state["heap"]["orders"].as_array().context("no orders")?;
        let free: u64 = orders
            .iter()
            .map(|order| Ok(number(order, "/bytes")? * number(order, "/free")?))
            .sum::<Result<u64>>()?;
        ensure!(
            free == number(state, "/heap/free_bytes")?,
            "free blocks do not add up"
        );
    }
    let kernel_frames = |state| number(state, "/frames/by_owner/kernel");
    ensure!(
        kernel_frames(after)? == kernel_frames(before)? + 1000,
        "1000 frames are not seen"
    );
    Ok(())
}

fn processes(kernel: &Kernel) -> Result<()> {
    // Guest and host do not run in step, so the process's number is only known when the kernel says it.
    let rest = |line: &str| {
        let number = line.strip_prefix("process ")?.strip_suffix(" runs eat")?;
        Some(format!(
            "ps\npagemap of {number}\npagemap 400000 of {number}\nstate\nkill {number}\nkill {number}\nverify\npoweroff\n"
        ))
    };
    let dialogue = Dialogue::answering(kernel, "mode=shell", "run\nrun eat\n", rest)?;
    ensure!(dialogue.answer("run")?.len() >= 8, "too few programs");
    let started = &dialogue.answer("run eat")?[0];
    let number = started.split_whitespace().nth(1).context("no number")?;
    let listed =
        |line: &String| line.split_whitespace().next() == Some(number) && line.contains("eat");
    ensure!(
        dialogue.answer("ps")?.iter().any(listed),
        "ps does not list process {number}"
    );
    dialogue.says(&format!("pagemap of {number}"), "stack")?;
    dialogue.says(&format!("pagemap 400000 of {number}"), "PML4[0]")?;
    let states = dialogue.states()?;
    on_the_board_of_pages(states.first().context("no state")?, number.parse()?)?;
    dialogue.says(&format!("kill {number}"), "is ended")?;
    let gone = format!("there is no process {number}");
    ensure!(
        dialogue.run.log.iter().any(|line| line.starts_with(&gone)),
        "it is killed twice"
    );
    dialogue.says(
        "verify",
        "picture: 0 disagreements now, 0 ever, 0 events lost",
    )
}

/// The process as the panels show it: its figures and its windows; and a walk, from table to table.
fn on_the_board_of_pages(state: &Value, number: u64) -> Result<()> {
    let list = state["process_list"]
        .as_array()
        .context("no list of processes")?;
    let of = |number: u64| {
        let found = list.iter().find(|process| process["number"] == number);
        found.with_context(|| format!("process {number} is not listed"))
    };
    let (kernel, process) = (of(0)?, of(number)?);
    ensure!(process["program"] == "eat" && process["live"] == true);
    let count = |name: &str| process[name].as_u64().unwrap_or_default();
    ensure!(
        count("pages") == count("faults") + 1,
        "a page for the program and one for each fault: {process}"
    );
    ensure!(count("tables") >= 4, "{process}");
    let policies = |process: &Value| {
        let windows = process["windows"].as_array().cloned().unwrap_or_default();
        let policies = windows
            .iter()
            .filter_map(|window| window["policy"].as_str());
        policies.map(String::from).collect::<Vec<_>>()
    };
    let own = policies(process);
    ensure!(
        own.starts_with(&["fixed".into()]) && own.ends_with(&["guard page".into(), "stack".into()]),
        "{process}"
    );
    ensure!(policies(kernel).iter().any(|policy| policy == "guard page"));

    // The last fault was one of the tests at boot, or the process's by now.
    let walk = &state["page_walk"];
    let steps = walk["steps"].as_array().context("no walk")?;
    for pair in steps.windows(2) {
        ensure!(pair[0]["entry"]["leads_to"] == pair[1]["at"], "{walk}");
    }
    ensure!(state["tables"]["entries_missing"] == 0 && state["tables"]["windows_missing"] == 0);
    Ok(())
}

fn figures(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell", "memtest\nfragtest\nverify\n")?;
    for row in ["Q1", "Q2", "Q3", "Q4", "Q5"] {
        let figures = dialogue
            .run
            .log
            .iter()
            .filter(|line| line.starts_with(&format!("[MM] {row} ")));
        ensure!(figures.count() >= 2, "no definition and figure of {row}");
    }
    let holds = |line: &&String| *line == "everything holds that must hold";
    ensure!(
        dialogue.run.log.iter().filter(holds).count() == 2,
        "{}",
        serial::tail(&dialogue.run.log)
    );
    dialogue.says(
        "verify",
        "picture: 0 disagreements now, 0 ever, 0 events lost",
    )
}

fn without_events(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell trace=off", "memstat\nstate\nverify\n")?;
    dialogue.says("memstat", "events: 0 recorded")?;
    dialogue.says("state", "there is no picture")?;
    dialogue.says("verify", "frames: every figure agrees with its recount")
}

/// A run in which somebody typed.
pub(super) struct Dialogue {
    run: crate::machine::Run,
}

impl Dialogue {
    /// Starts a machine, types this once the shell listens, then `poweroff`.
    pub(super) fn hold(kernel: &Kernel, cmdline: &str, typed: &str) -> Result<Dialogue> {
        Dialogue::answering(kernel, cmdline, &format!("{typed}poweroff\n"), |_| None)
    }

    /// Starts a machine, types this once the shell listens, and then what `next` says to a line of the kernel.
    fn answering(
        kernel: &Kernel,
        cmdline: &str,
        typed: &str,
        next: fn(&str) -> Option<String>,
    ) -> Result<Dialogue> {
        let scene = Scene {
            name: "shell",
            arguments: "--memory 128M --resolution 800x600",
        };
        let mut options = scene.options()?;
        options.cmdline = cmdline.into();
        let mut typist = Typist {
            keyboard: None,
            text: typed.into(),
            next,
        };
        let run = scene::start(&Way::Direct, kernel, &options, &mut typist)?;
        if let Some(fault) = run.fault() {
            bail!("{fault}\n{}", serial::tail(&run.log));
        }
        Ok(Dialogue { run })
    }

    /// All lines of the serial port.
    pub(super) fn log(&self) -> &[String] {
        &self.run.log
    }

    /// All states that the shell told.
    pub(super) fn states(&self) -> Result<Vec<Value>> {
        let lines = self.run.log.iter().filter(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(line).context("the state is not JSON"))
            .collect()
    }

    /// The lines that were typed, as the shell read them.
    fn commands(&self) -> impl Iterator<Item = &str> {
        self.run
            .log
            .iter()
            .filter_map(|line| line.strip_prefix(PROMPT))
    }

    /// What the shell answered to this line.
    pub(super) fn answer(&self, command: &str) -> Result<&[String]> {
        let log = &self.run.log;
        let asked = |line: &String| line.strip_prefix(PROMPT) == Some(command);
        let begin = log
            .iter()
            .position(asked)
            .with_context(|| format!("“{command}” was not read\n{}", serial::tail(log)))?
            + 1;
        // The log goes on between two commands.
        let is_answer = |line: &&String| !line.starts_with(PROMPT) && !line.starts_with('[');
        Ok(&log[begin..begin + log[begin..].iter().take_while(is_answer).count()])
    }

    fn says(&self, command: &str, what: &str) -> Result<()> {
        let answer = self.answer(command)?;
        let said = answer.iter().any(|line| line.contains(what));
        ensure!(
            said,
            "“{command}” does not say “{what}”:\n{}",
            answer.join("\n")
        );
        Ok(())
    }
}

/// Types when the shell is ready.
struct Typist {
    keyboard: Option<ChildStdin>,
    text: String,
    next: fn(&str) -> Option<String>,
}

impl Watch for Typist {
    fn line(&mut self, line: &str) -> Result<()> {
        let text = if line.starts_with(READY) {
            Some(std::mem::take(&mut self.text))
        } else {
            (self.next)(line)
        };
        if let (Some(text), Some(keyboard)) = (text, &mut self.keyboard) {
            keyboard.write_all(text.as_bytes())?;
            keyboard.flush()?;
        }
        Ok(())
    }

    fn picture(&mut self, _: &str, _: Picture) -> Result<()> {
        Ok(())
    }

    fn keyboard(&mut self, keyboard: ChildStdin) {
        self.keyboard = Some(keyboard);
    }
}
