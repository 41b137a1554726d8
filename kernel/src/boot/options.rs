//! The kernel's command line: words separated by spaces, each `key=value`.
//!
//! A word that nobody knows is warned about and passed over: a misspelt option must not cost a
//! lesson.

use super::enhancements::{Enhancements, SwitchError};
use core::str::FromStr;

/// What the machine does once memory is up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Play without end.
    #[default]
    Demo,
    /// Wait for a key before each step.
    Classroom,
    /// Play one lesson to its end, with a picture of each phase.
    Lesson,
    /// Play, with the keys going to the shell.
    Shell,
    /// Run all tests, then power off with their result.
    SelfTest,
    /// Measure what things cost, then power off.
    Bench,
}

/// Ways to end on purpose, to show what the kernel says then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// Run over the end of the kernel stack.
    Stack,
    /// Write to the kernel's code.
    Text,
    /// Run data.
    NoExecute,
    /// Call a null pointer.
    Null,
    /// Fault while a fault is being delivered.
    DoubleFault,
    /// Have no memory left while booting.
    OutOfMemory,
    /// Wait for a machine check, which the host injects.
    MachineCheck,
    /// Panic.
    Panic,
}

/// Memory maps that no firmware should hand over, to show that they are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadMap {
    /// No region at all.
    Empty,
    /// Everything is claimed twice, the second time as reserved.
    Overlapping,
    /// Regions beyond all physical addresses, and wrapping ones.
    Absurd,
}

/// Everything that the command line can say.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// `mode=demo|classroom|lesson|shell|selftest|bench`
    pub mode: Mode,
    /// `fatal=stack|text|nx|null|double-fault|machine-check|oom|panic`
    pub fatal: Option<Fatal>,
    /// `map=empty|overlapping|absurd`: replaces the firmware's memory map
    pub bad_map: Option<BadMap>,
    /// `seed=N` of everything that is drawn by lot
    pub seed: u64,
    /// `resolution=WxH`, on the direct way
    pub resolution: (u32, u32),
    /// `for=SECONDS`: take a picture named `end` and power off then
    pub seconds: Option<u64>,
    /// `keys=a,b,c`: one key every quarter of a second
    pub keys: &'a str,
    /// `palette=NAME`
    pub palette: &'a str,
    /// `projector=on|off`: less and larger on the screen
    pub projector: bool,
    /// `lesson=NAME` to begin with
    pub lesson: &'a str,
    /// `ENHANCEMENT=on|off`, for each that this kernel has
    pub enhancements: Enhancements,
    /// `log=info|debug`
    pub debug: bool,
    /// `trace=on|off`: events are recorded
    pub trace: bool,
}

/// The resolution where nobody says another one.
const RESOLUTION: (u32, u32) = (1280, 800);

impl<'a> Options<'a> {
    /// Reads the command line; a word without effect is handed to `warn`, with the reason.
    pub fn parse(line: &'a str, mut warn: impl FnMut(&str, &str)) -> Options<'a> {
        let mut options = Options {
            mode: Mode::default(),
            fatal: None,
            bad_map: None,
            seed: 1,
            resolution: RESOLUTION,
            seconds: None,
            keys: "",
            palette: "",
            projector: false,
            lesson: "",
            enhancements: Enhancements::built(),
            debug: false,
            trace: true,
        };
        for word in line.split_ascii_whitespace() {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            match options.enhancements.switch(key, value) {
                Ok(()) => {}
                Err(SwitchError::Absent) => warn(word, "this kernel was built without it"),
                Err(SwitchError::Value) => warn(word, "on or off"),
                Err(SwitchError::Unknown) => {
                    if options.take(key, value).is_none() {
                        warn(
                            word,
                            "no such option, or no such value: see docs/command-line.md",
                        );
                    }
                }
            }
        }
        options
    }

    /// Takes one word, or nothing if it makes no sense.
    fn take(&mut self, key: &str, value: &'a str) -> Option<()> {
        match key {
            "mode" => {
                self.mode = match value {
                    "demo" => Mode::Demo,
                    "classroom" => Mode::Classroom,
                    "lesson" => Mode::Lesson,
                    "shell" => Mode::Shell,
                    "selftest" => Mode::SelfTest,
                    "bench" => Mode::Bench,
                    _ => return None,
                }
            }
            "fatal" => {
                self.fatal = Some(match value {
                    "stack" => Fatal::Stack,
                    "text" => Fatal::Text,
                    "nx" => Fatal::NoExecute,
                    "null" => Fatal::Null,
                    "double-fault" => Fatal::DoubleFault,
                    "machine-check" => Fatal::MachineCheck,
                    "oom" => Fatal::OutOfMemory,
                    "panic" => Fatal::Panic,
                    _ => return None,
                });
            }
            "map" => {
                self.bad_map = Some(match value {
                    "empty" => BadMap::Empty,
                    "overlapping" => BadMap::Overlapping,
                    "absurd" => BadMap::Absurd,
                    _ => return None,
                });
            }
            "seed" => self.seed = value.parse().ok()?,
            "resolution" => {
                let (width, height) = value.split_once('x')?;
                self.resolution = (pixels(width)?, pixels(height)?);
            }
            "for" => self.seconds = Some(value.parse().ok()?),
            "keys" => self.keys = some(value)?,
            "palette" => self.palette = some(value)?,
            "lesson" => self.lesson = some(value)?,
            "log" => {
                self.debug = match value {
                    "info" => false,
                    "debug" => true,
                    _ => return None,
                }
            }
            "projector" => self.projector = switch(value)?,
            "trace" => self.trace = switch(value)?,
            _ => return None,
        }
        Some(())
    }
}

/// What is not empty.
fn some(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

/// On or off.
fn switch(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// A number of pixels that a display register can hold.
fn pixels(text: &str) -> Option<u32> {
    u16::from_str(text)
        .ok()
        .filter(|&count| count > 0)
        .map(u32::from)
}
