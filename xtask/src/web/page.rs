//! The page: a template whose gaps are filled.
//!
//! ```text
//! page.html ◄── style, script ◄── bindings of the module
//!           ◄── module (gzip), traces: base64 in elements that the browser does not run
//!           ◄── list of lessons, text
//! ```

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::module::Module;
use super::recording::{Recording, Shown};
use super::text;
use crate::html::Escaped;

const PAGE: &str = include_str!("../../../web/page/page.html");
pub const STYLE: &str = include_str!("../../../web/page/style.css");
const SCRIPT: &str = include_str!("../../../web/page/script.js");

/// A page of some traces, and links to other pages.
pub struct Page<'p> {
    pub module: &'p Module,
    pub recordings: &'p [Recording],
    /// The lessons of all pages of the site, if it is part of one.
    pub site: &'p [Shown<'p>],
}

impl Page<'_> {
    /// Returns the bytes of the module and the traces. In the file they are a third larger, by
    /// base64.
    pub fn compressed(&self) -> usize {
        let traces = self
            .recordings
            .iter()
            .map(|recording| recording.bytes.len());
        self.module.packed.len() + traces.sum::<usize>()
    }

    /// Returns the file.
    pub fn html(&self) -> String {
        let first = &self.recordings[0];
        let title = match self.recordings {
            [only] => only.shown()[0].title,
            _ => "Lessons",
        };
        let shown = first.shown();
        let run = match first
            .lessons
            .iter()
            .any(|lesson| lesson.name == shown[0].name)
        {
            true => format!(" --lesson {}", shown[0].name),
            false => String::new(),
        };
        // Each call of `instance` makes new bindings, with a memory of their own.
        let script = format!(
            "function instance() {{\n{}\nreturn wasm_bindgen;\n}}\n{SCRIPT}",
            self.module.bindings
        );
        fill(&[
            ("description", &Escaped(first.goal()).to_string()),
            ("version", env!("CARGO_PKG_VERSION")),
            ("title", &Escaped(title).to_string()),
            ("run", &Escaped(&run).to_string()),
            ("style", STYLE),
            ("lessons", &self.lessons()),
            ("text", &text::text(self.recordings)),
            ("data", &self.data()),
            ("script", &script),
        ])
    }

    /// Returns the list of lessons: those of this page, or all of the site.
    fn lessons(&self) -> String {
        let recordings = self.recordings.iter().enumerate();
        let here = recordings.flat_map(|(number, recording)| {
            let shown = recording.shown().into_iter();
            shown.map(move |shown| (shown, Some(number)))
        });
        let here: Vec<_> = here.collect();
        if self.site.is_empty() {
            return here.into_iter().map(item).collect();
        }
        let all = self.site.iter().map(|shown| {
            let found = here.iter().find(|(here, _)| here.name == shown.name);
            item(found.copied().unwrap_or((*shown, None)))
        });
        all.collect()
    }

    /// Returns the elements with the module and the traces.
    fn data(&self) -> String {
        let mut data = format!(
            "<script type=\"application/gzip\" id=\"wasm\">{}</script>\n",
            BASE64_STANDARD.encode(&self.module.packed)
        );
        for recording in self.recordings {
            let bytes = BASE64_STANDARD.encode(&recording.bytes);
            let name = Escaped(&recording.name);
            // Writing into a string does not fail.
            let _ = writeln!(
                data,
                "<script type=\"application/octet-stream\" class=\"trace\" \
                 data-name=\"{name}\">{bytes}</script>"
            );
        }
        data
    }
}

/// Returns an item of the list: a lesson, and the number of its trace if it is on this page.
fn item((shown, trace): (Shown<'_>, Option<usize>)) -> String {
    let (name, title) = (Escaped(shown.name), Escaped(shown.title));
    let steps = shown
        .steps
        .map(|steps| steps.to_string())
        .unwrap_or_default();
    let (address, trace) = match trace {
        Some(number) => (format!("#{name}/1"), format!(" data-trace=\"{number}\"")),
        None => (format!("{name}.html"), String::new()),
    };
    format!(
        "<li><a href=\"{address}\" data-name=\"{name}\" data-steps=\"{steps}\"{trace}>\
         {title} <small>{steps}</small></a></li>\n"
    )
}

/// Fills the gaps of the template. Text in a gap is not searched for gaps.
fn fill(gaps: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("gaps are closed");
        let found = gaps.iter().find(|(gap, _)| *gap == name);
        let (_, text) = found.expect("every gap has its text");
        page += before;
        page += text.trim_end();
        rest = after;
    }
    page + rest
}
