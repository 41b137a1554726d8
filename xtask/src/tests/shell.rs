//! The shell: types commands on the serial line of a running machine and checks the answers.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::dialogue::Dialogue;
use crate::build::Kernel;
use crate::runner::{Test, Verdict};
use crate::serial;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 11] = [
        ("every command has a line in help", help),
        ("wrong input gets a usage line", usage),
        ("lines are edited and come back", editing),
        ("memory is allocated and freed by hand", holdings),
        ("an address is walked level by level", pagemap),
        ("processes are started, listed, walked and ended", processes),
        ("a limit makes pages leave their frames", paging_out),
        ("the state is one line of JSON, and true", state),
        ("a wrong event is found, and corrected", falsified),
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
        "swap",
        "limit",
        "policy",
        "reclaim",
        "working-set",
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

/// Makes the owner of a frame wrong; after the correction picture and machine agree.
fn falsified(kernel: &Kernel) -> Result<()> {
    let typed = "falsify owner 0x5000000\nfalsify references 0x5000000\n";
    let dialogue = Dialogue::answering(kernel, "mode=shell", typed, |line| {
        let agrees = line.contains("picture and machine agree again");
        agrees.then(|| "verify\npoweroff\n".into())
    })?;
    dialogue.says("falsify owner 0x5000000", "a wrong event is recorded")?;
    dialogue.says("falsify references 0x5000000", "another wrong event")?;
    let found = dialogue
        .log()
        .iter()
        .any(|line| line.contains("mismatch on purpose: frame 0x5000000"));
    ensure!(found, "no comparison found the wrong event");
    dialogue.says("verify", "picture: 0 mismatches now, 0 ever, 0 events lost")
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
        "run eat --frames",
        "limit 1",
        "reclaim some",
        "policy bogus",
        "working-set",
        "falsify owner",
        "falsify colour 0x1000",
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
        // An earlier line may name the unknown word.
        let names_usage =
            answer.len() <= 2 && answer.last().is_some_and(|line| line.contains("usage: "));
        ensure!(names_usage, "“{line}” is answered by {answer:?}");
    }
    let wild = Dialogue::hold(
        kernel,
        "mode=shell swap=off",
        "pagemap 123456789abcdef0\nswap\n",
    )?;
    wild.says("swap", "swap: off")?;
    wild.says("pagemap 123456789abcdef0", "is not canonical")
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
    // From the dashboard's keys into the shell, and out in both ways.
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
    dialogue.says("alloc run 16 16", "16 × 4 KiB")?;
    dialogue.says("alloc heap 5000", "a block of 8192 B")?;
    ensure!(dialogue.answer("alloc")?.len() == 4);
    dialogue.says("free 0", "refused: the frame at 0x0 belongs to the kernel")?;
    dialogue.says("free ffffffff80100000", "refused")?;
    dialogue.says("alloc heap 99999999", "refused")?;
    dialogue.says("verify", "picture: 0 mismatches now, 0 ever, 0 events lost")
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
        "guard page, 4 KiB, of the heap",
    )?;
    dialogue.says("pagemap 0", "nothing is mapped")?;
    dialogue.says("pagemap of 99", "no such process")
}

fn state(kernel: &Kernel) -> Result<()> {
    // The demo is held, however much time passes between the two.
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
            "/mismatches",
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
    // Guest and host do not run in step, so only the kernel's line gives the process's number.
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
        dialogue.log().iter().any(|line| line.starts_with(&gone)),
        "it is killed twice"
    );
    dialogue.says("verify", "picture: 0 mismatches now, 0 ever, 0 events lost")
}

fn paging_out(kernel: &Kernel) -> Result<()> {
    const RECLAIMED: u64 = 2;
    // The process runs between two commands, so the test asks until it has filled its 8 pages: 4 of
    // them are resident, and the page of the program.
    let rest = |line: &str| {
        let line = line.strip_prefix("process ")?;
        let (number, rest) = line.split_once(' ')?;
        match rest {
            "runs share" => Some(format!("working-set {number}\n")),
            "(share): 5 pages resident, 4 in swap" => Some(format!(
                "policy opt\npolicy lru\nreclaim {RECLAIMED}\nlimit {number} 5\nlimit 99999 5\nlimit {number} 99999\n\
                 verify\nkill {number}\nswap\nverify\npoweroff\n"
            )),
            _ if rest.starts_with("(share): ") => Some(format!("working-set {number}\n")),
            _ => None,
        }
    };
    let dialogue = Dialogue::answering(kernel, "mode=shell", "run share --frames 4\n", rest)?;
    let started = &dialogue.answer("run share --frames 4")?[0];
    let number = started.split_whitespace().nth(1).context("no number")?;
    dialogue.says(
        &format!("working-set {number}"),
        "limit: 4 frames, by the policy clock",
    )?;
    dialogue.says("policy opt", "refused: opt needs the future")?;
    dialogue.says("policy lru", "▶ lru")?;
    dialogue.says(
        &format!("reclaim {RECLAIMED}"),
        &format!("{RECLAIMED} pages have left their frames"),
    )?;
    dialogue.says(
        &format!("limit {number} 5"),
        "at most 5 resident pages, by the policy lru",
    )?;
    dialogue.says("limit 99999 5", "there is no process 99999")?;
    dialogue.says(&format!("limit {number} 99999"), "refused: ")?;
    // The pages of the process have left swap with it. "reclaim 2" takes from all processes, so up
    // to 2 pages may be those of a lesson.
    let swap = &dialogue.answer("swap")?[0];
    let used = swap.strip_prefix("swap: compressed memory; ");
    let used = used.and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
    ensure!(used.is_some_and(|used| used <= RECLAIMED), "{swap}");
    dialogue.says("verify", "picture: 0 mismatches now, 0 ever, 0 events lost")
}

/// Tests the process as the panels show it: its figures and its regions, and a walk from table to
/// table.
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
        let regions = process["regions"].as_array().cloned().unwrap_or_default();
        let policies = regions
            .iter()
            .filter_map(|region| region["policy"].as_str());
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
    ensure!(state["tables"]["entries_missing"] == 0 && state["tables"]["regions_missing"] == 0);
    Ok(())
}

fn figures(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell", "memtest\nfragtest\nverify\n")?;
    for row in ["Q1", "Q2", "Q3", "Q4", "Q5"] {
        let figures = dialogue
            .log()
            .iter()
            .filter(|line| line.starts_with(&format!("[MM] {row} ")));
        ensure!(figures.count() >= 2, "no definition and figure of {row}");
    }
    let holds = |line: &&String| *line == "all requirements hold";
    ensure!(
        dialogue.log().iter().filter(holds).count() == 2,
        "{}",
        serial::tail(dialogue.log())
    );
    dialogue.says("verify", "picture: 0 mismatches now, 0 ever, 0 events lost")
}

fn without_events(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell trace=off", "memstat\nstate\nverify\n")?;
    dialogue.says("memstat", "events: 0 recorded")?;
    dialogue.says("state", "there is no picture")?;
    dialogue.says("verify", "frames: every figure agrees with its recount")
}
