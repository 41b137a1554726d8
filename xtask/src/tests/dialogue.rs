//! Types lines on the serial line of a running machine, and reads the answers of the shell.
//!
//! ```text
//! kernel: 'shell: "help"' ──► the lines are typed ──► the machine powers off ──► the log is read
//! ```

use std::io::Write;
use std::process::ChildStdin;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{Hardware, Run, Watch};
use crate::pictures::Picture;
use crate::scene::{self, Scene};
use crate::serial;

const PROMPT: &str = "memviz> ";

/// A run with typed lines.
pub(super) struct Dialogue {
    run: Run,
}

impl Dialogue {
    /// The kernel's line when keys go to the shell.
    pub(super) const READY: &str = "shell: \"help\"";

    /// Starts a machine, types these lines when the shell is ready, then `poweroff`.
    pub(super) fn hold(kernel: &Kernel, cmdline: &str, typed: &str) -> Result<Dialogue> {
        Dialogue::answering(kernel, cmdline, &format!("{typed}poweroff\n"), |_| None)
    }

    /// Does the same as `hold`, with a machine of this hardware.
    pub(super) fn hold_on(
        hardware: Hardware,
        kernel: &Kernel,
        cmdline: &str,
        typed: &str,
    ) -> Result<Dialogue> {
        let typed = format!("{typed}poweroff\n");
        Dialogue::start(hardware, kernel, cmdline, &typed, |_| None)
    }

    /// Starts a machine, types these lines when the shell is ready, and then the answers of `next`
    /// to lines of the kernel.
    pub(super) fn answering(
        kernel: &Kernel,
        cmdline: &str,
        typed: &str,
        next: fn(&str) -> Option<String>,
    ) -> Result<Dialogue> {
        Dialogue::start(Hardware::USUAL, kernel, cmdline, typed, next)
    }

    fn start(
        hardware: Hardware,
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
        let run = scene::start_on(hardware, &Way::Direct, kernel, &options, &mut typist)?;
        Dialogue::of(run)
    }

    /// The dialogue of a run that ended in order.
    pub(super) fn of(run: Run) -> Result<Dialogue> {
        if let Some(fault) = run.fault() {
            bail!("{fault}\n{}", serial::tail(&run.log));
        }
        Ok(Dialogue { run })
    }

    /// Returns all lines of the serial port.
    pub(super) fn log(&self) -> &[String] {
        &self.run.log
    }

    /// Checks that a line of the serial port has this text.
    pub(super) fn logs(&self, what: &str) -> Result<()> {
        let log = &self.run.log;
        let logged = log.iter().any(|line| line.contains(what));
        ensure!(logged, "no line has “{what}”:\n{}", serial::tail(log));
        Ok(())
    }

    /// Returns all states that the shell printed.
    pub(super) fn states(&self) -> Result<Vec<Value>> {
        let lines = self.run.log.iter().filter(|line| line.starts_with('{'));
        lines
            .map(|line| serde_json::from_str(line).context("the state is not JSON"))
            .collect()
    }

    /// Returns the lines that were typed, as the shell read them.
    pub(super) fn commands(&self) -> impl Iterator<Item = &str> {
        self.run
            .log
            .iter()
            .filter_map(|line| line.strip_prefix(PROMPT))
    }

    /// Returns the shell's answer to this line.
    pub(super) fn answer(&self, command: &str) -> Result<&[String]> {
        let log = &self.run.log;
        let is_command = |line: &String| line.strip_prefix(PROMPT) == Some(command);
        let begin = log
            .iter()
            .position(is_command)
            .with_context(|| format!("“{command}” was not read\n{}", serial::tail(log)))?
            + 1;
        // Log lines may come between two commands.
        let is_answer = |line: &&String| !line.starts_with(PROMPT) && !line.starts_with('[');
        Ok(&log[begin..begin + log[begin..].iter().take_while(is_answer).count()])
    }

    pub(super) fn says(&self, command: &str, what: &str) -> Result<()> {
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
        let text = if line.starts_with(Dialogue::READY) {
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
