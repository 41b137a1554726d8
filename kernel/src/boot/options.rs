//! The kernel's command line: words separated by spaces, each `key=value`.
//!
//! The kernel warns about an unknown word and ignores it: a misspelt option must not end a lesson.

use super::enhancements::{Enhancements, SwitchError};
use core::str::FromStr;
use mm::heap::strategy::Strategy;

/// The mode of the machine after memory initialization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Play all lessons in an endless loop.
    #[default]
    Demo,
    /// Play all lessons, waiting for a key before each step.
    Classroom,
    /// Play one lesson to its end, with a picture of each phase.
    Lesson,
    /// Play all lessons, with the shell open.
    Shell,
    /// Run all tests, then power off with their result.
    SelfTest,
    /// Measure costs, then power off.
    Bench,
    /// Replay a reference string by real page faults.
    References,
    /// Play a workload to the heap strategies.
    Workload,
    /// Read and write more pages than there are frames, then power off.
    Churn,
}

/// Deliberate fatal errors, to show the kernel's reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fatal {
    /// Overflow the kernel stack.
    Stack,
    /// Write to the kernel's code.
    Text,
    /// Execute data.
    NoExecute,
    /// Call a null pointer.
    Null,
    /// Fault while a fault is being delivered.
    DoubleFault,
    /// Run out of memory while booting.
    OutOfMemory,
    /// Wait for a machine check, which the host injects.
    MachineCheck,
    /// Fault while holding the lock that the fault handler needs.
    Lock,
    /// Panic.
    Panic,
}

/// Invalid firmware maps, to show that the kernel refuses them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadMap {
    /// No entry at all.
    Empty,
    /// Every region twice, the second time as reserved.
    Overlapping,
    /// Regions past the last physical address, and regions that wrap around.
    Absurd,
    /// More entries than usual, which fit.
    Many,
    /// More entries than fit.
    TooMany,
}

/// Where pages go that leave their frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SwapDevice {
    /// Compressed memory.
    #[default]
    Compressed,
    /// A disk, or compressed memory if there is none.
    Disk,
    /// Nowhere: pages stay in their frames.
    Off,
}

/// When a workload makes its next request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// As soon as the process can.
    #[default]
    Full,
    /// One in each picture.
    Request,
    /// At its time stamp in the file.
    Stamp,
    /// When a key of a step is pressed.
    Hand,
}

/// The options of the command line.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// `mode=demo|classroom|lesson|shell|selftest|bench|references|workload|churn`
    pub mode: Mode,
    /// `fatal=stack|text|nx|null|double-fault|machine-check|lock|oom|panic`
    pub fatal: Option<Fatal>,
    /// `map=empty|overlapping|absurd|many|too-many`: replaces the firmware's memory map
    pub bad_map: Option<BadMap>,
    /// `memory-map=fw_cfg`: the memory map of another machine, from the host
    pub described_map: bool,
    /// `tsc=MHZ`: the frequency of the time-stamp counter, instead of a measured one
    pub counter_hertz: Option<u64>,
    /// `seed=N` of the random numbers
    pub seed: u64,
    /// `resolution=WxH`, without a boot loader
    pub resolution: (u32, u32),
    /// `for=SECONDS`: after this time, take a picture named `end` and power off
    pub seconds: Option<u64>,
    /// `keys=a,b,c`: one key every quarter of a second
    pub keys: &'a str,
    /// `palette=NAME`
    pub palette: &'a str,
    /// `panel=NAME`: this panel alone, even if a lesson names others; `-` stands for a space
    pub panel: &'a str,
    /// `svg=STEP`: in `mode=lesson`, writes the first panel of this step as SVG
    pub svg: u8,
    /// `keyboard=NAME`: the layout of the keyboard
    pub keyboard: &'a str,
    /// `projector=on|off`: fewer and larger items on the screen
    pub projector: bool,
    /// `lesson=NAME`: the first lesson
    pub lesson: &'a str,
    /// `policy=NAME|all`: the replacement policy of a reference string
    pub policy: &'a str,
    /// `frames=N` or `frames=N-M`: the frames for a reference string
    pub frames: (usize, usize),
    /// `strategy=NAME|all`: the heap strategy of a workload
    pub strategy: &'a str,
    /// `operations=N` of `mode=churn`, for each policy
    pub operations: u64,
    /// `swap=compressed|disk|off`: where pages go that leave their frames
    pub swap: SwapDevice,
    /// `pace=full|request|stamp|hand`: when a workload makes its next request
    pub pace: Pace,
    /// `ENHANCEMENT=on|off`, for each enhancement of this kernel
    pub enhancements: Enhancements,
    /// `log=info|debug`
    pub debug: bool,
    /// `trace=on|off`: whether events are recorded
    pub trace: bool,
}

/// The default resolution.
const RESOLUTION: (u32, u32) = (1280, 800);

impl<'a> Options<'a> {
    /// Returns whether Space makes one step: a phase of a lesson, or a request of a workload.
    pub fn steps_by_space(&self) -> bool {
        match self.mode {
            Mode::Classroom => true,
            Mode::Workload => self.pace == Pace::Hand,
            _ => false,
        }
    }

    /// Parses the command line; calls `warn` with each word that has no effect, and the reason.
    pub fn parse(line: &'a str, mut warn: impl FnMut(&str, &str)) -> Options<'a> {
        let mut options = Options {
            mode: Mode::default(),
            fatal: None,
            bad_map: None,
            described_map: false,
            counter_hertz: None,
            seed: 1,
            resolution: RESOLUTION,
            seconds: None,
            keys: "",
            palette: "",
            panel: "",
            svg: 0,
            keyboard: "",
            projector: false,
            lesson: "",
            policy: "fifo",
            frames: (3, 3),
            strategy: "all",
            operations: 100_000,
            swap: SwapDevice::Compressed,
            pace: Pace::Full,
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

    /// Applies one word; returns `None` if it has no meaning.
    fn take(&mut self, key: &str, value: &'a str) -> Option<()> {
        match key {
            "mode" => self.mode = mode(value)?,
            "fatal" => self.fatal = Some(fatal(value)?),
            "map" => self.bad_map = Some(bad_map(value)?),
            "memory-map" => self.described_map = (value == "fw_cfg").then_some(true)?,
            "tsc" => self.counter_hertz = Some(megahertz(value)?),
            "seed" => self.seed = value.parse().ok()?,
            "resolution" => {
                let (width, height) = value.split_once('x')?;
                self.resolution = (pixels(width)?, pixels(height)?);
            }
            "operations" => self.operations = value.parse().ok()?,
            "for" => self.seconds = Some(value.parse().ok()?),
            "keys" => self.keys = some(value)?,
            "palette" => self.palette = some(value)?,
            "panel" => self.panel = some(value)?,
            "svg" => self.svg = value.parse().ok()?,
            "keyboard" => self.keyboard = some(value)?,
            "lesson" => self.lesson = some(value)?,
            "policy" => {
                let known = value == "all" || mm::reclaim::named(value).is_some();
                self.policy = known.then_some(value)?;
            }
            "frames" => {
                let (first, last) = value.split_once('-').unwrap_or((value, value));
                let (first, last) = (first.parse().ok()?, last.parse().ok()?);
                self.frames = (1..=last).contains(&first).then_some((first, last))?;
            }
            "strategy" => {
                let known = value == "all" || Strategy::ALL.iter().any(|s| s.key() == value);
                self.strategy = known.then_some(value)?;
            }
            "swap" => {
                self.swap = match value {
                    "compressed" => SwapDevice::Compressed,
                    "disk" => SwapDevice::Disk,
                    "off" => SwapDevice::Off,
                    _ => return None,
                }
            }
            "pace" => self.pace = pace(value)?,
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

/// Parses the name of a mode.
fn mode(value: &str) -> Option<Mode> {
    Some(match value {
        "demo" => Mode::Demo,
        "classroom" => Mode::Classroom,
        "lesson" => Mode::Lesson,
        "shell" => Mode::Shell,
        "selftest" => Mode::SelfTest,
        "bench" => Mode::Bench,
        "references" => Mode::References,
        "workload" => Mode::Workload,
        "churn" => Mode::Churn,
        _ => return None,
    })
}

/// Parses the pace of a workload.
fn pace(value: &str) -> Option<Pace> {
    Some(match value {
        "full" => Pace::Full,
        "request" => Pace::Request,
        "stamp" => Pace::Stamp,
        "hand" => Pace::Hand,
        _ => return None,
    })
}

/// Parses the name of a fatal error.
fn fatal(value: &str) -> Option<Fatal> {
    Some(match value {
        "stack" => Fatal::Stack,
        "text" => Fatal::Text,
        "nx" => Fatal::NoExecute,
        "null" => Fatal::Null,
        "double-fault" => Fatal::DoubleFault,
        "machine-check" => Fatal::MachineCheck,
        "lock" => Fatal::Lock,
        "oom" => Fatal::OutOfMemory,
        "panic" => Fatal::Panic,
        _ => return None,
    })
}

/// Parses the name of an invalid firmware map.
fn bad_map(value: &str) -> Option<BadMap> {
    Some(match value {
        "empty" => BadMap::Empty,
        "overlapping" => BadMap::Overlapping,
        "absurd" => BadMap::Absurd,
        "many" => BadMap::Many,
        "too-many" => BadMap::TooMany,
        _ => return None,
    })
}

/// Parses a frequency in megahertz, and returns it in hertz.
fn megahertz(value: &str) -> Option<u64> {
    let megahertz = u32::from_str(value)
        .ok()
        .filter(|&megahertz| megahertz > 0)?;
    Some(u64::from(megahertz) * 1_000_000)
}

/// Returns the value unless it is empty.
fn some(value: &str) -> Option<&str> {
    (!value.is_empty()).then_some(value)
}

/// Parses `on` or `off`.
fn switch(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

/// Parses a number of pixels that fits a display register.
fn pixels(text: &str) -> Option<u32> {
    u16::from_str(text)
        .ok()
        .filter(|&count| count > 0)
        .map(u32::from)
}
