//! Whole machines: the kernel's self-test for each way to boot, bad input, and runs that repeat.

use anyhow::{Result, bail, ensure};
use qapi::qmp::human_monitor_command;

use crate::boot::Way;
use crate::build::{self, Kernel};
use crate::machine::Qmp;
use crate::machine::{End, Run, Watch};
use crate::memory_map::MapFile;
use crate::options::BootChoice;
use crate::pictures::Picture;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene, Silent};
use crate::serial::{self, Marker};

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let ways = [
        ("direct, 32 MiB", BootChoice::Direct, "--memory 32M"),
        ("direct, 256 MiB", BootChoice::Direct, "--memory 256M"),
        ("direct, 4 GiB", BootChoice::Direct, "--memory 4G"),
        ("Limine on BIOS, 32 MiB", BootChoice::Bios, "--memory 32M"),
        ("Limine on BIOS, 256 MiB", BootChoice::Bios, "--memory 256M"),
        ("Limine on BIOS, 4 GiB", BootChoice::Bios, "--memory 4G"),
        // The firmware and Limine do not start with less than 128 MiB.
        ("Limine on UEFI, 256 MiB", BootChoice::Uefi, "--memory 256M"),
        ("Limine on UEFI, 4 GiB", BootChoice::Uefi, "--memory 4G"),
    ];
    let mut tests: Vec<Test> = ways
        .into_iter()
        .map(|(name, boot, arguments)| {
            Test::new(format!("self-test: {name}"), move || {
                self_test(kernel, boot, arguments)
            })
        })
        .collect();
    tests.push(Test::new(
        "bad input: an unknown word is warned about",
        move || unknown_word(kernel),
    ));
    tests.push(Test::new(
        "bad input: a screen of 640x480 leaves the serial line",
        move || small_screen(kernel),
    ));
    tests.push(Test::new(
        "bad input: 12 MiB of memory end in order",
        move || little_memory(kernel),
    ));
    for map in ["empty", "overlapping", "absurd"] {
        let name = format!("bad input: a memory map that is {map} ends in order");
        tests.push(Test::new(name, move || bad_map(kernel, map)));
    }
    tests.push(Test::new(
        "bad input: a memory map of 700 entries is complete on the dashboard",
        move || many_entries(kernel),
    ));
    tests.push(Test::new(
        "bad input: a memory map of 10,000 entries is refused in order",
        move || too_many_entries(kernel),
    ));
    for memory in ["128M", "4G"] {
        let name = format!("memory map: that of a laptop is drawn on a machine with {memory}");
        tests.push(Test::new(name, move || laptop(kernel, memory)));
    }
    tests.extend(failures(kernel));
    tests.push(Test::new(
        "repeat: one run twice, the same to the bit",
        move || repeat(kernel),
    ));
    tests
}

/// Returns tests of deliberate failures, each with the kernel's message.
fn failures(kernel: &'static Kernel) -> Vec<Test> {
    let messages = [
        ("stack", "guard page"),
        ("text", "read-only page"),
        ("nx", "no-execute page, by ?"),
        ("null", "null pointer"),
        ("double-fault", "double fault"),
        ("lock", "deadlock"),
        ("oom", "out of memory"),
        ("panic", "on purpose"),
    ];
    let test = |(way, message)| {
        let name = format!("fatal: {way} is reported and ends the run");
        Test::new(name, move || reported(kernel, way, message))
    };
    let mut tests: Vec<Test> = messages.map(test).into();
    tests.push(Test::new(
        "fatal: machine-check is reported and ends the run",
        move || machine_check(kernel),
    ));
    tests
}

fn self_test(kernel: &Kernel, boot: BootChoice, arguments: &'static str) -> Result<Verdict> {
    let way = match Way::available(boot) {
        Ok(way) => way,
        Err(missing) => return Ok(Verdict::Skipped(format!("{missing:#}"))),
    };
    let run = run(&way, kernel, arguments, "mode=selftest")?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    let passed = run
        .log
        .iter()
        .filter(|line| matches!(Marker::parse(line), Some(Marker::Passed(_))))
        .count();
    let last = run
        .log
        .iter()
        .any(|line| line.ends_with(serial::ALL_PASSED));
    ensure!(
        last && passed > 0,
        "{passed} tests passed, but no “{}”\n{}",
        serial::ALL_PASSED,
        serial::tail(&run.log)
    );
    says(&run, "usable")?;
    let confirmed =
        |line: &String| line.contains("own page tables active") && line.ends_with("all confirmed");
    ensure!(
        run.log.iter().any(confirmed),
        "the page tables are not confirmed"
    );
    says(&run, "Hello from memviz ✨")?;
    Ok(Verdict::Passed)
}

fn unknown_word(kernel: &Kernel) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--for 1", "colour=loud")?;
    says(&run, "colour=loud")?;
    succeeded(&run)
}

fn small_screen(kernel: &Kernel) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--for 1", "resolution=640x480")?;
    says(&run, "640x480")?;
    says(&run, "Hello from memviz ✨")?;
    succeeded(&run)
}

fn little_memory(kernel: &Kernel) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--memory 12M", "for=1")?;
    in_order(&run)?;
    ensure!(
        run.end == End::Failure,
        "it went on with 12 MiB\n{}",
        serial::tail(&run.log)
    );
    Ok(Verdict::Passed)
}

fn bad_map(kernel: &Kernel, map: &str) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--for 1", &format!("map={map}"))?;
    in_order(&run)?;
    Ok(Verdict::Passed)
}

/// Tests that the kernel's own entries count although they come last, and that the picture has
/// every region.
fn many_entries(kernel: &Kernel) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--for 2 --memory 64M", "map=many")?;
    says(&run, "kernel and modules")?;
    says(&run, "0 events lost, 0 mismatches")?;
    let reserved = run.log.iter().filter(|line| line.ends_with(" reserved"));
    let count = reserved.count();
    ensure!(count > 680, "only {count} reserved regions in the log");
    succeeded(&run)
}

/// Tests that each region is in the log as described or as the kernel's, and that the picture
/// agrees with the machine. Memory that the machine lacks is reserved.
fn laptop(kernel: &Kernel, memory: &str) -> Result<Verdict> {
    let file = build::root().join("docs/memory-maps/laptop.txt");
    let mut options = Scene {
        name: "",
        arguments: "--for 2",
    }
    .options()?;
    options.memory = memory.parse().map_err(anyhow::Error::msg)?;
    let path = file.to_string_lossy();
    options.memory_map = Some(MapFile::read(&path).map_err(anyhow::Error::msg)?);
    let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
    for line in [
        "0x00000009e000 - 0x000000100000     392 KiB  reserved",
        "0x000003b00000 - 0x000003b40000     256 KiB  ACPI NVS",
        "0x00000eeef000 - 0x00000eef0000       4 KiB  bad memory",
        "0x00006baff000 - 0x00006bb7f000     512 KiB  ACPI reclaimable",
        "kernel and modules",
        "of its usable memory do not exist here",
        "All tests passed!",
        "0 events lost, 0 mismatches",
    ] {
        says(&run, line)?;
    }
    succeeded(&run)
}

fn too_many_entries(kernel: &Kernel) -> Result<Verdict> {
    let run = run(
        &Way::Direct,
        kernel,
        "--for 1 --memory 256M",
        "map=too-many",
    )?;
    in_order(&run)?;
    ensure!(run.end == End::Failure, "it ended by {:?}", run.end);
    says(&run, "that reserve memory do not fit")?;
    Ok(Verdict::Passed)
}

fn reported(kernel: &Kernel, way: &str, report: &str) -> Result<Verdict> {
    let run = run(&Way::Direct, kernel, "--for 1", &format!("fatal={way}"))?;
    let ended = run.end == End::Failure;
    ensure!(
        ended,
        "it ended by {:?}\n{}",
        run.end,
        serial::tail(&run.log)
    );
    let fault = run.fault().unwrap_or_default();
    ensure!(fault.contains(report), "not “{report}” but: {fault}");
    Ok(Verdict::Passed)
}

/// Tests that two runs have the same picture and the same serial line, including times and costs.
fn repeat(kernel: &Kernel) -> Result<Verdict> {
    let scene = Scene {
        name: "repeat",
        arguments: "--for 3 --memory 64M --resolution 800x600",
    };
    let (first, second) = (scene.play(kernel)?, scene.play(kernel)?);
    if let Some((a, b)) = first.log.iter().zip(&second.log).find(|(a, b)| a != b) {
        bail!("the serial lines differ:\n  {a}\n  {b}");
    }
    ensure!(
        first.log.len() == second.log.len(),
        "one serial line is longer"
    );
    if let Some(difference) = first.end.difference(&second.end) {
        bail!("the pictures differ: {difference}");
    }
    Ok(Verdict::Passed)
}

/// Injects a machine check through QEMU's monitor.
fn machine_check(kernel: &Kernel) -> Result<Verdict> {
    let mut options = Scene {
        name: "",
        arguments: "--for 1",
    }
    .options()?;
    options.cmdline = "fatal=machine-check".into();
    let mut injector = Injector::default();
    let run = scene::start(&Way::Direct, kernel, &options, &mut injector)?;
    ensure!(
        run.end == End::Failure,
        "it ended by {:?}\n{}",
        run.end,
        serial::tail(&run.log)
    );
    let fault = run.fault().unwrap_or_default();
    ensure!(
        fault.contains("machine check"),
        "not “machine check” but: {fault}"
    );
    says(&run, "bank 0: status 0xbd00000000000000")?;
    Ok(Verdict::Passed)
}

/// Injects a machine check once the kernel waits for it.
#[derive(Default)]
struct Injector {
    is_due: bool,
}

impl Watch for Injector {
    fn line(&mut self, line: &str) -> Result<()> {
        self.is_due |= line.contains("breaking on purpose: MachineCheck");
        Ok(())
    }

    fn picture(&mut self, _: &str, _: Picture) -> Result<()> {
        Ok(())
    }

    fn order(&mut self, qmp: &mut Qmp) -> Result<()> {
        if std::mem::take(&mut self.is_due) {
            // CPU 0, bank 0: valid, uncorrected, enabled, address and details valid, corrupt.
            qmp.execute(human_monitor_command {
                command_line: "mce 0 0 0xbd00000000000000 4 0x1000 0".into(),
                cpu_index: None,
            })?;
        }
        Ok(())
    }
}

pub(super) fn run(
    way: &Way,
    kernel: &Kernel,
    arguments: &'static str,
    cmdline: &str,
) -> Result<Run> {
    let mut options = Scene {
        name: "",
        arguments,
    }
    .options()?;
    options.cmdline = cmdline.into();
    scene::start(way, kernel, &options, &mut Silent::default())
}

pub(super) fn says(run: &Run, what: &str) -> Result<()> {
    let said = run.log.iter().any(|line| line.contains(what));
    ensure!(said, "it does not say “{what}”\n{}", serial::tail(&run.log));
    Ok(())
}

pub(super) fn succeeded(run: &Run) -> Result<Verdict> {
    match run.fault() {
        None => Ok(Verdict::Passed),
        Some(fault) => bail!("{fault}\n{}", serial::tail(&run.log)),
    }
}

/// Checks that the kernel powered off with success, without a panic.
fn in_order(run: &Run) -> Result<()> {
    let panicked = run
        .log
        .iter()
        .any(|line| Marker::parse(line) == Some(Marker::Panic));
    let orderly = matches!(run.end, End::Success | End::Failure) && !panicked;
    ensure!(
        orderly,
        "it ended by {:?}\n{}",
        run.end,
        serial::tail(&run.log)
    );
    Ok(())
}
