//! A simulated user of the mouse, keyboard and serial line of a running machine: one action after
//! the other.
//!
//! ```text
//! test ──orders──► [`Watch`] of the machine, on a thread of its own ──QMP, serial line──► QEMU
//!      ◄──lines───
//! ```

use std::io::Write;
use std::process::ChildStdin;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use qapi::qmp::{
    InputAxis, InputBtnEvent, InputButton, InputEvent, InputKeyEvent, InputMoveEvent, KeyValue,
    QKeyCode, input_send_event,
};
use serde_json::Value;

use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::Watch;
use crate::machine::{Hardware, Qmp};
use crate::options::{Resolution, RunOptions};
use crate::pictures::Picture;
use crate::{scene, serial};

/// The time in which even a machine on a busy host reads a key.
const KEY_IS_READ: Duration = Duration::from_millis(500);

/// The maximum duration of an answer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Desk {
    orders: Sender<Order>,
    lines: Receiver<String>,
    pictures: Receiver<(String, Picture)>,
    screen: Resolution,
}

enum Order {
    Input(Vec<InputEvent>),
    Type(String),
}

/// Runs a machine with `work` as its user, then powers it off.
pub(super) fn sit<R>(
    kernel: &Kernel,
    options: &RunOptions,
    work: impl FnOnce(&Desk) -> Result<R>,
) -> Result<R> {
    sit_at(Hardware::USUAL, kernel, options, work)
}

/// Does the same as `sit`, with a machine of this hardware.
pub(super) fn sit_at<R>(
    hardware: Hardware,
    kernel: &Kernel,
    options: &RunOptions,
    work: impl FnOnce(&Desk) -> Result<R>,
) -> Result<R> {
    let (orders, taken) = mpsc::channel();
    let (said, lines) = mpsc::channel();
    let (taken_pictures, pictures) = mpsc::channel();
    let desk = Desk {
        orders,
        lines,
        pictures,
        screen: options.resolution.or(Resolution::USUAL),
    };
    std::thread::scope(|scope| {
        let run = scope.spawn(move || {
            let mut wires = Wires {
                orders: taken,
                lines: said,
                pictures: taken_pictures,
                serial: None,
            };
            scene::start_on(hardware, &Way::Direct, kernel, options, &mut wires)
        });
        let done = desk.wait("dashboard up").and_then(|_| work(&desk));
        if done.is_ok() {
            desk.write(":poweroff\n")?;
        } else {
            // The machine ends when the test has ended.
            drop(desk);
        }
        let run = run.join().expect("it does not panic");
        let done = done?;
        let run = run?;
        if let Some(fault) = run.fault() {
            bail!("{fault}\n{}", serial::tail(&run.log));
        }
        Ok(done)
    })
}

impl Desk {
    /// Waits for a line with these words.
    pub fn wait(&self, words: &str) -> Result<String> {
        let start = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(start.elapsed());
            let line = self.lines.recv_timeout(left);
            let line = line.with_context(|| format!("the machine does not say “{words}”"))?;
            if line.contains(words) {
                return Ok(line);
            }
        }
    }

    /// Writes on the serial line.
    pub fn write(&self, text: &str) -> Result<()> {
        self.order(Order::Type(text.into()))
    }

    /// Presses a key of the PS/2 keyboard.
    pub fn press(&self, key: QKeyCode) -> Result<()> {
        // Not `send-key`, which releases a key, and presses the next one, some time later.
        let event = |down| {
            let key = KeyValue::qcode(key.into());
            InputEvent::key(InputKeyEvent { down, key }.into())
        };
        self.order(Order::Input(vec![event(true), event(false)]))
    }

    /// Presses a key, and waits until the state fulfils the condition.
    pub fn press_until(
        &self,
        key: QKeyCode,
        what: &str,
        holds: impl Fn(&Value) -> bool,
    ) -> Result<()> {
        self.press(key)?;
        // The state is asked for in the shell, which would take a key that is not read yet.
        std::thread::sleep(KEY_IS_READ);
        self.until(what, holds).map(drop)
    }

    /// Presses a button of the mouse, or turns its wheel by one click.
    pub fn click(&self, button: InputButton) -> Result<()> {
        let event = |down| InputEvent::btn(InputBtnEvent { button, down }.into());
        // The guest may miss a press and a release in one command.
        self.order(Order::Input(vec![event(true)]))?;
        self.order(Order::Input(vec![event(false)]))
    }

    /// Moves the absolute pointer to a point of the screen.
    pub fn point(&self, x: i64, y: i64) -> Result<()> {
        /// QEMU's range of a position.
        const RANGE: i64 = 1 << 15;
        let part = |at: i64, length: u32| (at * RANGE + i64::from(length) - 1) / i64::from(length);
        let step = |axis, value| InputEvent::abs(InputMoveEvent { axis, value }.into());
        let (width, height) = (self.screen.width, self.screen.height);
        let events = vec![
            step(InputAxis::x, part(x, width)),
            step(InputAxis::y, part(y, height)),
        ];
        self.order(Order::Input(events))?;
        self.until("the pointer is there", |state| {
            state["pointer"] == serde_json::json!([x, y])
        })
        .map(drop)
    }

    /// Moves the PS/2 mouse until the pointer is at a point of the screen.
    pub fn push(&self, x: i64, y: i64) -> Result<()> {
        const TRIES: usize = 20;
        for _ in 0..TRIES {
            // The first move shows the pointer.
            let at = self.state()?["pointer"].clone();
            let (left, top) = (at[0].as_i64(), at[1].as_i64());
            let (right, down) = (x - left.unwrap_or(x), y - top.unwrap_or(y));
            if left.is_some() && right == 0 && down == 0 {
                return Ok(());
            }
            // A mouse buffers only a few packets.
            let (right, down) = (right.clamp(-200, 200), down.clamp(-200, 200));
            let step = |axis, value| InputEvent::rel(InputMoveEvent { axis, value }.into());
            let nudge = i64::from(left.is_none());
            let events = vec![step(InputAxis::x, right + nudge), step(InputAxis::y, down)];
            self.order(Order::Input(events))?;
        }
        bail!(
            "the pointer does not come to {x}, {y}: {}",
            self.state()?["pointer"]
        )
    }

    /// Returns the picture on the screen.
    pub fn state(&self) -> Result<Value> {
        self.write(":state\nexit\n")?;
        let line = self.wait("{\"time_ns\"")?;
        self.wait("shell closed")?;
        serde_json::from_str(&line).context("the state is not JSON")
    }

    /// Waits until the state fulfils the condition.
    pub fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Result<Value> {
        let start = Instant::now();
        loop {
            let state = self.state()?;
            if holds(&state) {
                return Ok(state);
            }
            ensure!(start.elapsed() < PATIENCE / 4, "not {what}: {state}");
        }
    }

    /// Returns the next picture of the machine, and its name.
    pub fn picture(&self) -> Result<(String, Picture)> {
        let picture = self.pictures.recv_timeout(PATIENCE);
        picture.context("no picture was taken")
    }

    fn order(&self, order: Order) -> Result<()> {
        let sent = self.orders.send(order).ok();
        sent.context("the machine has ended")
    }
}

/// The machine's end.
struct Wires {
    orders: Receiver<Order>,
    lines: Sender<String>,
    pictures: Sender<(String, Picture)>,
    serial: Option<ChildStdin>,
}

impl Watch for Wires {
    fn line(&mut self, line: &str) -> Result<()> {
        // The test may have ended already.
        drop(self.lines.send(line.into()));
        Ok(())
    }

    fn picture(&mut self, name: &str, picture: Picture) -> Result<()> {
        drop(self.pictures.send((name.into(), picture)));
        Ok(())
    }

    fn order(&mut self, qmp: &mut Qmp) -> Result<()> {
        loop {
            match self.orders.try_recv() {
                Ok(Order::Type(text)) => {
                    let serial = self.serial.as_mut().context("no serial line")?;
                    serial.write_all(text.as_bytes())?;
                    serial.flush()?;
                }
                Ok(Order::Input(events)) => {
                    let (device, head) = (None, None);
                    qmp.execute(input_send_event {
                        device,
                        head,
                        events,
                    })?;
                }
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => bail!("the test has ended"),
            }
        }
    }

    fn keyboard(&mut self, serial: ChildStdin) {
        self.serial = Some(serial);
    }
}
