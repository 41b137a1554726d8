//! Unusual machines: each boots to the dashboard, or the kernel refuses it in one line.
//!
//! One line of [`CELLS`] is one machine. `matrix` boots more of them, and keeps the results in
//! `docs/machines.md`.

use anyhow::{Context, Result, bail, ensure};

use super::dialogue::Dialogue;
use crate::build::Kernel;
use crate::machine::Hardware;
use crate::matrix::{self, Outcome};
use crate::runner::{Test, Verdict};
use crate::serial;

/// A machine, and the expected outcome.
struct Cell {
    /// The CPU model and its switches.
    cpu: &'static str,
    /// The type of the machine and its options.
    machine: &'static str,
    /// The value of `--memory`.
    memory: &'static str,
    expected: Expected,
}

/// The expected outcome of a boot.
#[derive(Clone, Copy)]
enum Expected {
    /// The dashboard appears. The log lists the missing features, and names them in the tests that
    /// it skips.
    Dashboard(&'static [&'static str]),
    /// The kernel prints this message, and ends the run.
    Refusal(&'static str),
}
use Expected::{Dashboard, Refusal};

const NO_LONG_MODE: Expected = Refusal("this one has no long mode");
const NO_SUPERVISOR_PROTECTION: Expected = Dashboard(&["SMEP", "SMAP"]);

const CELLS: &[Cell] = &[
    cell("qemu64", "pc", "64M", NO_SUPERVISOR_PROTECTION),
    cell("core2duo", "q35", "128M", NO_SUPERVISOR_PROTECTION),
    cell("phenom", "pc", "64M", NO_SUPERVISOR_PROTECTION),
    cell("max,-smep", "pc", "64M", Dashboard(&["SMEP"])),
    cell("max,-nx", "q35", "64M", Dashboard(&["NX"])),
    cell(
        "max,-smap,-smep,-umip,-nx,-pge,-pat,-pdpe1gb",
        "pc",
        "4G",
        Dashboard(&["NX", "SMEP", "SMAP"]),
    ),
    // More pages of 2 MiB than the ring of events has room.
    cell("max,-pdpe1gb", "q35", "36G", Dashboard(&[])),
    cell("max", "q35,pic=off", "64M", Dashboard(&["timer interrupt"])),
    cell("max", "q35,pit=off", "64M", Dashboard(&["timer interrupt"])),
    cell("qemu32", "pc", "64M", NO_LONG_MODE),
    cell("max,-lm", "q35", "64M", NO_LONG_MODE),
];

const fn cell(
    cpu: &'static str,
    machine: &'static str,
    memory: &'static str,
    expected: Expected,
) -> Cell {
    Cell {
        cpu,
        machine,
        memory,
        expected,
    }
}

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let test = |cell: &'static Cell| {
        let Cell {
            cpu,
            machine,
            memory,
            expected,
        } = cell;
        let what = match expected {
            Dashboard([]) => "shows the dashboard".into(),
            Dashboard(missing) => format!("shows the dashboard without {}", missing.join(", ")),
            Refusal(_) => "is refused in one line".into(),
        };
        Test::new(
            format!("machines: {cpu} on {machine}, {memory}, {what}"),
            move || check(kernel, cell).map(|()| Verdict::Passed),
        )
    };
    let mut tests: Vec<Test> = CELLS.iter().map(test).collect();
    tests.push(Test::new(
        "machines: without a PS/2 keyboard the screen says how to go on",
        move || no_keyboard(kernel).map(|()| Verdict::Passed),
    ));
    tests
}

/// Tests that the notice disappears at the first key, which shows that the user knows.
fn no_keyboard(kernel: &Kernel) -> Result<()> {
    const NOTICE: &str = "no PS/2 keyboard: type on the serial line (the terminal)";
    let hardware = Hardware {
        machine: "q35,i8042=off",
        ..Hardware::USUAL
    };
    let typed = "state\nexit\n2:state\n";
    let dialogue = Dialogue::hold_on(hardware, kernel, "mode=shell", typed)?;
    let states = dialogue.states()?;
    let [before, after] = states.as_slice() else {
        bail!("{} states", states.len());
    };
    ensure!(before["notice"] == NOTICE, "{}", before["notice"]);
    let time = before["time_ns"].as_u64().unwrap_or(u64::MAX);
    ensure!(time < 1_000_000_000, "only after {time} ns");
    ensure!(after["notice"].is_null(), "{}", after["notice"]);
    let usual = Dialogue::hold(kernel, "mode=shell", "state\n")?;
    ensure!(usual.states()?[0]["notice"].is_null());
    Ok(())
}

fn check(kernel: &Kernel, cell: &Cell) -> Result<()> {
    let hardware = Hardware {
        cpu: cell.cpu,
        machine: cell.machine,
        ..Hardware::USUAL
    };
    let run = matrix::boot_direct(hardware, kernel, cell.memory)?;
    let outcome = Outcome::of(&run).with_context(|| serial::tail(&run.log))?;
    match (cell.expected, outcome) {
        (Dashboard(missing), Outcome::Dashboard { passed, skipped }) => {
            ensure!(passed >= 40, "only {passed} tests passed");
            for feature in missing {
                let named = format!("skipped: no {feature}");
                let said = run.log.iter().any(|line| line.ends_with(&named));
                ensure!(said, "no test is “{named}”\n{}", serial::tail(&run.log));
            }
            ensure!(
                missing.is_empty() == (skipped == 0),
                "{skipped} tests were skipped"
            );
            let clock = "time-stamp counter at 1000 MHz (measured by ";
            let is_measured = run.log.iter().any(|line| line.contains(clock));
            ensure!(is_measured, "no clock\n{}", serial::tail(&run.log));
            Ok(())
        }
        (Refusal(wanted), Outcome::Refusal(said)) => {
            ensure!(said.contains(wanted), "not “{wanted}” but “{said}”");
            Ok(())
        }
        (_, outcome) => bail!("{outcome:?}\n{}", serial::tail(&run.log)),
    }
}
