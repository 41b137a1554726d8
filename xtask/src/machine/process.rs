//! Runs a machine from power-on to its end, and returns how it ended.
//!
//! ```text
//!      ┌── standard output ── lines ──┐
//! QEMU ┤                              ├──► one channel ──► the `Follower`
//!      └── QMP ───────────── events ──┘                     (pictures, timeouts, Ctrl-C)
//! ```
//!
//! For a picture the guest prints its name on the serial line and pauses itself through the pvpanic
//! device. The host saves the screen and resumes the guest. So pictures cost no guest time.

use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use qapi::qmp::cont;
use rustix::io::{FdFlags, fcntl_setfd};

use super::end::{End, Run, last_lines};
use super::follow::{Follower, Happening};
use super::qemu::{self, Machine, SWAP_FILE};
use super::qmp::Qmp;
use super::watch::{Timeouts, Watch};
use super::watchdog::Watchdog;
use crate::capture::{self, Captured};
use crate::serial;
use crate::signals;

/// Runs a machine to its end.
pub fn run(machine: &Machine, watch: &mut dyn Watch, timeouts: Timeouts) -> Result<Run> {
    let folder = tempfile::Builder::new().prefix("memviz").tempdir()?;
    let (mut qemu, stream, capturing) = start(machine, folder.path())?;
    let _watchdog = Watchdog::new(qemu.0.id())?;
    let (sender, happenings) = mpsc::channel();
    let stderr = read_all(qemu.0.stderr.take().expect("piped"));
    read_lines(qemu.0.stdout.take().expect("piped"), sender.clone());
    watch.started(qemu.0.id());
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
            let stderr = stderr.recv().unwrap_or_default();
            return Err(not_started(&stderr, status, error));
        }
    };

    let (end, log) = Follower::new(watch, qmp, folder.path(), timeouts).follow(&happenings)?;
    let end = match (end, qemu.stop()?) {
        (Some(end), _) => end,
        (None, status) => match status.code() {
            Some(33) => End::Success,
            Some(35) => End::Failure,
            _ => End::Unknown(status),
        },
    };
    let captured = capturing.map(|thread| match thread.join() {
        Ok(captured) => captured,
        Err(panic) => std::panic::resume_unwind(panic),
    });
    Ok(Run {
        captured: captured.transpose()?,
        end,
        log,
        stderr: stderr.recv().unwrap_or_default(),
    })
}

/// The thread that writes a trace.
type Capturing = JoinHandle<Result<Captured>>;

/// Starts QEMU in a folder of its own, stopped. Returns it with the host's end of its control
/// channel, and with the thread that writes the trace, if one was requested.
///
/// The channel is an unnamed pair of sockets, so no folder's path is too long for it.
fn start(machine: &Machine, folder: &Path) -> Result<(Qemu, UnixStream, Option<Capturing>)> {
    for file in &machine.files {
        let path = folder.join(file.name);
        std::fs::write(&path, &file.bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(bytes) = machine.swap {
        let file = std::fs::File::create(folder.join(SWAP_FILE));
        file.and_then(|file| file.set_len(bytes))
            .context("cannot make the swap disk")?;
    }
    let (ours, theirs) = UnixStream::pair().context("no pair of sockets")?;
    // QEMU inherits this end.
    fcntl_setfd(&theirs, FdFlags::empty())?;
    let records = machine.capture.as_ref().map(|_| capture::socket());
    let records = records.transpose()?;
    if let Some((_, theirs)) = &records {
        fcntl_setfd(theirs, FdFlags::empty())?;
    }
    let socket = records.as_ref().map(|(_, theirs)| theirs.as_raw_fd());
    let mut command = Command::new(qemu::PROGRAM);
    if machine.window.is_some_and(|window| window.zoom) && std::env::var_os("GDK_BACKEND").is_none()
    {
        // The display whose size was requested.
        command.env("GDK_BACKEND", "x11");
    }
    let child = command
        .args(machine.arguments(theirs.as_raw_fd(), socket))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", qemu::PROGRAM))?;
    let capturing = match (&machine.capture, records) {
        (Some(capture), Some((port, _))) => {
            let memory = folder.join(capture::MEMORY_FILE);
            Some(capture::start(
                capture,
                port,
                &memory,
                machine.memory.bytes(),
            )?)
        }
        _ => None,
    };
    Ok((Qemu(child), ours, capturing))
}

/// Returns the error for a machine that did not start: QEMU's last messages come first.
fn not_started(stderr: &str, status: ExitStatus, error: anyhow::Error) -> anyhow::Error {
    match last_lines(stderr) {
        said if said.is_empty() => error.context(format!("QEMU does not start ({status})")),
        said => anyhow!("QEMU does not start ({status}): {said}"),
    }
}

/// QEMU's process. Dropping this kills it.
struct Qemu(Child);

impl Qemu {
    /// Waits for QEMU's end, then kills it.
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
        // After a normal end, QEMU has exited already.
        if let Ok(None) = self.0.try_wait() {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}

/// Starts a thread that sends the serial port's lines.
fn read_lines(mut output: impl Read + Send + 'static, sender: Sender<Happening>) {
    std::thread::spawn(move || {
        let send = |line| drop(sender.send(Happening::Line(line)));
        let (mut lines, mut part) = (serial::Lines::default(), [0; 4096]);
        while let Ok(count @ 1..) = output.read(&mut part) {
            lines.feed(&part[..count]).into_iter().for_each(send);
        }
        lines.rest().into_iter().for_each(send);
    });
}

/// Starts a thread that collects a stream until it ends.
fn read_all(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes));
        drop(sender.send(String::from_utf8_lossy(&bytes).into_owned()));
    });
    receiver
}
