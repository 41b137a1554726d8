//! The traces of a page: those of lessons that are played for it, and those of files.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use memviz::view::caption::LessonEntry;
use memviz::view::layout::SMALLEST;
use tracefile::player::{Entry, Viewer};

use crate::boot::Way;
use crate::build::Kernel;
use crate::options::{Memory, RunOptions};
use crate::scene::{self, Scene, Silent};
use crate::serial;

/// A trace, and its contents.
pub struct Recording {
    /// The name for addresses and files.
    pub name: String,
    pub bytes: Vec<u8>,
    /// The captions in order.
    pub entries: Vec<Entry>,
    /// All lessons of the kernel, in its order.
    pub lessons: Vec<LessonEntry>,
}

impl Recording {
    /// Plays a lesson to its end. A lesson that fails is an error.
    pub fn of_lesson(kernel: &Kernel, lesson: &str, memory: Memory) -> Result<Recording> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join(lesson).with_extension("trace");
        let scene = Scene {
            name: "web",
            arguments: "",
        };
        let options = RunOptions {
            memory,
            lesson: Some(lesson.into()),
            cmdline: "mode=lesson".into(),
            trace: Some(file.clone()),
            ..scene.options()?
        };
        let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
        if let Some(fault) = run.fault() {
            bail!("lesson “{lesson}”: {fault}\n{}", serial::tail(&run.log));
        }
        let mut recording = Recording::of_file(&file)?;
        recording.name = lesson.into();
        Ok(recording)
    }

    /// Reads a trace file.
    pub fn of_file(file: &Path) -> Result<Recording> {
        let context = || format!("cannot use {}", file.display());
        let bytes = std::fs::read(file).with_context(context)?;
        let viewer = Viewer::open(|| Ok(&bytes[..]), SMALLEST).with_context(context)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        if let Some(why) = viewer.differs() {
            println!("{name}: the pictures may differ from those of the run: {why}");
        }
        let entries = viewer.contents().entries().to_vec();
        let lessons = (0..).map_while(|number| viewer.lesson(number)).collect();
        ensure!(
            viewer.dashboard().timeline().end() > 0,
            "{name} has no events"
        );
        Ok(Recording {
            name: name.into(),
            bytes,
            entries,
            lessons,
        })
    }

    /// Returns the lessons that the trace shows, in order.
    pub fn shown(&self) -> Vec<Shown<'_>> {
        let mut shown: Vec<Shown<'_>> = Vec::new();
        for entry in &self.entries {
            let caption = &entry.caption;
            if shown.iter().all(|shown| shown.name != caption.lesson) {
                shown.push(Shown {
                    name: caption.lesson,
                    title: caption.title,
                    steps: Some(caption.steps),
                });
            }
        }
        if shown.is_empty() {
            shown.push(Shown {
                name: &self.name,
                title: &self.name,
                steps: None,
            });
        }
        shown
    }

    /// Returns the first lesson, if the kernel has it in its list.
    pub fn lesson(&self) -> Option<LessonEntry> {
        let first = self.entries.first()?.caption.lesson;
        let mut lessons = self.lessons.iter().copied();
        lessons.find(|lesson| lesson.name == first)
    }

    /// Returns the goal of the first lesson.
    pub fn goal(&self) -> &str {
        self.lesson()
            .map_or("A run of memviz", |lesson| lesson.goal)
    }
}

/// A lesson that a trace shows, or a run without lessons.
#[derive(Clone, Copy)]
pub struct Shown<'r> {
    pub name: &'r str,
    pub title: &'r str,
    /// The number of steps of a lesson.
    pub steps: Option<u8>,
}
