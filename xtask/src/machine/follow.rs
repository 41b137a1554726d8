//! Follows a machine that runs: hears its serial line and QEMU's events, takes its pictures, and
//! ends it when it is dead or no longer wanted.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use qapi::qmp::{Event, GuestPanicAction, ShutdownCause, cont, quit, screendump};

use super::end::End;
use super::qmp::Qmp;
use super::watch::{Limits, Timeouts, Watch};
use crate::pictures::Picture;
use crate::serial::Marker;
use crate::signals;

/// What comes from a machine.
pub enum Happening {
    Line(String),
    Event(Event),
}

/// The host's side of a machine that runs.
pub struct Follower<'a> {
    watch: &'a mut dyn Watch,
    qmp: Qmp,
    /// In which QEMU runs; for screen dumps.
    folder: &'a Path,
    log: Vec<String>,
    start: Instant,
    heard: Instant,
    timeouts: Timeouts,
    /// The next picture's name. It is said before the pause, but on another road than the event.
    name: Option<String>,
    /// Since when the machine waits for its picture to be taken.
    paused: Option<Instant>,
    end: Option<End>,
    /// Since when QEMU is asked to end.
    asked: Option<Instant>,
}

impl<'a> Follower<'a> {
    pub fn new(watch: &'a mut dyn Watch, qmp: Qmp, folder: &'a Path, timeouts: Timeouts) -> Self {
        let now = Instant::now();
        Self {
            watch,
            qmp,
            folder,
            log: Vec::new(),
            start: now,
            heard: now,
            timeouts,
            name: None,
            paused: None,
            end: None,
            asked: None,
        }
    }

    /// Until QEMU is gone or does not react. The end is None where QEMU's exit status tells it.
    pub fn follow(
        mut self,
        happenings: &Receiver<Happening>,
    ) -> Result<(Option<End>, Vec<String>)> {
        const HEARTBEAT: Duration = Duration::from_millis(100);
        /// QEMU ends within this time after it was asked to, or must be forced.
        const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
        while self.asked.is_none_or(|when| when.elapsed() < QUIT_TIMEOUT) {
            let before = Instant::now();
            let happening = happenings.recv_timeout(HEARTBEAT);
            self.forgive(before.elapsed());
            match happening {
                Ok(Happening::Line(line)) => self.hear(line)?,
                Ok(Happening::Event(event)) => self.notice(&event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.take_picture()?;
            if self.asked.is_none() && self.end.is_none() {
                self.watch.order(&mut self.qmp)?;
            }
            if self.asked.is_none() {
                self.part();
            }
        }
        Ok((self.end, self.log))
    }

    /// A wait that took this long: far too long means that this tool was stopped (Ctrl-Z, a closed
    /// notebook), and the machine with it. That time is not the machine's silence.
    fn forgive(&mut self, waited: Duration) {
        const STOPPED: Duration = Duration::from_secs(5);
        if waited > STOPPED {
            self.start += waited;
            self.heard += waited;
            self.paused = self.paused.map(|since| since + waited);
            self.asked = self.asked.map(|since| since + waited);
        }
    }

    fn hear(&mut self, line: String) -> Result<()> {
        /// After a panic, for its report.
        const LAST_WORDS: Limits = Limits {
            run: Duration::ZERO,
            silence: Duration::from_secs(5),
        };
        self.heard = Instant::now();
        match Marker::parse(&line) {
            Some(Marker::Picture(name)) => self.name = Some(name.to_string()),
            Some(Marker::Panic) => self.timeouts = Some(LAST_WORDS),
            _ => {}
        }
        self.watch.line(&line)?;
        self.log.push(line);
        Ok(())
    }

    fn notice(&mut self, event: &Event) {
        match event {
            Event::GUEST_PANICKED { data, .. } if data.action == GuestPanicAction::pause => {
                self.paused = Some(Instant::now());
            }
            Event::SHUTDOWN { data, .. } => match data.reason {
                ShutdownCause::guest_reset => self.end = Some(End::Reset),
                ShutdownCause::host_ui | ShutdownCause::host_signal => self.end = Some(End::Closed),
                _ => {}
            },
            _ => {}
        }
    }

    /// Takes the picture that the machine waits for, and lets it go on.
    fn take_picture(&mut self) -> Result<()> {
        const NAMELESS: Duration = Duration::from_secs(5);
        let Some(since) = self.paused else {
            return Ok(());
        };
        let Some(name) = self.name.take() else {
            let patient = since.elapsed() < NAMELESS;
            ensure!(
                patient,
                "the machine waits for a picture and does not say its name"
            );
            return Ok(());
        };
        let screen = self.screen();
        match screen.with_context(|| format!("cannot take the picture “{name}”")) {
            Ok(picture) => self.watch.picture(&name, picture)?,
            Err(error) => self.watch.no_picture(&name, error)?,
        }
        // The guest may power off before QEMU has answered. Should it stand still instead, the
        // silence tells.
        drop(self.qmp.execute(cont {}));
        self.paused = None;
        self.heard = Instant::now();
        Ok(())
    }

    fn screen(&mut self) -> Result<Picture> {
        /// QEMU runs in that folder: so its path may be long, or no text.
        const NAME: &str = "screen.ppm";
        // PPM and not PNG: QEMU 7.2 swaps red and blue in PNG.
        let command = screendump {
            filename: NAME.into(),
            device: None,
            format: None,
            head: None,
        };
        self.qmp.execute(command)?;
        Picture::from_ppm(&std::fs::read(self.folder.join(NAME))?)
    }

    /// Asks QEMU to end, if there is a reason.
    fn part(&mut self) {
        let dead = |limits: Limits| {
            self.start.elapsed() > limits.run && self.heard.elapsed() > limits.silence
        };
        let end = if signals::interrupted() {
            End::Closed
        } else if self.timeouts.is_some_and(dead) {
            End::Silent
        } else {
            return;
        };
        self.end = Some(end);
        self.asked = Some(Instant::now());
        // It may be gone already, or deaf.
        drop(self.qmp.execute(quit {}));
    }
}
