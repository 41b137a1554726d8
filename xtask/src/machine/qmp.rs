//! QEMU's control channel: commands out, answers and events in, one JSON object a line.
//!
//! The messages are those of the `qapi` crate. This file adds a thread that reads, so that events
//! arrive while no command is running.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context, Result};
use qapi::qmp::{Event, QapiCapabilities, QmpMessageAny, qmp_capabilities};
use qapi::{Any, Command, Execute};

pub struct Qmp {
    stream: UnixStream,
    answers: Receiver<Result<Any, qapi::Error>>,
}

impl Qmp {
    /// Reads the greeting and negotiates. From then on, passes every event to `on_event`, on a
    /// thread that ends with QEMU.
    pub fn connect(
        stream: UnixStream,
        mut on_event: impl FnMut(Event) + Send + 'static,
    ) -> Result<Self> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        stream.set_read_timeout(Some(PATIENCE))?;
        let greeting = lines.next().context("QEMU closed its control channel")?;
        let greeting = greeting.context("QEMU sends nothing on its control channel")?;
        stream.set_read_timeout(None)?;
        serde_json::from_str::<QapiCapabilities>(&greeting)
            .context("an unknown greeting from QEMU")?;
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Events that the crate does not know are ignored.
                match serde_json::from_str::<QmpMessageAny>(&line) {
                    Ok(QmpMessageAny::Event(event)) => on_event(event),
                    Ok(QmpMessageAny::Response(answer)) => drop(sender.send(answer.result())),
                    Err(_) => {}
                }
            }
        });
        let mut qmp = Self { stream, answers };
        qmp.execute(qmp_capabilities { enable: None })?;
        Ok(qmp)
    }

    /// Sends a command and waits for its answer.
    pub fn execute<C: Command>(&mut self, command: C) -> Result<C::Ok> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let mut line = serde_json::to_vec(&Execute::<C>::from(command))?;
        line.push(b'\n');
        let mut exchange = || {
            self.stream.write_all(&line)?;
            let answer = self.answers.recv_timeout(PATIENCE).context("no answer")?;
            Ok::<_, anyhow::Error>(serde_json::from_value(answer?)?)
        };
        exchange().with_context(|| format!("QEMU's command {}", C::NAME))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qapi::qmp::{cont, query_status};

    /// Acts as QEMU at the other end: sends each line of `script` after the number of commands that
    /// it gives.
    fn pretend(script: &'static [(usize, &'static str)]) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        std::thread::spawn(move || {
            let mut commands = BufReader::new(theirs.try_clone().unwrap()).lines();
            let (mut heard, mut out) = (0, theirs);
            for &(after, line) in script {
                while heard < after && commands.next().is_some() {
                    heard += 1;
                }
                writeln!(out, "{line}").unwrap();
            }
        });
        ours
    }

    const GREETING: &str = r#"{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}"#;

    #[test]
    fn answers_are_separated_from_events() {
        let (sender, events) = mpsc::channel();
        let stream = pretend(&[
            (0, GREETING),
            (1, r#"{"return": {}}"#),
            (
                1,
                r#"{"event": "NEVER_HEARD_OF", "data": {}, "timestamp": {"seconds": 1, "microseconds": 2}}"#,
            ),
            (
                1,
                r#"{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}"#,
            ),
            (
                2,
                r#"{"return": {"status": "paused", "singlestep": false, "running": false}}"#,
            ),
            (
                3,
                r#"{"error": {"class": "GenericError", "desc": "cannot go on"}}"#,
            ),
        ]);
        let mut qmp = Qmp::connect(stream, move |event| sender.send(event).unwrap()).unwrap();
        assert!(!qmp.execute(query_status {}).unwrap().running);
        assert!(matches!(events.recv().unwrap(), Event::STOP { .. }));
        let error = format!("{:#}", qmp.execute(cont {}).unwrap_err());
        assert!(
            error.contains("cont") && error.contains("cannot go on"),
            "{error}"
        );
        assert!(events.recv().is_err(), "the reader ends with the channel");
    }

    #[test]
    fn a_closed_channel_is_an_error() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        drop(theirs);
        assert!(Qmp::connect(ours, |_| {}).is_err());
    }
}
