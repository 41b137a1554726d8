//! Follows a running machine: receives its serial line and QEMU's events, takes its pictures, and
//! ends it after a timeout or an interrupt.

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

/// A message from a machine.
pub enum Happening {
    Line(String),
    Event(Event),
}

/// The host's side of a running machine.
pub struct Follower<'a> {
    watch: &'a mut dyn Watch,
    qmp: Qmp,
    /// QEMU's current folder; screen dumps go there.
    folder: &'a Path,
    log: Vec<String>,
    start: Instant,
    heard: Instant,
    timeouts: Timeouts,
    /// The next picture's name. The guest sends it before the pause, but on the serial line, so it
    /// can arrive after the event.
    name: Option<String>,
    /// The time at which the machine paused for its picture.
    paused: Option<Instant>,
    end: Option<End>,
    /// The time of the request to quit.
    quit_requested: Option<Instant>,
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
            quit_requested: None,
        }
    }

    /// Runs until QEMU has ended or does not react. The end is None if QEMU's exit status
    /// determines it.
    pub fn follow(
        mut self,
        happenings: &Receiver<Happening>,
    ) -> Result<(Option<End>, Vec<String>)> {
        const HEARTBEAT: Duration = Duration::from_millis(100);
        /// If QEMU does not quit within this time, it is killed.
        const QUIT_TIMEOUT: Duration = Duration::from_secs(5);
        while self
            .quit_requested
            .is_none_or(|when| when.elapsed() < QUIT_TIMEOUT)
        {
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
            if self.quit_requested.is_none() && self.end.is_none() {
                self.watch.order(&mut self.qmp)?;
            }
            if self.quit_requested.is_none() {
                self.part();
            }
        }
        Ok((self.end, self.log))
    }

    /// Adjusts the timeouts after a wait of this length. A wait of several seconds means that this
    /// tool was stopped (Ctrl-Z, a suspended host), and the machine too.
    fn forgive(&mut self, waited: Duration) {
        const STOPPED: Duration = Duration::from_secs(5);
        if waited > STOPPED {
            self.start += waited;
            self.heard += waited;
            self.paused = self.paused.map(|since| since + waited);
            self.quit_requested = self.quit_requested.map(|since| since + waited);
        }
    }

    fn hear(&mut self, line: String) -> Result<()> {
        /// Timeouts after a panic: enough for its report.
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

    /// Takes the picture for which the machine paused, and resumes the machine.
    fn take_picture(&mut self) -> Result<()> {
        const NAMELESS: Duration = Duration::from_secs(5);
        let Some(since) = self.paused else {
            return Ok(());
        };
        let Some(name) = self.name.take() else {
            let patient = since.elapsed() < NAMELESS;
            ensure!(patient, "the machine paused for a picture without a name");
            return Ok(());
        };
        let screen = self.screen();
        match screen.with_context(|| format!("cannot take the picture “{name}”")) {
            Ok(picture) => self.watch.picture(&name, picture)?,
            Err(error) => self.watch.no_picture(&name, error)?,
        }
        // The guest may power off before QEMU answers. If it hangs instead, the timeout ends it.
        drop(self.qmp.execute(cont {}));
        self.paused = None;
        self.heard = Instant::now();
        Ok(())
    }

    fn screen(&mut self) -> Result<Picture> {
        /// QEMU runs in that folder, so the folder's path may be long or not UTF-8.
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

    /// Makes QEMU quit, if there is a reason.
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
        self.quit_requested = Some(Instant::now());
        // QEMU may have ended already, or may not react.
        drop(self.qmp.execute(quit {}));
    }
}
