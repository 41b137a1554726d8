//! What a user does in the window, without a window.

use std::time::Duration;

use embedded_graphics::geometry::{Point, Size};
use memviz::dashboard::actions::{Action, Pointing};
use memviz::input::keys::Key;
use tracefile::player::Viewer;

use crate::keys::keys;
use crate::show::{Input, Show, Wish};

const SIZE: Size = Size::new(800, 600);
const SEED: &[u8] = include_bytes!("../../tracefile/seeds/version-2.trace");

fn viewer() -> Viewer {
    Viewer::open(|| Ok(SEED), SIZE).unwrap()
}

fn show() -> Show {
    Show::new(viewer(), "seed")
}

fn input() -> Input {
    Input {
        size: SIZE,
        passed: Duration::from_millis(16),
        ..Input::default()
    }
}

/// Returns all pixels of the picture of a viewer.
fn pixels(viewer: &mut Viewer) -> Vec<u32> {
    let size = viewer.size();
    let mut pixels = vec![0; size.width as usize * size.height as usize];
    viewer.draw(|y, x, row| {
        pixels[y * size.width as usize + x..][..row.len()].copy_from_slice(row);
    });
    pixels
}

#[test]
fn keys_and_mouse_act_as_on_the_viewer() {
    let (mut show, mut viewer) = (show(), viewer());
    let first = show.draw().0.to_vec();
    let point = Point::new(300, 300);
    let keys = [Key::Home, Key::Character('2'), Key::Right];
    let mut used = Input {
        keys: keys.to_vec(),
        pointer: Some(point),
        buttons: [true, false],
        wheel: 1,
        ..input()
    };
    assert_eq!(show.take(&used), []);
    // The button is still down: it clicks once.
    used.keys.clear();
    used.wheel = 0;
    assert_eq!(show.take(&used), []);
    let pointing = [
        Pointing::At(point),
        Pointing::Click(point),
        Pointing::Wheel(point, 1),
    ];
    for pointing in pointing {
        viewer.handle(Action::Point(pointing));
    }
    for key in keys {
        viewer.press(key);
    }
    let (drawn, size) = show.draw();
    assert!(drawn != first, "the picture changed");
    assert_eq!(size, SIZE);
    assert!(drawn == pixels(&mut viewer));
}

#[test]
fn the_right_button_is_escape() {
    let (mut show, mut viewer) = (show(), viewer());
    for key in [Key::Character('f'), Key::Escape] {
        viewer.press(key);
    }
    show.take(&Input {
        keys: vec![Key::Character('f')],
        ..input()
    });
    show.take(&Input {
        pointer: Some(Point::new(1, 1)),
        buttons: [false, true],
        ..input()
    });
    viewer.handle(Action::Point(Pointing::At(Point::new(1, 1))));
    assert!(show.draw().0 == pixels(&mut viewer));
}

#[test]
fn a_window_is_resized_and_one_that_is_too_small_keeps_its_picture() {
    let mut show = show();
    let mut resize = |width, height| {
        show.take(&Input {
            size: Size::new(width, height),
            ..input()
        });
        let (pixels, size) = show.draw();
        let is_drawn = pixels
            .chunks(100)
            .all(|part| part.iter().any(|&pixel| pixel != 0));
        (pixels.len(), size, is_drawn)
    };
    let large = Size::new(1001, 613);
    assert_eq!(resize(1001, 613), (1001 * 613, large, true));
    assert_eq!(resize(10, 10), (1001 * 613, large, true));
    assert_eq!(resize(800, 600), (480_000, SIZE, true));
}

#[test]
fn wishes_and_notices_reach_the_window() {
    let mut show = show();
    let mut press = |character| {
        let wishes = show.take(&Input {
            keys: vec![Key::Character(character)],
            ..input()
        });
        (wishes, show.title())
    };
    assert_eq!(press('s').0, [Wish::Save]);
    assert_eq!(
        press(':'),
        (
            vec![],
            "seed: the shell needs a running machine: just run".into()
        )
    );
    let folder = std::env::temp_dir();
    show.draw();
    let file = show.save(&folder).unwrap();
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(&file).unwrap()));
    let info = decoder.read_info().unwrap();
    assert_eq!((info.info().width, info.info().height), (800, 600));
    std::fs::remove_file(file).unwrap();
    for _ in 0..20 {
        show.take(&Input {
            passed: Duration::from_secs(9),
            ..input()
        });
    }
    assert_eq!(show.title(), "seed – memviz");
}

#[test]
fn every_key_is_reached_once() {
    for (name, key) in Key::NAMES {
        let reached = match key {
            Key::Space => keys(&[minifb::Key::Space], " "),
            Key::Character(character) => keys(&[minifb::Key::Comma], &character.to_string()),
            _ => all_keys()
                .into_iter()
                .find(|keys| *keys == [key])
                .unwrap_or_default(),
        };
        assert_eq!(reached, [key], "{name}");
    }
    // Such keys type control characters as well.
    assert_eq!(keys(&[minifb::Key::Enter], "\r"), [Key::Enter]);
    assert_eq!(keys(&[minifb::Key::LeftShift], ""), []);
}

/// Returns the meaning of each key that types nothing.
fn all_keys() -> Vec<Vec<Key>> {
    use minifb::Key::{
        Backspace, Delete, Down, End, Enter, Escape, Home, Left, PageDown, PageUp, Right, Tab, Up,
    };
    let all = [
        Backspace, Delete, Down, End, Enter, Escape, Home, Left, PageDown, PageUp, Right, Tab, Up,
    ];
    all.map(|key| keys(&[key], "")).to_vec()
}
