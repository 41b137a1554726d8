//! Swap on a disk: pages are in the file of the disk and come back, and a disk that fails ends only
//! the process that needs it.
//!
//! ```text
//! host: types, reads and writes the file ──► file ◄── QEMU's block layer, makes requests fail
//! ```
//! The program `share` fills eight pages with the word 1, over four frames, so four pages leave.
//! Each time that it is woken it writes to one of them, parent and child in turn.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::ChildStdin;

use anyhow::{Result, ensure};

use super::dialogue::Dialogue;
use super::guest;
use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{Hardware, SWAP_FILE, Watch};
use crate::pictures::Picture;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene};
use crate::serial;

const PAGE: usize = 4096;
/// What the shell says when the picture is true.
const TRUE: &str = "picture: 0 mismatches now, 0 ever, 0 events lost";

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 9] = [
        ("the host finds the pages in its file", found),
        ("without a disk, pages go to compressed memory", absent),
        ("a page that one slot refuses goes to another", bad_slot),
        ("a page that cannot be read ends its process", bad_read),
        ("a page that changed on the disk ends its process", changed),
        ("a disk that writes nothing ends its process", no_write),
        ("a disk without an answer gets no more requests", no_answer),
        ("a disk that is too small ends its process", too_small),
        ("all self-tests pass with pages on a disk", self_test),
    ];
    tests
        .into_iter()
        .map(|(name, check)| {
            Test::new(format!("swap disk: {name}"), move || {
                check(kernel).map(|()| Verdict::Passed)
            })
        })
        .collect()
}

fn found(kernel: &Kernel) -> Result<()> {
    let (dialogue, file) = Setup::USUAL.hold(kernel)?;
    dialogue.says("swap", "swap: a disk of 256 KiB; no page was stored yet")?;
    let slots = slots_with_a_page(&file);
    ensure!(
        slots.starts_with(&[true; 4]),
        "slots with a page: {slots:?}"
    );
    dialogue.logs("4 of 64 slots used")?;
    dialogue.logs(TRUE)
}

fn absent(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell swap=disk", "swap\n")?;
    dialogue.says("swap", "swap: compressed memory;")?;
    let line = "swap: no disk (there is no virtio block device), so pages go to compressed memory";
    let lines = dialogue.log().iter().filter(|found| found.contains(line));
    ensure!(lines.count() == 1, "the log does not say once: {line}");
    Ok(())
}

fn bad_slot(kernel: &Kernel) -> Result<()> {
    let setup = Setup {
        errors: &[
            "file.inject-error.0.event=none",
            "file.inject-error.0.iotype=write",
            "file.inject-error.0.sector=8",
        ],
        ..Setup::USUAL
    };
    let (dialogue, file) = setup.hold(kernel)?;
    dialogue
        .logs("the disk did not write swap slot 1: I/O error; the page goes to another slot")?;
    let slots = slots_with_a_page(&file);
    ensure!(
        slots.starts_with(&[true, false, true, true, true]),
        "slots with a page: {slots:?}"
    );
    dialogue.logs(TRUE)
}

fn bad_read(kernel: &Kernel) -> Result<()> {
    let setup = Setup {
        errors: &[
            "file.inject-error.0.event=none",
            "file.inject-error.0.iotype=read",
            "file.inject-error.0.sector=0",
        ],
        ..Setup::WOKEN
    };
    setup
        .ends(kernel, "the disk did not read swap slot 0: I/O error")
        .map(drop)
}

fn changed(kernel: &Kernel) -> Result<()> {
    let setup = Setup {
        changes: true,
        ..Setup::WOKEN
    };
    setup
        .ends(kernel, "the page in swap slot 0 is corrupt")
        .map(drop)
}

fn no_write(kernel: &Kernel) -> Result<()> {
    let setup = Setup {
        errors: &[
            "file.inject-error.0.event=none",
            "file.inject-error.0.iotype=write",
        ],
        ..Setup::USUAL
    };
    setup
        .ends(kernel, "the disk did not write swap slot 7: I/O error")
        .map(drop)
}

fn no_answer(kernel: &Kernel) -> Result<()> {
    // One byte a second: a page would take an hour.
    let setup = Setup {
        errors: &["throttling.bps-total=1"],
        ..Setup::USUAL
    };
    let dialogue = setup.ends(kernel, "the disk did not write swap slot 0: no answer")?;
    dialogue.logs("swap: a disk of 256 KiB, which does not answer;")
}

fn too_small(kernel: &Kernel) -> Result<()> {
    let setup = Setup {
        arguments: "--memory 32M --resolution 800x600 --swap 8K",
        ..Setup::USUAL
    };
    setup.ends(kernel, "all 2 swap slots are used").map(drop)
}

fn self_test(kernel: &Kernel) -> Result<()> {
    let arguments = "--memory 128M --swap 64M";
    let run = guest::run(&Way::Direct, kernel, arguments, "mode=selftest")?;
    guest::says(&run, "swap: a disk of 64 MiB")?;
    guest::says(&run, serial::ALL_PASSED)?;
    guest::succeeded(&run).map(drop)
}

/// Returns for each slot of the file whether it holds a page of the program `share`.
fn slots_with_a_page(file: &[u8]) -> Vec<bool> {
    let mut page = [0; PAGE];
    page[..8].copy_from_slice(&1_u64.to_le_bytes());
    file.chunks_exact(PAGE).map(|slot| slot == page).collect()
}

/// A machine with a swap disk, in which `share` runs, and `toucher`, which has all its pages.
struct Setup {
    /// Options of `run`.
    arguments: &'static str,
    /// Rules by which requests of the disk fail.
    errors: &'static [&'static str],
    /// The host changes a byte of each page in the file.
    changes: bool,
    /// What is typed until `share` has ended, with its number for each `N`.
    then: &'static str,
}

impl Setup {
    /// Nothing fails.
    const USUAL: Setup = Setup {
        arguments: "--memory 32M --resolution 800x600 --swap 256K",
        errors: &[],
        changes: false,
        then: "swap\nkill N\n",
    };
    /// The program needs its pages again.
    const WOKEN: Setup = Setup {
        then: "wake N\n",
        ..Setup::USUAL
    };

    /// Runs the machine. Returns its lines, and the file as it was when four pages were in swap; no
    /// file if that never was so.
    fn hold(&self, kernel: &Kernel) -> Result<(Dialogue, Vec<u8>)> {
        let scene = Scene {
            name: "swap",
            arguments: self.arguments,
        };
        let mut options = scene.options()?;
        options.cmdline = "mode=shell".into();
        let hardware = Hardware {
            disk_errors: self.errors,
            ..Hardware::USUAL
        };
        let mut host = Host {
            setup: self,
            keyboard: None,
            path: PathBuf::new(),
            file: Vec::new(),
        };
        let run = scene::start_on(hardware, &Way::Direct, kernel, &options, &mut host)?;
        Ok((Dialogue::of(run)?, host.file))
    }

    /// Runs the machine, and checks that the kernel ends `share` for this reason, and that nothing
    /// else suffers.
    fn ends(&self, kernel: &Kernel, why: &str) -> Result<Dialogue> {
        let (dialogue, _) = self.hold(kernel)?;
        dialogue.logs(why)?;
        dialogue.logs("process ended in")?;
        dialogue.says("ps", "toucher")?;
        dialogue.logs(TRUE)?;
        dialogue.logs("swap: a disk")?;
        Ok(dialogue)
    }
}

/// Types, reads the file of the disk, and changes it.
struct Host<'a> {
    setup: &'a Setup,
    keyboard: Option<ChildStdin>,
    path: PathBuf,
    file: Vec<u8>,
}

impl Host<'_> {
    /// Returns what is typed after this line of the kernel.
    fn answer(&mut self, line: &str) -> Result<Option<String>> {
        if line.starts_with(Dialogue::READY) {
            return Ok(Some("swap\nrun toucher\nrun share --frames 4\n".into()));
        }
        if line.starts_with("there is no process") {
            return Ok(Some("ps\nswap\nverify\npoweroff\n".into()));
        }
        let Some((number, rest)) = line
            .strip_prefix("process ")
            .and_then(|rest| rest.split_once(' '))
        else {
            return Ok(None);
        };
        if rest == "(share): 5 pages resident, 4 in swap" && self.file.is_empty() {
            self.read()?;
        }
        // The process runs between two commands, so the shell is asked until the process has ended.
        let then = match self.file.is_empty() {
            true => String::new(),
            false => self.setup.then.replace('N', number),
        };
        let is_of_share = rest == "runs share" || rest.starts_with("(share)");
        Ok(is_of_share.then(|| format!("{then}working-set {number}\n")))
    }

    fn read(&mut self) -> Result<()> {
        self.file = fs::read(&self.path)?;
        if self.setup.changes {
            let file = File::options().write(true).open(&self.path)?;
            for page in 0..self.file.len() / PAGE {
                file.write_at(&[0xff], (page * PAGE) as u64)?;
            }
        }
        Ok(())
    }
}

impl Watch for Host<'_> {
    fn started(&mut self, process: u32) {
        self.path = format!("/proc/{process}/cwd/{SWAP_FILE}").into();
    }

    fn line(&mut self, line: &str) -> Result<()> {
        if let (Some(text), Some(keyboard)) = (self.answer(line)?, &mut self.keyboard) {
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
