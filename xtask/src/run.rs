//! `run`: the demo in a window; without a display, pictures of it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::boot::Way;
use crate::machine::{self, End, Limits, Watch};
use crate::options::RunOptions;
use crate::picture::Picture;
use crate::qemu::{self, Machine};
use crate::{build, screenshots, serial, setup};

/// How long the demo runs where nobody watches, seconds of the guest's clock.
pub const DEMO_SECONDS: u32 = 20;

pub fn run(options: &RunOptions) -> Result<()> {
    setup::setup()?;
    let headless = options.headless || !has_display();
    if headless && !options.headless {
        println!(
            "no display here (neither DISPLAY nor WAYLAND_DISPLAY): headless, pictures go to screenshots/"
        );
    }
    let mut options = options.clone();
    if headless && options.seconds.is_none() {
        options.seconds = Some(DEMO_SECONDS);
    }
    let way = Way::choose(options.boot)?;
    let kernel = build::kernel()?;
    let machine = Machine {
        boot: way.boot(&kernel, &cmdline(&options))?,
        memory: options.memory,
        clock: qemu::clock(
            options.accel,
            way.repeats() && (headless || !options.keys.is_empty()),
        )?,
        window: if headless {
            None
        } else {
            Some(qemu::window()?)
        },
    };
    let patience = options.seconds.map(limits);
    let ended = machine::run(&machine, &mut Terminal::new(options, way)?, patience)?;
    ensure!(!headless || ended.end != End::Closed, "interrupted");
    if let Some(fault) = ended.fault() {
        bail!("{fault}\n{}", serial::tail(&ended.log));
    }
    Ok(())
}

/// Whether a window could be opened.
pub fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// What a run of so many guest seconds may take on the slowest host that counts.
pub fn limits(seconds: u32) -> Limits {
    Limits {
        run: Duration::from_secs(60) + 10 * Duration::from_secs(seconds.into()),
        silence: Duration::from_secs(60),
    }
}

/// The kernel's command line: what the options say, without the words that `--cmdline` says otherwise.
pub fn cmdline(options: &RunOptions) -> String {
    let key = |word: &str| word.split('=').next().unwrap_or_default().to_string();
    let own: Vec<String> = options
        .cmdline
        .split_whitespace()
        .map(str::to_string)
        .collect();
    let mut words = vec![format!("resolution={}", options.resolution)];
    words.extend(options.step.then(|| "mode=classroom".to_string()));
    words.extend(options.lesson.iter().map(|name| format!("lesson={name}")));
    words.extend(options.seconds.map(|seconds| format!("for={seconds}")));
    words.extend((!options.keys.is_empty()).then(|| format!("keys={}", options.keys)));
    words.retain(|word| own.iter().all(|other| key(other) != key(word)));
    words.extend(own);
    words.join(" ")
}

/// Shows the serial line, and keeps what is asked for.
struct Terminal {
    options: RunOptions,
    way: Way,
    log: Option<File>,
}

impl Terminal {
    fn new(options: RunOptions, way: Way) -> Result<Self> {
        let create = |path: &PathBuf| {
            File::create(path).with_context(|| format!("cannot write {}", path.display()))
        };
        let log = options.serial.as_ref().map(create).transpose()?;
        Ok(Self { options, way, log })
    }
}

impl Watch for Terminal {
    fn line(&mut self, line: &str) -> Result<()> {
        println!("{line}");
        if let Some(log) = &mut self.log {
            writeln!(log, "{line}").context("the copy of the serial line")?;
        }
        Ok(())
    }

    fn picture(&mut self, name: &str, picture: Picture) -> Result<()> {
        let path = match &self.options.screenshot {
            Some(path) => beside(path, name),
            None => screenshots::path(&self.options, &self.way, name),
        };
        picture.write_png(&path)?;
        println!(
            "picture {} ({}x{})",
            path.display(),
            picture.width,
            picture.height
        );
        Ok(())
    }
}

/// The last picture gets the name that was asked for, others theirs behind it: `a.png`, `a-NAME.png`.
fn beside(path: &Path, name: &str) -> PathBuf {
    if name == "end" {
        return path.into();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{name}.png"))
}
