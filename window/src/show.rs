//! The viewer, and what the user of a window does with it. It knows no window.
//!
//! Invariant: the pixels are those of the viewer's last picture, in its size.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use embedded_graphics::geometry::{Point, Size};
use memviz::dashboard::Request;
use memviz::dashboard::actions::{Action, Pointing};
use memviz::input::keys::Key;
use tracefile::Ending;
use tracefile::player::Viewer;

/// The longest time that passes at once: a window that was stopped gets no more.
const LONGEST: Duration = Duration::from_millis(250);
/// How long the title shows a notice.
const NOTICE: Duration = Duration::from_secs(4);

/// What happened in the window since the last picture.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The size of the window.
    pub size: Size,
    /// The time since then.
    pub passed: Duration,
    pub keys: Vec<Key>,
    /// The pointer, if it is in the window.
    pub pointer: Option<Point>,
    /// True while the left and the right button are down.
    pub buttons: [bool; 2],
    /// Clicks of the wheel, away from the user.
    pub wheel: i32,
}

/// What only the window can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Close,
    Save,
}

/// A viewer, its pixels, and the state of the mouse.
pub struct Show {
    viewer: Viewer,
    name: String,
    pixels: Vec<u32>,
    before: Input,
    /// Words for the title, and how long they stay there.
    notice: Option<(String, Duration)>,
}

impl Show {
    /// Shows a trace with this name.
    pub fn new(viewer: Viewer, name: &str) -> Show {
        let size = viewer.size();
        let notice = match (viewer.differs(), viewer.ending()) {
            (Some(why), _) => Some(format!("may differ from the run: {why}")),
            (None, Ending::Cut) => Some("incomplete: it ends with its last whole block".into()),
            (None, Ending::Whole) => None,
        };
        Show {
            pixels: vec![0; size.width as usize * size.height as usize],
            before: Input {
                size,
                ..Input::default()
            },
            notice: notice.map(|words| (words, NOTICE)),
            name: name.into(),
            viewer,
        }
    }

    /// Returns the title of the window.
    pub fn title(&self) -> String {
        match &self.notice {
            Some((words, _)) => format!("{}: {words}", self.name),
            None => format!("{} – memviz", self.name),
        }
    }

    /// Performs what the user did. Returns what the window must do.
    pub fn take(&mut self, input: &Input) -> Vec<Wish> {
        let passed = input.passed.min(LONGEST);
        self.notice = self.notice.take().and_then(|(words, rest)| {
            let rest = rest.checked_sub(passed)?;
            Some((words, rest))
        });
        if input.size != self.before.size && self.viewer.resize(input.size).is_ok() {
            self.pixels = vec![0; input.size.width as usize * input.size.height as usize];
        }
        self.viewer.advance(passed.as_nanos() as u64);
        let mut requests: Vec<Request> = self.point(input);
        for &key in &input.keys {
            requests.extend(self.viewer.press(key));
        }
        self.before = input.clone();
        let wishes = requests.into_iter();
        wishes.filter_map(|request| self.wish(request)).collect()
    }

    /// Performs what the mouse did.
    fn point(&mut self, input: &Input) -> Vec<Request> {
        let Some(point) = input.pointer else {
            return Vec::new();
        };
        let mut requests = Vec::new();
        let mut point_at = |pointing| requests.extend(self.viewer.handle(Action::Point(pointing)));
        if input.pointer != self.before.pointer {
            point_at(Pointing::At(point));
        }
        let [left, right] =
            [0, 1].map(|button| input.buttons[button] && !self.before.buttons[button]);
        if left {
            point_at(Pointing::Click(point));
        }
        if input.wheel != 0 {
            point_at(Pointing::Wheel(point, input.wheel.clamp(-10, 10)));
        }
        if right {
            requests.extend(self.viewer.press(Key::Escape));
        }
        requests
    }

    /// Serves a request of the dashboard, or passes it on to the window.
    fn wish(&mut self, request: Request) -> Option<Wish> {
        let words = match request {
            Request::PowerOff => return Some(Wish::Close),
            Request::Screenshot => return Some(Wish::Save),
            Request::Step | Request::NextStep => "the trace ends here",
            Request::Warn(why) => why,
            Request::Shell => "the shell needs a running machine: just run",
            Request::NextKeyboard => "the window has the layout of your keyboard",
            Request::Lesson(number) => {
                let lesson = self.viewer.lesson(number)?;
                let found = self.viewer.contents().find(lesson.name, 1);
                match found.map(|entry| entry.position) {
                    Some(position) => {
                        self.viewer.go_to(position);
                        return None;
                    }
                    None => "the trace does not have this lesson",
                }
            }
        };
        self.notice = Some((words.into(), NOTICE));
        None
    }

    /// Draws the picture. Returns its pixels, `0x00RRGGBB` each, row after row.
    pub fn draw(&mut self) -> (&[u32], Size) {
        let size = self.viewer.size();
        let (pixels, width) = (&mut self.pixels, size.width as usize);
        self.viewer.draw(|y, x, row| {
            pixels[y * width + x..][..row.len()].copy_from_slice(row);
        });
        (&self.pixels[..], size)
    }

    /// Saves the picture in a folder. Returns the new file, whose name has the time of the picture.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<PathBuf> {
        let milliseconds = self.viewer.dashboard().time() / 1_000_000;
        let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
        let path = folder.join(format!("{}-{seconds}.{rest:03}s.png", self.name));
        let write = || -> Result<()> {
            let size = self.viewer.size();
            let file = BufWriter::new(File::create(&path)?);
            let mut encoder = png::Encoder::new(file, size.width, size.height);
            encoder.set_color(png::ColorType::Rgb);
            let rgb = self.pixels.iter().flat_map(|pixel| {
                let [blue, green, red, _] = pixel.to_le_bytes();
                [red, green, blue]
            });
            let rgb: Vec<u8> = rgb.collect();
            encoder.write_header()?.write_image_data(&rgb)?;
            Ok(())
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}
