//! A slide: a picture of a lesson, its caption, and other parts of the kernel's state.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::pictures::Picture;

/// A picture and its caption.
pub struct Slide {
    /// The kernel's name of the picture.
    pub name: String,
    pub picture: Picture,
    pub state: State,
    /// The first panel as SVG, if it was requested.
    pub svg: Option<String>,
}

/// The part of the kernel's state that a slide needs.
#[derive(Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub caption: Caption,
    /// The visible panels, with timeline and caption: left and upper edge, width and height.
    #[serde(default)]
    pub panels: BTreeMap<String, [u32; 4]>,
    /// What happened in the step: for each subject, its events.
    #[serde(default)]
    pub happened: BTreeMap<String, String>,
    #[serde(default)]
    pub selection: Option<String>,
    #[serde(default)]
    pub events: u64,
}

/// The part of the kernel's state that is about the lesson.
#[derive(Deserialize, Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    pub title: String,
    pub step: u32,
    pub steps: u32,
    pub part: Part,
    pub words: String,
    #[serde(default)]
    pub question: Option<String>,
    #[serde(default)]
    pub choices: Vec<String>,
    /// The index of the right choice, once the answer is shown.
    #[serde(default)]
    pub right: Option<usize>,
    #[serde(default)]
    pub because: String,
}

#[derive(Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Question,
    Meanwhile,
    #[default]
    Answer,
}

impl Slide {
    /// Returns the name of its file. The number comes first, so that the order of names is the
    /// order of time.
    pub fn file(&self, number: usize) -> String {
        format!("{number:02}-{}.png", self.name)
    }

    /// Returns the name of the file of its panels alone.
    pub fn figure_file(&self, number: usize) -> String {
        format!("{number:02}-{}-figure.png", self.name)
    }

    /// Returns the panels alone, without caption and bars.
    pub fn figure(&self) -> Picture {
        let edges = self.state.panels_alone();
        let edges = edges
            .map(|(_, [left, top, width, height])| [left, top, left + width - 1, top + height - 1]);
        let around = edges.reduce(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        });
        around.map_or_else(|| self.picture.clone(), |edges| self.picture.cropped(edges))
    }

    /// Returns the name of the largest panel.
    pub fn panel(&self) -> &str {
        let panels = self.state.panels_alone();
        let largest = panels.max_by_key(|(_, [_, _, width, height])| width * height);
        largest.map_or("screen", |(name, _)| name)
    }

    /// Describes the picture, for a reader who does not see it.
    pub fn description(&self) -> String {
        let panels: Vec<_> = self.state.panels_alone().map(|(name, _)| name).collect();
        let mut words = format!("Picture of {}.", panels.join(", "));
        if let Some(selection) = &self.state.selection {
            words += &format!(" Selected: {selection}.");
        }
        for (subject, what) in &self.state.happened {
            words += &format!(" In this step, {subject}: {what}.");
        }
        words
    }
}

impl State {
    /// Returns the panels without timeline and caption.
    fn panels_alone(&self) -> impl Iterator<Item = (&str, [u32; 4])> {
        let panels = self
            .panels
            .iter()
            .map(|(name, edges)| (name.as_str(), *edges));
        panels.filter(|(name, _)| !["timeline", "caption"].contains(name))
    }
}

impl Caption {
    /// Returns `2/9 Question`, or `2/9`.
    pub fn place(&self) -> String {
        match self.part {
            Part::Question => format!("{}/{} Question", self.step, self.steps),
            Part::Meanwhile | Part::Answer => format!("{}/{}", self.step, self.steps),
        }
    }
}
