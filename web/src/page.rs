//! The viewer as an object of JavaScript.
//!
//! Numbers that JavaScript passes are rounded and clamped; every text is checked. Pixels are read
//! from the memory of the module, at [`Page::pixels`].

use crate::keys;
use crate::pixels::Pixels;
use crate::wire::{Line, State, Wish};
use embedded_graphics::geometry::{Point, Size};
use memviz::dashboard::actions::{Action, Pointing};
use memviz::dashboard::{Dashboard, Request};
use memviz::graphics::theme::Theme;
use tracefile::Ending;
use tracefile::player::Viewer;
use wasm_bindgen::prelude::*;

/// The longest time that passes at once, in milliseconds: a page in the background gets no time.
const LONGEST: f64 = 250.0;

/// A trace, and the picture of one moment of it.
#[wasm_bindgen]
pub struct Page {
    viewer: Viewer,
    pixels: Pixels,
}

#[wasm_bindgen]
impl Page {
    /// Opens a trace on a canvas of this size.
    ///
    /// # Errors
    /// The trace or the size is refused, with the reason in a line.
    #[wasm_bindgen(constructor)]
    pub fn new(trace: &[u8], width: u32, height: u32) -> Result<Page, String> {
        let viewer = Viewer::open(|| Ok(trace), Size::new(width, height));
        Ok(Page {
            viewer: viewer.map_err(|error| error.to_string())?,
            pixels: Pixels::new(width as usize, height as usize),
        })
    }

    /// Returns the defect of the trace, if it has one.
    pub fn warning(&self) -> Option<String> {
        let cut = "The trace was cut: it shows everything up to its last whole block.";
        let differs = self.viewer.differs().map(String::from);
        differs.or((self.viewer.ending() == Ending::Cut).then(|| cut.into()))
    }

    /// Returns the captions in order, as a list of [`Line`].
    pub fn contents(&self) -> String {
        let lines: Vec<Line> = (self.viewer.contents().entries().iter())
            .map(Line::from)
            .collect();
        json(&lines)
    }

    /// Returns the [`State`] of the picture.
    pub fn state(&self) -> String {
        json(&State::of(&self.viewer))
    }

    /// Performs a key of a `KeyboardEvent`. Returns a [`Wish`], or nothing.
    pub fn press(&mut self, key: &str) -> Option<String> {
        let request = self.viewer.press(keys::key(key)?);
        self.wish(request)
    }

    /// Returns whether a key has an effect.
    pub fn knows(&self, key: &str) -> bool {
        let action = |key| Dashboard::action_of(self.viewer.dashboard(), key);
        keys::key(key).and_then(action).is_some()
    }

    /// Moves the pointer to a pixel.
    pub fn point(&mut self, x: i32, y: i32) {
        self.viewer
            .handle(Action::Point(Pointing::At(Point::new(x, y))));
    }

    /// Clicks on a pixel. Returns a [`Wish`], or nothing.
    pub fn click(&mut self, x: i32, y: i32) -> Option<String> {
        let click = Pointing::Click(Point::new(x, y));
        let request = self.viewer.handle(Action::Point(click));
        self.wish(request)
    }

    /// Turns the wheel over a pixel, by clicks away from the user.
    pub fn turn(&mut self, x: i32, y: i32, clicks: i32) {
        let wheel = Pointing::Wheel(Point::new(x, y), clicks.clamp(-10, 10));
        self.viewer.handle(Action::Point(wheel));
    }

    /// Returns whether a pixel belongs to the frame map, which two fingers can zoom.
    pub fn is_map(&self, x: i32, y: i32) -> bool {
        self.viewer
            .dashboard()
            .map_area()
            .contains(Point::new(x, y))
    }

    /// Returns whether the wheel has an effect over a pixel: over the timeline and the frame map.
    pub fn turns(&self, x: i32, y: i32) -> bool {
        self.is_timeline(x, y) || self.is_map(x, y)
    }

    /// Returns whether a pixel belongs to the timeline, which a finger can drag.
    pub fn is_timeline(&self, x: i32, y: i32) -> bool {
        let timeline = self.viewer.dashboard().layout().timeline;
        timeline.contains(Point::new(x, y))
    }

    /// Searches for these words, or ends the search if there are none.
    pub fn search(&mut self, words: &str) {
        self.viewer.search_for(words);
    }

    /// Goes to the caption with this index.
    pub fn show(&mut self, entry: usize) {
        let entries = self.viewer.contents().entries();
        if let Some(position) = entries.get(entry).map(|entry| entry.position) {
            self.viewer.go_to(position);
        }
    }

    /// Goes to a lesson step. Returns false if the trace does not have it.
    pub fn show_step(&mut self, lesson: &str, step: u8) -> bool {
        let found = self.viewer.contents().find(lesson, step);
        let position = found.map(|entry| entry.position);
        position
            .map(|position| self.viewer.go_to(position))
            .is_some()
    }

    /// Replays slower than the machine ran, by two to the power of this.
    pub fn set_slowness(&mut self, slowness: u32) {
        self.viewer.set_slowness(slowness);
    }

    /// Shows the picture in the palette with this name.
    pub fn set_palette(&mut self, name: &str) {
        if let Some(theme) = Theme::named(name) {
            self.viewer.set_theme(theme);
        }
    }

    /// Moves to a canvas of another size. Returns false if the size is refused.
    pub fn resize(&mut self, width: u32, height: u32) -> bool {
        let is_possible = self.viewer.resize(Size::new(width, height)).is_ok();
        if is_possible {
            self.pixels = Pixels::new(width as usize, height as usize);
        }
        is_possible
    }

    /// Lets this many milliseconds pass.
    pub fn advance(&mut self, milliseconds: f64) {
        let passed = milliseconds.clamp(0.0, LONGEST) * 1e6;
        self.viewer.advance(passed as u64);
    }

    /// Draws the picture. Returns the first row that changed and their number.
    pub fn draw(&mut self) -> Vec<u32> {
        let pixels = &mut self.pixels;
        self.viewer
            .draw(|row, column, shown| pixels.store(row, column, shown));
        let changed = pixels.take_changed();
        vec![changed.start as u32, changed.len() as u32]
    }

    /// Returns the address of the pixels: four bytes each, row after row.
    pub fn pixels(&self) -> *const u8 {
        self.pixels.bytes().as_ptr()
    }
}

impl Page {
    fn wish(&self, request: Option<Request>) -> Option<String> {
        Some(json(&Wish::of(request?, &self.viewer)?))
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
