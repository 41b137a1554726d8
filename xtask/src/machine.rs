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
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use qapi::qmp::cont;

use crate::follow::{Follower, Happening};
use crate::picture::Picture;
use crate::qemu::{self, Machine};
use crate::qmp::Qmp;
use crate::serial::{self, Marker};

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
                let said = self.complaints.trim();
                Some(format!("QEMU ended unexpectedly ({status}) {said}"))
            }
        }
    }
}

/// Runs a machine to its end.
pub fn run(machine: &Machine, watch: &mut dyn Watch, patience: Patience) -> Result<Run> {
    let folder = tempfile::Builder::new().prefix("memviz").tempdir()?;
    let socket = folder.path().join("qmp");
    let listener = UnixListener::bind(&socket)
        .with_context(|| format!("cannot listen at {}", socket.display()))?;
    let mut qemu = Qemu(
        Command::new(qemu::PROGRAM)
            .args(machine.arguments(&socket))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", qemu::PROGRAM))?,
    );
    let (sender, happenings) = mpsc::channel();
    let complaints = read_all(qemu.0.stderr.take().expect("piped"));
    read_lines(qemu.0.stdout.take().expect("piped"), sender.clone());
    watch.keyboard(qemu.0.stdin.take().expect("piped"));
    let Some(stream) = accept(&listener, &mut qemu.0)? else {
        bail!(
            "QEMU does not start: {}",
            complaints.recv().unwrap_or_default().trim()
        );
    };
    let mut qmp = Qmp::connect(stream, move |event| {
        drop(sender.send(Happening::Event(event)));
    })?;
    watch_for_interrupts();
    qmp.execute(cont {})?;

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

/// Waits for QEMU to call; None when it ended instead.
fn accept(listener: &UnixListener, qemu: &mut Child) -> Result<Option<UnixStream>> {
    const PATIENCE: Duration = Duration::from_secs(30);
    listener.set_nonblocking(true)?;
    let start = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                return Ok(Some(stream));
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        if qemu.try_wait()?.is_some() {
            return Ok(None);
        }
        ensure!(
            start.elapsed() < PATIENCE,
            "QEMU does not open its control channel"
        );
        std::thread::sleep(Duration::from_millis(2));
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

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C was pressed while a machine ran.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// From here on Ctrl-C ends the machine and not this program, which still has to clean up. The
/// second one ends it.
fn watch_for_interrupts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let handler = || {
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(1);
            }
        };
        ctrlc::set_handler(handler).expect("the only handler of this program");
    });
}
