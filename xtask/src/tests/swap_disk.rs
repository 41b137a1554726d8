//! Swap on a disk: pages are in the file of the disk, come back, and every error has an end in
//! order.
//!
//! The program `share` fills eight pages with the word 1, over four frames. The host reads the file
//! of the disk while the machine runs.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ChildStdin;

use anyhow::{Context, Result, ensure};

use super::dialogue::Dialogue;
use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{Hardware, SWAP_FILE, Watch};
use crate::pictures::Picture;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene};

const PAGE: usize = 4096;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 2] = [
        ("the host finds the pages in its file", found),
        ("without a disk, pages go to compressed memory", absent),
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
    let (dialogue, copies) = hold(
        kernel,
        &Setup {
            arguments: "--memory 32M --resolution 800x600 --swap 256K",
            cmdline: "mode=shell",
            errors: &[],
            first: "swap\nrun share --frames 4\n",
            next: &|process, line| match line {
                "(share): 5 pages resident, 4 in swap" => {
                    Some(format!("swap\nverify\nkill {process}\nverify\npoweroff\n"))
                }
                _ => None,
            },
        },
    )?;
    dialogue.says("swap", "swap: a disk of 256 KiB; no page was stored yet")?;
    let log = dialogue.log();
    let used = log.iter().find(|line| line.contains("of 64 slots used"));
    let used = used.context("the shell does not print the slots")?;
    let slots = used.split_whitespace().nth(6);
    let slots: usize = slots.context("no number of slots")?.parse()?;
    ensure!(slots >= 4, "{used}");
    let file = copies.first().context("the host did not read the file")?;
    let mut page = [0; PAGE];
    page[..8].copy_from_slice(&1_u64.to_le_bytes());
    let pages = file.chunks_exact(PAGE).filter(|stored| **stored == page);
    let pages = pages.count();
    ensure!(pages >= 4, "{pages} pages of the process are in the file");
    dialogue.says("verify", "picture: 0 mismatches now, 0 ever, 0 events lost")
}

fn absent(kernel: &Kernel) -> Result<()> {
    let dialogue = Dialogue::hold(kernel, "mode=shell swap=disk", "swap\n")?;
    dialogue.says("swap", "swap: compressed memory;")?;
    let line = "swap: no disk (there is no virtio block device), so pages go to compressed memory";
    let lines = dialogue.log().iter().filter(|found| found.contains(line));
    ensure!(lines.count() == 1, "the log does not say once: {line}");
    Ok(())
}

/// A machine with a swap disk, and what is typed.
struct Setup<'a> {
    /// Options of `run`.
    arguments: &'static str,
    cmdline: &'a str,
    /// Rules by which requests of the disk fail.
    errors: &'static [&'static str],
    /// What is typed first. A process that it starts is asked for its pages until `next` answers.
    first: &'a str,
    /// What is typed when the process with this number has so many pages.
    next: &'a dyn Fn(&str, &str) -> Option<String>,
}

/// Runs a machine. Returns the lines, and the file of the disk each time that `next` answered.
fn hold(kernel: &Kernel, setup: &Setup<'_>) -> Result<(Dialogue, Vec<Vec<u8>>)> {
    let scene = Scene {
        name: "swap",
        arguments: setup.arguments,
    };
    let mut options = scene.options()?;
    options.cmdline = setup.cmdline.into();
    let hardware = Hardware {
        disk_errors: setup.errors,
        ..Hardware::USUAL
    };
    let mut host = Host {
        setup,
        keyboard: None,
        file: PathBuf::new(),
        copies: Vec::new(),
    };
    let run = scene::start_on(hardware, &Way::Direct, kernel, &options, &mut host)?;
    Ok((Dialogue::of(run)?, host.copies))
}

/// Types, and reads the file of the disk.
struct Host<'a> {
    setup: &'a Setup<'a>,
    keyboard: Option<ChildStdin>,
    file: PathBuf,
    copies: Vec<Vec<u8>>,
}

impl Host<'_> {
    /// Returns the answer to a line of the kernel.
    fn answer(&mut self, line: &str) -> Result<Option<String>> {
        if line.starts_with(Dialogue::READY) {
            return Ok(Some(self.setup.first.into()));
        }
        let Some((process, rest)) = line
            .strip_prefix("process ")
            .and_then(|rest| rest.split_once(' '))
        else {
            return Ok(None);
        };
        if let Some(text) = (self.setup.next)(process, rest) {
            self.copies.push(fs::read(&self.file)?);
            return Ok(Some(text));
        }
        // The process runs between two commands, so it is asked again.
        let is_asked = rest.starts_with("runs ") || rest.starts_with('(');
        Ok(is_asked.then(|| format!("working-set {process}\n")))
    }
}

impl Watch for Host<'_> {
    fn started(&mut self, process: u32) {
        self.file = format!("/proc/{process}/cwd/{SWAP_FILE}").into();
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
