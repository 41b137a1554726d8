//! Runs a machine from power-on to its end, and says how it ended.
//!
//! ```text
//!            standard output ──lines──┐
//! QEMU ──┤                            ├──► one channel ──► the loop in `run`
//!            QMP ───────────events────┘         (pictures, patience, Ctrl-C)
//! ```
//!
//! For a picture the guest says its name on the serial line and then pauses itself through the pvpanic device; the
//! host looks at the screen and lets it go on. So pictures cost the guest no time.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use qapi::qmp::{Event, GuestPanicAction, ShutdownCause, cont, quit, screendump};

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
        let failed = self
            .log
            .iter()
            .find(|line| Marker::parse(line).is_some_and(|m| m.is_failure()));
        let said = self.complaints.trim();
        match (self.end, failed) {
            (_, Some(line)) => Some(format!("the kernel reports: {}", line.trim())),
            (End::Success | End::Closed, None) => None,
            (End::Failure, None) => Some("the kernel ended with a failure".into()),
            (End::Reset, None) => Some("the machine reset itself: a triple fault?".into()),
            (End::Silent, None) => Some("no sign of life from the machine".into()),
            (End::Unknown(status), None) => {
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

    let mut following = Following {
        watch,
        qmp,
        happenings,
        log: Vec::new(),
        picture: folder.path(),
    };
    let end = following.follow(patience)?;
    let log = following.log;
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

enum Happening {
    Line(String),
    Event(Event),
}

/// The host's side of a machine that runs.
struct Following<'a> {
    watch: &'a mut dyn Watch,
    qmp: Qmp,
    happenings: Receiver<Happening>,
    log: Vec<String>,
    /// The folder for screen dumps.
    picture: &'a Path,
}

impl Following<'_> {
    /// Until QEMU is gone, or there is a reason to end it. None: QEMU's exit status will tell.
    fn follow(&mut self, mut patience: Patience) -> Result<Option<End>> {
        const HEARTBEAT: Duration = Duration::from_millis(100);
        /// QEMU ends within this time after it was asked to, or is forced.
        const DEAF: Duration = Duration::from_secs(5);
        /// After a panic, for its report.
        const LAST_WORDS: Limits = Limits {
            run: Duration::ZERO,
            silence: Duration::from_secs(5),
        };
        let start = Instant::now();
        let mut heard = start;
        let mut end = None;
        let mut asked: Option<Instant> = None;
        // The name arrives first, as the guest waited; yet the two travel on different roads.
        let (mut name, mut paused) = (None, false);
        loop {
            match self.happenings.recv_timeout(HEARTBEAT) {
                Ok(Happening::Line(line)) => {
                    heard = Instant::now();
                    match Marker::parse(&line) {
                        Some(Marker::Picture(picture)) => name = Some(picture.to_string()),
                        Some(Marker::Panic) => patience = Some(LAST_WORDS),
                        _ => {}
                    }
                    self.watch.line(&line)?;
                    self.log.push(line);
                }
                Ok(Happening::Event(Event::GUEST_PANICKED { data, .. })) => {
                    paused |= data.action == GuestPanicAction::pause;
                }
                Ok(Happening::Event(Event::SHUTDOWN { data, .. })) => {
                    end = match data.reason {
                        ShutdownCause::guest_reset => Some(End::Reset),
                        ShutdownCause::host_ui | ShutdownCause::host_signal => Some(End::Closed),
                        _ => end,
                    };
                }
                Ok(Happening::Event(_)) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(end),
            }
            if paused && let Some(name) = name.take() {
                let picture = self
                    .screen()
                    .with_context(|| format!("the picture “{name}”"))?;
                self.watch.picture(&name, picture)?;
                // The guest may power off before QEMU has answered; should it stand still instead,
                // the silence tells.
                drop(self.qmp.execute(cont {}));
                (paused, heard) = (false, Instant::now());
            }
            let dead =
                |limits: Limits| start.elapsed() > limits.run && heard.elapsed() > limits.silence;
            match asked {
                Some(when) if when.elapsed() > DEAF => return Ok(end),
                Some(_) => {}
                None => {
                    if INTERRUPTED.load(Ordering::Relaxed) {
                        end = Some(End::Closed);
                    } else if patience.is_some_and(dead) {
                        end = Some(End::Silent);
                    } else {
                        continue;
                    }
                    asked = Some(Instant::now());
                    // It may be gone already, or deaf.
                    drop(self.qmp.execute(quit {}));
                }
            }
        }
    }

    fn screen(&mut self) -> Result<Picture> {
        let path = self.picture.join("screen.ppm");
        let filename = path
            .to_str()
            .context("the temporary folder's name is not text")?
            .to_string();
        // PPM and not PNG: QEMU 7.2 swaps red and blue in PNG.
        self.qmp.execute(screendump {
            filename,
            device: None,
            format: None,
            head: None,
        })?;
        Picture::from_ppm(&std::fs::read(&path)?)
    }
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
fn read_lines(output: impl Read + Send + 'static, sender: Sender<Happening>) {
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut bytes = Vec::new();
        while output
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|count| count > 0)
        {
            for line in serial::plain(&bytes) {
                drop(sender.send(Happening::Line(line)));
            }
            bytes.clear();
        }
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

/// From here on Ctrl-C ends the machine and not this program, which still has to clean up. The second one ends it.
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
