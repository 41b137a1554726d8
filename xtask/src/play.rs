//! `play`: a trace file in a window, or as pictures.
//!
//! ```text
//! window      crate window, which is built for it: a viewer with keys and mouse
//! headless    file ──► records ──► player ──► the picture at a moment, and all that the run saved
//! ```

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};
use memviz::dashboard::record::Record;
use tracefile::player::Player;
use tracefile::{Ending, Item, Reader};

use crate::build;
use crate::diff::events_at;
use crate::display::Display;
use crate::options::{PlayOptions, Resolution};
use crate::pictures::Picture;

pub fn play(options: &PlayOptions) -> Result<()> {
    match options.headless {
        true => save_pictures(options),
        false => open_window(options),
    }
}

/// Shows the trace in a window, until the user closes it.
fn open_window(options: &PlayOptions) -> Result<()> {
    let display = Display::find()
        .map_err(|error| anyhow!("{error:#}: use --headless with --screenshot or --pictures"))?;
    let fitting = |(width, height)| Resolution::fitting(width, height);
    let fitting = display.room().map_or(Resolution::USUAL, fitting);
    let Resolution { width, height } = options.resolution.or(fitting);
    // A file that cannot be read is refused before anything is built.
    let events = events_at(&options.file, options.at.as_ref())?;
    let command = ["build", "--package", "window"];
    build::run_cargo(&command).context("cannot build the window")?;
    let mut window = Command::new(build::target().join("debug/window"));
    window.arg(&options.file);
    window.args([width.to_string(), height.to_string()]);
    if options.at.is_some() {
        window.arg(events.to_string());
    }
    let status = window.status().context("cannot start the window")?;
    ensure!(status.success(), "the window failed ({status})");
    Ok(())
}

/// Saves the requested pictures.
fn save_pictures(options: &PlayOptions) -> Result<()> {
    let name = options.file.display();
    let file = File::open(&options.file).with_context(|| format!("cannot open {name}"))?;
    let mut playing = Playing {
        options,
        player: None,
        saved: Vec::new(),
        is_there: options.at.is_none(),
    };
    let ending = Reader::new(BufReader::new(file))
        .and_then(|mut reader| reader.for_each(|item| playing.take(&item)))
        .with_context(|| format!("cannot play {name}"))?;
    if ending == Ending::Cut {
        println!("{name} is incomplete: it is played up to its last whole block");
    }
    playing.save()
}

/// A trace that is being played.
struct Playing<'o> {
    options: &'o PlayOptions,
    player: Option<Player>,
    /// The pictures that the run saved, if they were requested.
    saved: Vec<(PathBuf, Picture)>,
    /// True if the requested moment was reached.
    is_there: bool,
}

impl Playing<'_> {
    /// Performs an item. Returns false after the requested moment.
    fn take(&mut self, item: &Item<'_>) -> Result<bool, tracefile::TraceError> {
        let Some(player) = &mut self.player else {
            self.player = Some(Player::new(item)?);
            return Ok(true);
        };
        let at = self.options.at.as_ref();
        if at.is_some_and(|at| at.is_before(item)) {
            self.is_there = true;
            return Ok(false);
        }
        player.take(item)?;
        if let (Some(folder), Item::Record(Record::Picture(name))) = (&self.options.pictures, item)
        {
            let file = name.replace(std::path::is_separator, "-") + ".png";
            self.saved.push((folder.join(file), picture(player)));
        }
        self.is_there |= at.is_some_and(|at| at.is_reached(item, player));
        Ok(at.is_none() || !self.is_there)
    }

    /// Writes the pictures.
    fn save(self) -> Result<()> {
        let player = self.player.context("the trace is empty")?;
        if let (Some(at), false) = (&self.options.at, self.is_there) {
            bail!("the trace ends before {at}");
        }
        if let Some(why) = player.differs() {
            println!("the pictures may differ from those of the run: {why}");
        }
        for (path, picture) in &self.saved {
            picture.write_png(path)?;
            println!("picture {}", path.display());
        }
        if let Some(path) = &self.options.screenshot {
            picture(&player).write_png(path)?;
            let time = player.time() / 1_000_000;
            let (seconds, rest) = (time / 1000, time % 1000);
            println!("picture {} at {seconds}.{rest:03} s", path.display());
        }
        Ok(())
    }
}

/// Returns the screen of a player.
fn picture(player: &Player) -> Picture {
    let rgb = player.screen().iter().flat_map(|pixel| {
        let [blue, green, red, _] = pixel.to_le_bytes();
        [red, green, blue]
    });
    Picture::from_rgb(player.size().width, player.size().height, rgb.collect())
}
