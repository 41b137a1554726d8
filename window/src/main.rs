//! The viewer of trace files in a window: `window FILE WIDTH HEIGHT [EVENTS]`.
//!
//! ```text
//! minifb ──keys, mouse, size, time──► Show ──► tracefile::Viewer ──► pixels ──► minifb
//! ```
//! `just play FILE` builds and starts this crate, and no other recipe builds it. The pictures are
//! those of the kernel's dashboard.

mod keys;
mod show;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result};
use embedded_graphics::geometry::{Point, Size};
use minifb::{InputCallback, KeyRepeat, MouseButton, MouseMode, ScaleMode, Window, WindowOptions};
use show::{Input, Show, Wish};
use tracefile::player::Viewer;

/// Pictures a second.
const RATE: usize = 60;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<String>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let [file, width, height, rest @ ..] = arguments else {
        anyhow::bail!("usage: window FILE WIDTH HEIGHT [EVENTS]");
    };
    let size = Size::new(width.parse()?, height.parse()?);
    let open = || File::open(file).map(BufReader::new);
    let mut viewer = Viewer::open(open, size).with_context(|| format!("cannot play {file}"))?;
    if let [events, ..] = rest {
        viewer.go_to(events.parse()?);
    }
    let name = Path::new(file).file_stem().unwrap_or_default();
    show(Show::new(viewer, &name.to_string_lossy()), size)
}

/// Shows the window until the user closes it.
fn show(mut show: Show, size: Size) -> Result<()> {
    let options = WindowOptions {
        resize: true,
        // A window that is too small for a picture shows a part of it.
        scale_mode: ScaleMode::UpperLeft,
        ..WindowOptions::default()
    };
    let mut title = show.title();
    let (width, height) = (size.width as usize, size.height as usize);
    let mut window = Window::new(&title, width, height, options).context("cannot open a window")?;
    window.set_target_fps(RATE);
    let typed = Rc::new(RefCell::new(String::new()));
    window.set_input_callback(Box::new(Typed(typed.clone())));
    let mut last = Instant::now();
    while window.is_open() {
        let (width, height) = window.get_size();
        let now = Instant::now();
        let pressed = window.get_keys_pressed(KeyRepeat::Yes);
        let input = Input {
            size: Size::new(width as u32, height as u32),
            passed: now - last,
            keys: keys::keys(&pressed, &typed.take()),
            pointer: window
                .get_unscaled_mouse_pos(MouseMode::Discard)
                .map(|(x, y)| Point::new(x as i32, y as i32)),
            buttons: [MouseButton::Left, MouseButton::Right]
                .map(|button| window.get_mouse_down(button)),
            wheel: window
                .get_scroll_wheel()
                .map_or(0, |(_, y)| y.round() as i32),
        };
        last = now;
        for wish in show.take(&input) {
            match wish {
                Wish::Close => return Ok(()),
                Wish::Save => println!("picture {}", show.save(Path::new("."))?.display()),
            }
        }
        if title != show.title() {
            title = show.title();
            window.set_title(&title);
        }
        // Also without a change: a part of the window may have been covered.
        let (pixels, size) = show.draw();
        window.update_with_buffer(pixels, size.width as usize, size.height as usize)?;
    }
    Ok(())
}

/// Collects the characters that the user types, in the layout of the host.
struct Typed(Rc<RefCell<String>>);

impl InputCallback for Typed {
    fn add_char(&mut self, character: u32) {
        self.0.borrow_mut().extend(char::from_u32(character));
    }
}
