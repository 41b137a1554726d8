//! `web`: one HTML file with lessons or traces, which a browser opens without a network.
//!
//! ```text
//! lesson ──QEMU──► trace ─┐
//! file ───────────────────┼─► page.html: the viewer as WebAssembly, traces, text
//! crate web ──► module ───┘
//! ```

mod index;
mod module;
mod page;
mod recording;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use mm::units::Count;
use module::Module;
use page::Page;
use recording::Recording;

use crate::build::{self, Kernel};
use crate::options::{Memory, Source, WebOptions};
use crate::{files, lessons, setup};

/// The most bytes of module and trace, compressed, in a page with one lesson.
const MOST: usize = 1_500_000;

/// `web`: makes a page, or a site.
pub fn web(options: &WebOptions) -> Result<()> {
    let module = module::module()?;
    match options.all {
        true => site(&module, options.memory).map(drop),
        false => one(&module, options),
    }
}

/// Makes one page.
fn one(module: &Module, options: &WebOptions) -> Result<()> {
    let mut kernel = None;
    let mut recordings = Vec::new();
    for source in &options.sources {
        recordings.push(match source {
            Source::File(file) => Recording::of_file(file)?,
            Source::Lesson(lesson) => {
                let kernel = match &mut kernel {
                    Some(kernel) => kernel,
                    none => none.insert(bootable()?),
                };
                Recording::of_lesson(kernel, lesson, options.memory)?
            }
        });
    }
    let name = format!("{}.html", recordings[0].name);
    let path = options.output.clone();
    let path = path.unwrap_or_else(|| build::target().join("web").join(name));
    let page = Page {
        module,
        recordings: &recordings,
        site: &[],
    };
    write(&path, &page)
}

/// Makes `target/site/`, and returns its files.
pub fn make_site() -> Result<Vec<PathBuf>> {
    site(&module::module()?, Memory::USUAL)
}

/// Makes a page for each lesson, and an index. Returns the files.
fn site(module: &Module, memory: Memory) -> Result<Vec<PathBuf>> {
    let kernel = bootable()?;
    let folder = build::target().join("site");
    let mut recordings = Vec::new();
    for lesson in lessons::names()? {
        recordings.push(Recording::of_lesson(&kernel, &lesson, memory)?);
    }
    let place = |recording: &Recording| {
        let mut all = recording.lessons.iter();
        all.position(|lesson| lesson.name == recording.name)
    };
    recordings.sort_by_key(place);
    let shown: Vec<_> = recordings
        .iter()
        .map(|recording| recording.shown()[0])
        .collect();
    let mut made = Vec::new();
    for recording in &recordings {
        let page = Page {
            module,
            recordings: std::slice::from_ref(recording),
            site: &shown,
        };
        let path = folder.join(format!("{}.html", recording.name));
        write(&path, &page)?;
        made.push(path);
    }
    let lessons: Vec<_> = recordings.iter().filter_map(Recording::lesson).collect();
    let path = folder.join("index.html");
    files::replace_with(&path, index::index(&lessons).as_bytes())?;
    println!("site {}", path.display());
    made.push(path);
    Ok(made)
}

/// Builds a kernel.
fn bootable() -> Result<Kernel> {
    setup::setup()?;
    build::kernel()
}

fn write(path: &Path, page: &Page<'_>) -> Result<()> {
    if let [only] = page.recordings {
        let (bytes, is_lesson) = (page.compressed(), only.shown().len() == 1);
        ensure!(
            bytes <= MOST || !is_lesson,
            "the module and the trace of {} have {} bytes, more than {}",
            only.name,
            Count(bytes as u64),
            Count(MOST as u64)
        );
    }
    let html = page.html();
    files::replace_with(path, html.as_bytes())?;
    let kib = Count((html.len() as u64).div_ceil(1024));
    println!("page {} ({kib} KiB)", path.display());
    Ok(())
}
