//! The guest's clock on a busy host, which stops the whole machine repeatedly.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{self, End, Hardware, Machine, Pace, Watch};
use crate::options::{AcceleratorChoice, Memory};
use crate::pictures::Picture;
use crate::run::limits;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene, Silent};
use crate::serial;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let test = |name, check: fn(&Kernel) -> Result<()>| {
        Test::new(name, move || check(kernel).map(|()| Verdict::Passed))
    };
    vec![
        test(
            "clock: a host that stalls the machine does not change the frequency that it measures",
            stalled,
        ),
        test(
            "clock: a wrong frequency is corrected once while the machine runs",
            wrong,
        ),
    ]
}

/// The time for which the machine stops, and then runs: shorter than the countdown of its timer.
const TURN: Duration = Duration::from_millis(25);

/// Stops the machine and lets it continue, repeatedly, until this is dropped.
struct Host {
    is_busy: bool,
    is_over: Arc<AtomicBool>,
}

impl Watch for Host {
    fn line(&mut self, line: &str) -> Result<()> {
        if line.contains("dashboard up") {
            self.is_over.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn picture(&mut self, _: &str, _: Picture) -> Result<()> {
        Ok(())
    }

    fn started(&mut self, process: u32) {
        let Some(pid) = Pid::from_raw(process as i32).filter(|_| self.is_busy) else {
            return;
        };
        let is_over = self.is_over.clone();
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) && kill_process(pid, Signal::STOP).is_ok() {
                thread::sleep(TURN);
                if kill_process(pid, Signal::CONT).is_err() {
                    break;
                }
                thread::sleep(TURN);
            }
        });
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Returns the frequency in the log of a boot, in megahertz.
fn frequency(kernel: &Kernel, is_busy: bool) -> Result<f64> {
    let machine = Machine {
        boot: Way::Direct.boot(kernel, "for=1")?,
        files: Vec::new(),
        memory: Memory::from_mib(64),
        clock: machine::clock(AcceleratorChoice::Tcg, Pace::Watcher)?,
        window: None,
        hardware: Hardware::USUAL,
        capture: None,
        swap: None,
    };
    let mut host = Host {
        is_busy,
        is_over: Arc::default(),
    };
    let run = machine::run(&machine, &mut host, Some(limits(1)))?;
    let found = run.log.iter().find_map(|line| {
        let (_, rest) = line.split_once("time-stamp counter at ")?;
        let (megahertz, source) = rest.split_once(" MHz (")?;
        let is_measured = source.starts_with("measured by the PIT and the ACPI timer)");
        is_measured.then(|| megahertz.parse().ok())?
    });
    found.context("the machine does not log the frequency of its counter")
}

fn stalled(kernel: &Kernel) -> Result<()> {
    let quiet = frequency(kernel, false)?;
    for _ in 0..3 {
        let busy = frequency(kernel, true)?;
        ensure!(
            (busy / quiet - 1.0).abs() < 0.02,
            "{busy} MHz while the host stalls, {quiet} MHz otherwise"
        );
    }
    Ok(())
}

/// Tests that the counter has 1000 MHz where QEMU counts instructions as time.
fn wrong(kernel: &Kernel) -> Result<()> {
    let scene = Scene {
        name: "clock",
        arguments: "--for 5 --resolution 800x600 --memory 32M --cmdline tsc=500",
    };
    let options = scene.options()?;
    let watch = &mut Silent::default();
    let run = scene::start(&Way::Direct, kernel, &options, watch)?;
    let count = |words: &str| run.log.iter().filter(|line| line.contains(words)).count();
    let corrected = "the time-stamp counter runs at 1000 MHz, not at 500 MHz";
    ensure!(
        run.end == End::Success
            && count("time-stamp counter at 500 MHz") == 1
            && count("the time-stamp counter runs at") == 1
            && count(corrected) == 1,
        "no single correction\n{}",
        serial::tail(&run.log)
    );
    Ok(())
}
