//! The text of a page: each step with its question, choices and answer, for screen readers, for
//! search, and for browsers without WebAssembly.

use std::fmt::{self, Write as _};

use memviz::view::caption::{Caption, Part};
use tracefile::player::Entry;

use super::recording::Recording;
use crate::html::Escaped;

/// Returns the text of some traces.
pub fn text(recordings: &[Recording]) -> String {
    let mut text = String::new();
    for recording in recordings {
        for lesson in recording.shown() {
            // Writing into a string does not fail.
            let _ = writeln!(text, "<h2>{}</h2>", Escaped(lesson.title));
            let of_lesson = |entry: &&Entry| entry.caption.lesson == lesson.name;
            let entries: Vec<_> = recording.entries.iter().filter(of_lesson).collect();
            if entries.is_empty() {
                text += "<p>This run has no captions.</p>\n";
            }
            for (at, entry) in entries.iter().enumerate() {
                let next = entries.get(at + 1);
                let is_answered =
                    next.is_some_and(|next| next.caption.is_same_step(&entry.caption));
                if entry.caption.part == Part::Answer || !is_answered {
                    let _ = write!(text, "{}", Step(&entry.caption));
                }
            }
        }
    }
    text
}

/// A step as text.
struct Step<'c>(&'c Caption);

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Step(caption) = self;
        let (lesson, step) = (Escaped(caption.lesson), caption.step);
        let of = caption.steps;
        writeln!(
            f,
            "<h3><a href=\"#{lesson}/{step}\">Step {step} of {of}</a></h3>"
        )?;
        let paragraph = |f: &mut fmt::Formatter<'_>, class: &str, words: &str| {
            writeln!(f, "<p class=\"{class}\">{}</p>", Escaped(words))
        };
        if let Some(question) = &caption.question {
            paragraph(f, "asked", question)?;
        }
        if !caption.choices.is_empty() {
            f.write_str("<ol class=\"choices\">")?;
            for (index, choice) in caption.choices.iter().enumerate() {
                let is_right = caption.is_answered && index == caption.right;
                let class = if is_right { " class=\"right\"" } else { "" };
                write!(f, "<li{class}>{}</li>", Escaped(choice))?;
            }
            f.write_str("</ol>\n")?;
        }
        paragraph(f, "said", &caption.words)?;
        match caption.because {
            "" => Ok(()),
            because => paragraph(f, "asked", because),
        }
    }
}
