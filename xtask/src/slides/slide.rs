//! A slide: a picture of a lesson and its caption.

use serde::Deserialize;

use crate::pictures::Picture;

/// A picture and its caption.
pub struct Slide {
    /// The kernel's name of the picture.
    pub name: String,
    pub picture: Picture,
    pub caption: Caption,
}

/// The part of the kernel's state that is about the lesson.
#[derive(Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    pub title: String,
    pub step: u32,
    pub steps: u32,
    pub part: Part,
    pub words: String,
}

#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Question,
    Meanwhile,
    Answer,
}

impl Slide {
    /// The name of its file. The number comes first, so that the order of names is the order of
    /// time.
    pub fn file(&self, number: usize) -> String {
        format!("{number:02}-{}.png", self.name)
    }
}

impl Caption {
    /// `2/9 Predict`, or `2/9`.
    pub fn place(&self) -> String {
        match self.part {
            Part::Question => format!("{}/{} Predict", self.step, self.steps),
            Part::Meanwhile | Part::Answer => format!("{}/{}", self.step, self.steps),
        }
    }
}
