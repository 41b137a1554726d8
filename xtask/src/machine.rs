//! Runs a machine from power-on to its end, and says how it ended.
//!
//! ```text
//!            standard output ──lines──┐
//! QEMU ──┤                            ├──► one channel ──► the `Follower`  
//!            QMP ───────────events────┘         (pictures, patience, Ctrl-C)
//! ```
//!
//! For a picture the guest says its name on the serial line and then pauses itself through the
//! pvpanic device; the host looks at the screen and lets it go on. So pictures cost the guest no
//! time.

use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use qapi::qmp::cont;
use rustix::io::{FdFlags, fcntl_setfd};

use crate::follow::{Follower, Happening};
use crate::picture::Picture;
use crate::qemu::{self, Machine};
use crate::qmp::Qmp;
use crate::serial::{self, Marker};
use crate::signals;
use crate::watchdog::Watchdog;

/// Who looks on while a machine runs.
pub trait Watch {
    /// A line from the serial port, without its end.
    fn line(&mut self, line: &str) -> Result<()>;
    /// The screen, paused at the moment that the guest named.
    fn picture(&mut self, name: &str, picture: Picture) -> Result<()>;
    /// The screen could not be had at that moment. An error ends the run.
    fn no_picture(&mut self, _: &str, error: anyhow::Error) -> Result<()> {
        Err(error)
    }
    /// May give QEMU orders; is asked after everything that happens, and ten times a second.
    fn order(&mut self, _: &mut Qmp) -> Result<()> {
        Ok(())
    }
    /// Wants the serial port's other direction; nobody does by default.
    fn keyboard(&mut self, _: ChildStdin) {}
}

/// How long a machine may go without a sign of life. None: for ever, somebody is watching.
pub type Patience = Option<Limits>;

/// Both must have passed before a machine counts as dead: a slow host is no failure.
#[derive(Clone, Copy)]
pub struct Limits {
    pub run: Duration,
    pub silence: Duration,
}

/// How a machine ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// The kernel powered off and was content.
    Success,
    /// The kernel powered off and says that something failed.
    Failure,
    /// The processor reset itself.
    Reset,
    /// The person closed the window or pressed Ctrl-C.
    Closed,
    /// No sign of life.
    Silent,
    /// QEMU ended with this status, which nobody asked for.
    Unknown(ExitStatus),
}

/// A run that is over.
pub struct Run {
    pub end: End,
    pub log: Vec<String>,
    /// What QEMU itself said.
    pub complaints: String,
}

impl Run {
    /// What went wrong, in a sentence; None when nothing did.
    pub fn fault(&self) -> Option<String> {
        let find = |is: &dyn Fn(&&String) -> bool| self.log.iter().find(is).map(|line| line.trim());
        let failed = find(&|line| Marker::parse(line).is_some_and(|marker| marker.is_failure()));
        let error = || find(&|line| line.contains(" error: ")).unwrap_or("it does not say what");
        match (self.end, failed) {
            (_, Some(line)) => Some(format!("the kernel reports: {line}")),
            (End::Success | End::Closed, None) => None,
            (End::Failure, None) => Some(format!("the kernel ended with a failure: {}", error())),
            (End::Reset, None) => Some("the machine reset itself: a triple fault?".into()),
            (End::Silent, None) => Some("no sign of life from the machine".into()),
            (End::Unknown(status), None) => {
                let said = last_lines(&self.complaints);
                Some(
                    format!("{said}\nQEMU ended unexpectedly ({status})")
                        .trim()
                        .to_string(),
                )
            }
        }
    }
}

/// Runs a machine to its end.
pub fn run(machine: &Machine, watch: &mut dyn Watch, patience: Patience) -> Result<Run> {
    let folder = tempfile::Builder::new().prefix("memviz").tempdir()?;
    let (mut qemu, stream) = start(machine, folder.path())?;
    let _watchdog = Watchdog::new(qemu.0.id())?;
    let (sender, happenings) = mpsc::channel();
    let complaints = read_all(qemu.0.stderr.take().expect("piped"));
    read_lines(qemu.0.stdout.take().expect("piped"), sender.clone());
    watch.keyboard(qemu.0.stdin.take().expect("piped"));
    signals::watch();
    let begin = || {
        let mut qmp = Qmp::connect(stream, move |event| {
            drop(sender.send(Happening::Event(event)));
        })?;
        qmp.execute(cont {})?;
        Ok(qmp)
    };
    let qmp = match begin() {
        Ok(qmp) => qmp,
        Err(error) => {
            let status = qemu.stop()?;
            let complaints = complaints.recv().unwrap_or_default();
            return Err(not_started(&complaints, status, error));
        }
    };

    let (end, log) = Follower::new(watch, qmp, folder.path(), patience).follow(&happenings)?;
    let end = match (end, qemu.stop()?) {
        (Some(end), _) => end,
        (None, status) => match status.code() {
            Some(33) => End::Success,
            Some(35) => End::Failure,
            _ => End::Unknown(status),
        },
    };
    Ok(Run {
        end,
        log,
        complaints: complaints.recv().unwrap_or_default(),
    })
}

/// Starts QEMU in a folder of its own: stopped, with the other end of its control channel.
///
/// The channel is a pair of sockets without a name, so that no folder's path is too long for it.
fn start(machine: &Machine, folder: &Path) -> Result<(Qemu, UnixStream)> {
    let (ours, theirs) = UnixStream::pair().context("no pair of sockets")?;
    // QEMU inherits it.
    fcntl_setfd(&theirs, FdFlags::empty())?;
    let child = Command::new(qemu::PROGRAM)
        .args(machine.arguments(theirs.as_raw_fd()))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", qemu::PROGRAM))?;
    Ok((Qemu(child), ours))
}

/// Why there is no machine: first what QEMU itself said last.
fn not_started(complaints: &str, status: ExitStatus, error: anyhow::Error) -> anyhow::Error {
    match last_lines(complaints) {
        said if said.is_empty() => error.context(format!("QEMU does not start ({status})")),
        said => anyhow!("QEMU does not start ({status}): {said}"),
    }
}

/// The last lines of what a program said: its reason is among them.
fn last_lines(text: &str) -> String {
    const LINES: usize = 5;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let lines = &lines[lines.len().saturating_sub(LINES)..];
    lines.join("\n").trim().to_string()
}

/// The process, ended at the latest when this is dropped.
struct Qemu(Child);

impl Qemu {
    /// Waits for QEMU's end a moment, then forces it.
    fn stop(&mut self) -> Result<ExitStatus> {
        const PATIENCE: Duration = Duration::from_secs(5);
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.0.kill()?;
        Ok(self.0.wait()?)
    }
}

impl Drop for Qemu {
    fn drop(&mut self) {
        // Already ended in every orderly case.
        if let Ok(None) = self.0.try_wait() {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}

/// Sends the serial port's lines.
fn read_lines(mut output: impl Read + Send + 'static, sender: Sender<Happening>) {
    std::thread::spawn(move || {
        let send = |line| drop(sender.send(Happening::Line(line)));
        let (mut lines, mut piece) = (serial::Lines::default(), [0; 4096]);
        while let Ok(count @ 1..) = output.read(&mut piece) {
            lines.feed(&piece[..count]).into_iter().for_each(send);
        }
        lines.rest().into_iter().for_each(send);
    });
}

/// Collects what a stream says until it ends.
fn read_all(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        drop(sender.send(String::from_utf8_lossy(&bytes).into_owned()));
    });
    receiver
}
