//! Options of the commands that read trace files.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::values::{ResolutionChoice, png_path, svg_path};
use crate::moment::Moment;

#[derive(Args, Clone, Debug)]
pub struct PlayOptions {
    /// The trace file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// No window
    #[arg(long)]
    pub headless: bool,
    /// The moment to show: an event (4711), a time (3.25s) or a lesson step (copy-on-write/4); the
    /// default is the end of the run, in a window its first caption
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<Moment>,
    /// Size of the window in pixels, 800x600 to 3840x2160; auto: what fits this display
    #[arg(
        long,
        value_name = "WxH",
        default_value = "auto",
        conflicts_with = "headless"
    )]
    pub resolution: ResolutionChoice,
    /// File for the picture at that moment
    #[arg(long, value_name = "FILE.png", value_parser = png_path, requires = "headless")]
    pub screenshot: Option<PathBuf>,
    /// Folder for the pictures that the run saved up to that moment
    #[arg(long, value_name = "FOLDER", requires = "headless")]
    pub pictures: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct DiffOptions {
    /// A trace file
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// Another trace file, or the same one
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// The moment: an event (4711), a time (3.25s) or a lesson step (copy-on-write/4); used twice,
    /// the second one is for B. The default is the end of each run
    #[arg(long, value_name = "MOMENT")]
    pub at: Vec<Moment>,
    /// Prints all objects that differ as JSON
    #[arg(long)]
    pub json: bool,
    /// File for a map of the frames that differ
    #[arg(long, value_name = "FILE.svg", value_parser = svg_path)]
    pub picture: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
#[command(group = ArgGroup::new("form").required(true))]
pub struct ExportOptions {
    /// The trace file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Slices, counters and instants for Perfetto: ui.perfetto.dev opens the file
    #[arg(long, group = "form")]
    pub perfetto: bool,
    /// A row for each event, with the state of memory after it
    #[arg(long, group = "form")]
    pub csv: bool,
    /// The rows of --csv as JSON objects
    #[arg(long, group = "form")]
    pub json: bool,
    /// Output file; the default is FILE with the extension .perfetto-trace, .csv or .json
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A form of the events of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportForm {
    Perfetto,
    Csv,
    Json,
}

impl ExportOptions {
    pub fn form(&self) -> ExportForm {
        match (self.perfetto, self.csv) {
            (true, _) => ExportForm::Perfetto,
            (_, true) => ExportForm::Csv,
            _ => ExportForm::Json,
        }
    }
}
