//! `figure`: one panel in one step of a lesson, as PNG or as SVG, for a report.
//!
//! The PNG holds its size on paper, its colour space, the lesson, the step, the number of events
//! and the command that made it. The words of the SVG are text.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::play;
use super::slide::{Part, Slide};
use crate::options::{FigureOptions, Resolution, SlidesOptions};
use crate::{build, files, setup};

pub fn figure(options: &FigureOptions) -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let slides = play(&kernel, &options.lesson, &words(options))?;
    let slide = chosen(&slides, options)?;
    let path = path(options, slide);
    match &slide.svg {
        Some(svg) if options.svg => {
            files::replace_with(&path, svg.as_bytes())?;
        }
        _ => {
            let picture = slide.figure();
            picture.write_figure(&path, options.scale, &texts(options, slide))?;
        }
    }
    println!("figure {}", path.display());
    Ok(())
}

/// Returns the options of the lesson run that makes the figure.
fn words(options: &FigureOptions) -> SlidesOptions {
    let Resolution { width, height } = Resolution::USUAL;
    let (width, height) = (width * options.scale, height * options.scale);
    let mut words = Vec::new();
    if let Some(panel) = &options.panel {
        words.push(format!("panel={}", panel.replace(' ', "-")));
    }
    if options.svg {
        words.push(format!("svg={}", options.step));
    }
    SlidesOptions {
        memory: options.memory,
        resolution: Resolution { width, height },
        palette: options.palette.clone(),
        cmdline: words.join(" "),
        ..SlidesOptions::usual(&options.lesson)
    }
}

/// Returns the slide of the step: its question, or else its last picture.
fn chosen<'s>(slides: &'s [Slide], options: &FigureOptions) -> Result<&'s Slide> {
    let is_wanted = |slide: &&Slide| {
        let caption = &slide.state.caption;
        caption.step == options.step && (caption.part == Part::Question) == options.question
    };
    let what = if options.question {
        "question in step"
    } else {
        "step"
    };
    let steps = slides.first().map_or(0, |slide| slide.state.caption.steps);
    let found = slides.iter().rev().find(is_wanted).with_context(|| {
        let (lesson, step) = (&options.lesson, options.step);
        format!("lesson “{lesson}” has {steps} steps, and no {what} {step}")
    })?;
    ensure!(
        !options.svg || found.svg.is_some(),
        "the kernel wrote no SVG of this step"
    );
    Ok(found)
}

fn path(options: &FigureOptions, slide: &Slide) -> PathBuf {
    let default = || {
        let extension = if options.svg { "svg" } else { "png" };
        let part = if options.question { "-question" } else { "" };
        let panel = slide.panel().replace(' ', "-");
        let (lesson, step) = (&options.lesson, options.step);
        let name = format!("{lesson}-{step:02}{part}-{panel}.{extension}");
        build::target().join("figures").join(name)
    };
    options.output.clone().unwrap_or_else(default)
}

/// Returns the texts in the file that describe it.
fn texts(options: &FigureOptions, slide: &Slide) -> [(&'static str, String); 7] {
    let caption = &slide.state.caption;
    let command: Vec<_> = std::env::args().skip(1).collect();
    let version = env!("CARGO_PKG_VERSION");
    [
        ("Title", format!("{} {}", caption.title, caption.place())),
        ("Description", caption.words.clone()),
        ("Software", format!("memviz {version}")),
        ("Lesson", options.lesson.clone()),
        ("Step", options.step.to_string()),
        ("Event", slide.state.events.to_string()),
        ("Command", format!("just {}", command.join(" "))),
    ]
}
