//! A scene: a run of the demo that repeats exactly, for pictures that can be compared.

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;

use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::{self, End, Hardware, Machine, Pace, Run, Watch};
use crate::options::{AcceleratorChoice, Command, Options, RunOptions};
use crate::pictures::Picture;
use crate::run::{self, Words};
use crate::{serial, signals};

/// `cargo xtask run --headless --boot direct ARGUMENTS`, under a name.
pub struct Scene {
    pub name: &'static str,
    /// Options of `run`, separated by spaces; keys by commas. It must say `--for`.
    pub arguments: &'static str,
}

/// The result of a scene.
pub struct Played {
    /// The last picture.
    pub end: Picture,
    pub log: Vec<String>,
}

impl Scene {
    pub fn options(&self) -> Result<RunOptions> {
        let words = ["xtask", "run"]
            .into_iter()
            .chain(self.arguments.split_whitespace());
        match Options::try_parse_from(words)?.command {
            Command::Run(options) => Ok(*options),
            _ => unreachable!("the words begin with run"),
        }
    }

    /// Runs the scene to its end. A run that fails is an error.
    pub fn play(&self, kernel: &Kernel) -> Result<Played> {
        let options = self.options()?;
        let mut pictures = Silent::default();
        let run = start(&Way::Direct, kernel, &options, &mut pictures)?;
        if let Some(fault) = run.fault() {
            bail!("{fault}\n{}", serial::tail(&run.log));
        }
        let end = pictures
            .end
            .context("no picture was taken: the scene must say --for")?;
        Ok(Played { end, log: run.log })
    }
}

/// Runs a machine without a user.
pub fn start(
    way: &Way,
    kernel: &Kernel,
    options: &RunOptions,
    watch: &mut dyn Watch,
) -> Result<Run> {
    start_on(Hardware::USUAL, way, kernel, options, watch)
}

/// Runs a machine of this hardware without a user.
pub fn start_on(
    hardware: Hardware,
    way: &Way,
    kernel: &Kernel,
    options: &RunOptions,
    watch: &mut dyn Watch,
) -> Result<Run> {
    let pace = match way.repeats() {
        true => Pace::Repeatable,
        false => Pace::Watcher,
    };
    let words = Words::new(options)?;
    let machine = Machine {
        boot: way.boot(kernel, &words.cmdline)?,
        files: words.files,
        memory: options.memory,
        clock: machine::clock(AcceleratorChoice::Tcg, pace)?,
        window: None,
        hardware,
        capture: run::capture(options, kernel, &words.cmdline),
        swap: options.swap.map(|size| size.bytes()),
    };
    let limits = run::limits(options.lasts().unwrap_or(run::DEMO_SECONDS));
    let run = machine::run(&machine, watch, Some(limits))?;
    ensure!(run.end != End::Closed, "{}", signals::INTERRUPTED_WORDS);
    Ok(run)
}

/// Prints nothing, and keeps the last picture.
#[derive(Default)]
pub struct Silent {
    pub end: Option<Picture>,
}

impl Watch for Silent {
    fn line(&mut self, _: &str) -> Result<()> {
        Ok(())
    }

    fn picture(&mut self, _: &str, picture: Picture) -> Result<()> {
        self.end = Some(picture);
        Ok(())
    }
}
