//! The options of `web`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::values::Memory;
use crate::lessons;

#[derive(Args, Clone, Debug)]
pub struct WebOptions {
    /// Names of lessons (“lesson” in the shell lists them), or trace files of “run --trace”
    #[arg(value_name = "LESSON|FILE", required_unless_present = "all")]
    pub sources: Vec<Source>,
    /// Makes target/site/: a page for each lesson, and an index
    #[arg(long, conflicts_with_all = ["sources", "output"])]
    pub all: bool,
    /// File for the page; the default is target/web/NAME.html
    #[arg(short, long, value_name = "FILE.html")]
    pub output: Option<PathBuf>,
    /// Memory of the guest
    #[arg(long, value_name = "SIZE", default_value_t = Memory::USUAL)]
    pub memory: Memory,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The lesson with this name.
    Lesson(String),
    /// A trace file.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Source, String> {
        let path = PathBuf::from(text);
        match lessons::named(text) {
            Ok(name) => Ok(Source::Lesson(name)),
            Err(_) if path.is_file() => Ok(Source::File(path)),
            Err(reason) => Err(format!("there is no such file, and {reason}")),
        }
    }
}
