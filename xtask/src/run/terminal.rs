//! The terminal of `run`: shows the serial line and saves pictures and log. It is also a keyboard:
//! its keys go to the machine one by one.

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ChildStdin;

use anyhow::{Context, Result, anyhow, ensure};

use crate::display::Display;
use crate::machine::Watch;
use crate::options::{Resolution, RunOptions};
use crate::pictures::{self, Picture};
use crate::serial::LAST_PICTURE;
use crate::tty::KeyByKey;

pub struct Terminal {
    options: RunOptions,
    /// The display of the window, if there is one.
    display: Option<Display>,
    log: Option<File>,
    keys: Option<KeyByKey>,
    pictures: u32,
    /// The failures to write pictures and logs, in order.
    failures: Vec<String>,
}

impl Terminal {
    /// Refuses files that cannot be written before the machine runs.
    pub fn new(options: RunOptions, display: Option<Display>) -> Result<Self> {
        if let Some(path) = &options.screenshot {
            ensure!(
                options.serial.as_ref() != Some(path),
                "{} cannot be both the picture and the log",
                path.display()
            );
            try_to_write(path)?;
        }
        let create = |path: &PathBuf| {
            File::create(path).with_context(|| format!("cannot write {}", path.display()))
        };
        let log = options.serial.as_ref().map(create).transpose()?;
        Ok(Self {
            options,
            display,
            log,
            keys: None,
            pictures: 0,
            failures: Vec::new(),
        })
    }

    /// Returns the number of pictures.
    pub fn pictures(&self) -> u32 {
        self.pictures
    }

    /// Returns the failures to save parts of the run, one sentence each.
    pub fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Shows a failure to save something. The run continues.
    fn fail(&mut self, error: &anyhow::Error) {
        let message = format!("{error:#}");
        show(&format!("{message}; the run continues"));
        self.failures.push(message);
    }

    /// Writes a picture and prints its path.
    fn keep(&mut self, name: &str, picture: &Picture) -> Result<()> {
        let (path, replace) = match &self.options.screenshot {
            Some(path) => beside(path, name),
            None => (pictures::path(name), false),
        };
        let path = match replace {
            true => path,
            false => unused(path, picture),
        };
        picture.write_png(&path)?;
        self.pictures += 1;
        let (width, height) = (picture.width, picture.height);
        show(&format!("picture {} ({width}x{height})", path.display()));
        Ok(())
    }
}

impl Watch for Terminal {
    fn line(&mut self, line: &str) -> Result<()> {
        show(line);
        if let Some(log) = &mut self.log
            && let Err(error) = writeln!(log, "{line}")
        {
            // The rest would follow a gap.
            self.log = None;
            self.fail(&anyhow!("the copy of the serial line ends here: {error}"));
        }
        Ok(())
    }

    fn picture(&mut self, name: &str, picture: Picture) -> Result<()> {
        if let Err(error) = self.keep(name, &picture) {
            self.fail(&error);
        }
        Ok(())
    }

    fn no_picture(&mut self, _: &str, error: anyhow::Error) -> Result<()> {
        self.fail(&error);
        Ok(())
    }

    fn started(&mut self, process: u32) {
        if let Some(display) = self.display {
            let Resolution { width, height } = self.options.resolution.or(Resolution::USUAL);
            display.enlarge(process, (width, height));
        }
    }

    fn keyboard(&mut self, mut machine: ChildStdin) {
        // The keys of a script act at exact times. Typed keys would disturb them.
        if !self.options.keys.is_empty() || !std::io::stdin().is_terminal() {
            return;
        }
        self.keys = KeyByKey::new();
        // The thread ends with the process: a thread that waits for a key cannot be stopped.
        std::thread::spawn(move || std::io::copy(&mut std::io::stdin().lock(), &mut machine));
    }
}

/// Checks that a file can be written there. A file that exists is not changed.
fn try_to_write(path: &Path) -> Result<()> {
    let is_new = !path.exists();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }
    File::options()
        .append(true)
        .create(true)
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    if is_new {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Prints a line. If standard output is closed (`| head`), the run continues without it.
fn show(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Returns the path of a picture, and true if it replaces an older file. The last picture does, and
/// gets the requested name. Other pictures get their own names added: `a.png`, `a-NAME.png`.
fn beside(path: &Path, name: &str) -> (PathBuf, bool) {
    if name.starts_with(LAST_PICTURE) {
        return (path.into(), true);
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    (path.with_file_name(format!("{stem}-{name}.png")), false)
}

/// Returns the path, with a number if a different picture exists there.
fn unused(path: PathBuf, picture: &Picture) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let numbered = (2..).map(|number| path.with_file_name(format!("{stem}-{number}.png")));
    // The same run makes the same pictures.
    let fits = |path: &PathBuf| {
        !path.exists() || Picture::read_png(path).is_ok_and(|there| there == *picture)
    };
    let mut paths = std::iter::once(path.clone()).chain(numbered);
    paths.find(fits).expect("the numbers do not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.png");
        std::fs::write(&there, "kept").unwrap();
        let new = folder.path().join("new/a.png");
        assert!(try_to_write(&there).is_ok() && try_to_write(&new).is_ok());
        assert_eq!(std::fs::read_to_string(&there).unwrap(), "kept");
        assert!(!new.exists());
        assert!(try_to_write(folder.path()).is_err(), "a folder is no file");
        assert!(
            try_to_write(&there.join("a.png")).is_err(),
            "a file is no folder"
        );
    }

    #[test]
    fn a_picture_that_cannot_be_written_does_not_end_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("blocked");
        std::fs::write(&blocked, "a file, not a folder").unwrap();
        let mut terminal = Terminal::new(
            crate::scene::Scene {
                name: "",
                arguments: "",
            }
            .options()
            .unwrap(),
            None,
        )
        .unwrap();
        terminal.options.screenshot = Some(blocked.join("a.png"));
        let picture = || Picture::from_rgb(1, 1, vec![7; 3]);
        terminal
            .picture("end-x", picture())
            .expect("the run goes on");
        assert_eq!(terminal.pictures(), 0);
        terminal.options.screenshot = Some(folder.path().join("a.png"));
        terminal.picture("end-x", picture()).unwrap();
        assert_eq!(terminal.pictures(), 1);
    }

    #[test]
    fn pictures_lie_beside_each_other() {
        let path = Path::new("folder/a.b.png");
        assert_eq!(beside(path, "end-x-01-2.000s"), (path.into(), true));
        assert_eq!(beside(path, "x-1"), ("folder/a.b-x-1.png".into(), false));
    }

    #[test]
    fn no_picture_is_overwritten_by_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x-01-2.345s.png");
        let picture = |shade| Picture::from_rgb(1, 1, vec![shade; 3]);
        let save = |shade| {
            let path = unused(path.clone(), &picture(shade));
            picture(shade).write_png(&path).unwrap();
            path.file_name().unwrap().to_string_lossy().into_owned()
        };
        let names = [1, 2, 1, 3, 2].map(save);
        let [first, second, third] = ["x-01-2.345s.png", "x-01-2.345s-2.png", "x-01-2.345s-3.png"];
        assert_eq!(names, [first, second, first, third, second]);
    }
}
