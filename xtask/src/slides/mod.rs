//! `slides`: saves a lesson as pictures with captions, and a page to click through or to print.
//!
//! ```text
//! target/slides/copy-on-write/
//!   01-copy-on-write-01.png            one for each phase: a question, or an answer
//!   02-copy-on-write-02-question.png
//!   …
//!   01-copy-on-write-01-figure.png     its panels alone, for the page
//!   …
//!   captions.txt                       the captions alone
//!   index.html                         contents, pictures and captions, without network
//!   sheet.png                          all slides in one picture (--sheet)
//! ```
//! The same lesson gives the same bytes: the guest counts instructions, and the files contain no
//! data of the host.

pub mod figure;
mod page;
mod sheet;
mod slide;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use slide::{Slide, State};

use crate::boot::Way;
use crate::build::Kernel;
use crate::machine::Watch;
use crate::options::{Resolution, ResolutionChoice, RunOptions, SlidesOptions};
use crate::pictures::Picture;
use crate::pictures::animation::{self, Frame};
use crate::scene::{self, Scene};
use crate::{build, files, serial, setup};

pub fn slides(options: &SlidesOptions) -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let parent = options
        .folder
        .clone()
        .unwrap_or_else(|| build::target().join("slides"));
    for lesson in &options.lessons {
        let slides = play(&kernel, lesson, options)?;
        let folder = parent.join(lesson);
        write(&folder, &slides)?;
        if options.sheet
            && let Some(sheet) = sheet::sheet(&slides)
        {
            sheet.write_png(&folder.join("sheet.png"))?;
        }
        println!(
            "{} slides: {}",
            slides.len(),
            folder.join("index.html").display()
        );
    }
    Ok(())
}

/// Plays a lesson to its end. A lesson that fails is an error.
pub fn play(kernel: &Kernel, lesson: &str, options: &SlidesOptions) -> Result<Vec<Slide>> {
    let scene = Scene {
        name: "slides",
        arguments: "",
    };
    let palette = options
        .palette
        .as_ref()
        .map(|name| format!(" palette={name}"));
    let palette = palette.unwrap_or_default();
    let run = RunOptions {
        memory: options.memory,
        resolution: ResolutionChoice::This(options.resolution),
        lesson: Some(lesson.into()),
        cmdline: format!("mode=lesson{palette} {}", options.cmdline),
        ..scene.options()?
    };
    let mut taken = Taken::default();
    let run = scene::start(&Way::Direct, kernel, &run, &mut taken)?;
    if let Some(fault) = run.fault() {
        bail!("lesson “{lesson}”: {fault}\n{}", serial::tail(&run.log));
    }
    ensure!(
        taken.open.is_none() && !taken.slides.is_empty(),
        "lesson “{lesson}” has no slides\n{}",
        serial::tail(&run.log)
    );
    Ok(taken.slides)
}

/// `run --animation`: plays the lesson to its end, and writes its slides as an animation.
pub fn animate(options: &RunOptions, file: &Path) -> Result<()> {
    setup::setup()?;
    let lesson = options
        .lesson
        .as_deref()
        .context("an animation needs a lesson")?;
    let slides = SlidesOptions {
        memory: options.memory,
        resolution: options.resolution.or(Resolution::USUAL),
        cmdline: options.cmdline.clone(),
        ..SlidesOptions::usual(lesson)
    };
    let slides = play(&build::kernel()?, lesson, &slides)?;
    animation::write(file, &animated(&slides))?;
    println!("animation {} ({} pictures)", file.display(), slides.len());
    Ok(())
}

/// Returns the slides as an animation. Each frame lasts as long as reading its caption takes.
pub fn animated(slides: &[Slide]) -> Vec<Frame> {
    let frame = |slide: &Slide| {
        let characters = slide.state.caption.words.chars().count() as u64;
        Frame {
            picture: slide.picture.clone(),
            time: Duration::from_millis(1500 + 45 * characters),
        }
    };
    slides.iter().map(frame).collect()
}

/// Collects pictures, each with the line of state after it.
#[derive(Default)]
struct Taken {
    slides: Vec<Slide>,
    open: Option<(String, Picture)>,
    /// True if the next lines belong to an SVG.
    is_svg: bool,
}

impl Watch for Taken {
    fn line(&mut self, line: &str) -> Result<()> {
        if self.is_svg || line.starts_with("<svg ") {
            self.is_svg = line != "</svg>";
            if let Some(slide) = self.slides.last_mut() {
                let svg = slide.svg.get_or_insert_default();
                *svg += line;
                svg.push('\n');
            }
            return Ok(());
        }
        if !line.starts_with('{') {
            return Ok(());
        }
        let Some((name, picture)) = self.open.take() else {
            return Ok(());
        };
        let state: State = serde_json::from_str(line)
            .with_context(|| format!("the state after picture “{name}”"))?;
        self.slides.push(Slide {
            name,
            picture,
            state,
            svg: None,
        });
        Ok(())
    }

    fn picture(&mut self, name: &str, picture: Picture) -> Result<()> {
        let before = self.open.replace((name.into(), picture));
        ensure!(before.is_none(), "two pictures without words between them");
        Ok(())
    }
}

/// Writes all files. Removes pictures of an earlier run that are not among these, and no other
/// files.
fn write(folder: &Path, slides: &[Slide]) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut old = pictures_in(folder)?;
    let mut captions = String::new();
    for (number, slide) in (1..).zip(slides) {
        let path = folder.join(slide.file(number));
        slide.picture.write_png(&path)?;
        let figure = folder.join(slide.figure_file(number));
        slide.figure().write_png(&figure)?;
        old.retain(|other| *other != path && *other != figure);
        let caption = &slide.state.caption;
        let (title, place, words) = (&caption.title, caption.place(), &caption.words);
        writeln!(captions, "{title} {place}: {words}")?;
    }
    let files = [
        ("captions.txt", captions),
        ("index.html", page::page(slides)),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        files::replace_with(&path, text.as_bytes())?;
    }
    for path in old {
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Returns the pictures of an earlier run: two digits, a hyphen, a name.
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        if digits >= 2 && name[digits..].starts_with('-') && name.ends_with(".png") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::slide::{Caption, Part};
    use super::*;

    pub(super) fn slide(step: u32, part: Part, words: &str) -> Slide {
        Slide {
            name: format!("frames-{step:02}"),
            picture: Picture::from_rgb(1, 1, vec![step as u8; 3]),
            state: State {
                caption: Caption {
                    title: "Frames".into(),
                    step,
                    steps: 2,
                    part,
                    words: words.into(),
                    ..Caption::default()
                },
                panels: [("frame map".into(), [0, 0, 1, 1])].into(),
                happened: [("frames".into(), "1 allocated".into())].into(),
                ..State::default()
            },
            svg: None,
        }
    }

    #[test]
    fn a_picture_and_the_state_after_it_are_a_slide() {
        let mut taken = Taken::default();
        let state = |words: &str| {
            format!(
                r#"{{"time_ns":1,"caption":{{"number":7,"lesson":"frames","title":"Frames","step":2,"steps":9,"part":"question","words":"{words}"}}}}"#
            )
        };
        taken.line(&state("no picture was taken")).unwrap();
        taken
            .picture("frames-02-question", Picture::from_rgb(1, 1, vec![0; 3]))
            .unwrap();
        taken.line("[MM] something else").unwrap();
        taken.line(&state("how many?")).unwrap();
        for line in ["<svg x>", "{}", "</svg>", "[MM] something else"] {
            taken.line(line).unwrap();
        }
        let [slide] = &taken.slides[..] else {
            panic!("one slide")
        };
        assert_eq!(slide.svg.as_deref(), Some("<svg x>\n{}\n</svg>\n"));
        assert_eq!(slide.file(3), "03-frames-02-question.png");
        assert_eq!(slide.state.caption.place(), "2/9 Question");
        assert_eq!(slide.state.caption.words, "how many?");
    }

    #[test]
    fn slides_replace_the_ones_before_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("notes.txt"), "mine").unwrap();
        let slides = [slide(1, Part::Answer, "one"), slide(2, Part::Answer, "two")];
        write(folder.path(), &slides).unwrap();
        write(folder.path(), &slides[1..]).unwrap();
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "01-frames-02-figure.png",
                "01-frames-02.png",
                "captions.txt",
                "index.html",
                "notes.txt"
            ]
        );
        let captions = fs::read_to_string(path("captions.txt")).unwrap();
        assert_eq!(captions, "Frames 2/2: two\n");
    }
}
