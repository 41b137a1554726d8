//! A page in a browser: its canvas has the pixels of the viewer on the host, byte for byte.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use memviz::dashboard::actions::{Action, Pointing};
use memviz::input::keys::Key;
use memviz::view::layout::SMALLEST;
use tracefile::player::Viewer;

use super::browser::Browser;
use crate::boot::Way;
use crate::build::Kernel;
use crate::options::{Memory, Source, WebOptions};
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene, Silent};
use crate::web;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    vec![Test::new(
        "web: a page draws in a browser what the viewer draws on the host",
        move || draws_the_same(kernel),
    )]
}

const RUN: Scene = Scene {
    name: "web",
    arguments: "--for 5 --memory 32M --lesson copy-on-write --cmdline mode=lesson",
};

/// A question, a choice, the answer, boards, views, a figure, events, palettes, the projector.
const KEYS: &str = "]]bfff]7+3.,,]c]p?";

fn draws_the_same(kernel: &Kernel) -> Result<Verdict> {
    let Some(browser) = Browser::start(1280, 900)? else {
        return Ok(Verdict::Skipped("there is no chromedriver".into()));
    };
    let folder = tempfile::tempdir()?;
    let (file, page) = (
        folder.path().join("run.trace"),
        folder.path().join("a b.html"),
    );
    let mut options = RUN.options()?;
    options.trace = Some(file.clone());
    let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
    ensure!(run.fault().is_none(), "{}", run.fault().unwrap_or_default());
    web::web(&WebOptions {
        sources: vec![Source::File(file.clone())],
        all: false,
        output: Some(page.clone()),
        memory: Memory::from_mib(32),
    })?;
    let bytes = std::fs::read(&file)?;
    let mut viewer = Viewer::open(|| Ok(&bytes[..]), SMALLEST)?;
    browser.open(&page, "#copy-on-write/3")?;
    let third = viewer.contents().find("copy-on-write", 3);
    let third = third.context("there is no step 3")?.position;
    viewer.go_to(third);
    compare(&browser, &mut viewer, "at first")?;
    for key in KEYS.chars() {
        browser.run(&format!("press('{key}')"))?;
        viewer.press(Key::from_character(key));
        compare(&browser, &mut viewer, &format!("after {key}"))?;
    }
    searches(&browser, &mut viewer)?;
    zooms(&browser, &mut viewer)?;
    Ok(Verdict::Passed)
}

/// Searches by the keys of the canvas, and then by the field of the page.
fn searches(browser: &Browser, viewer: &mut Viewer) -> Result<()> {
    browser.run("[...'/unmap'].forEach(press); press('Enter'); press('n');")?;
    let keys = "/unmap".chars().map(Key::from_character);
    for key in keys.chain([Key::Enter, Key::Character('n')]) {
        viewer.press(key);
    }
    finish_search(browser, viewer)?;
    compare(browser, viewer, "at a match")?;
    let found = browser.run("return document.getElementById('found').textContent")?;
    let line = viewer.dashboard().search_line();
    let line = line.context("the viewer has no search")?;
    let expected = format!("{} of {}", line.at.unwrap_or(0), line.count);
    ensure!(
        found == expected && line.count > 1,
        "the page says {found}, not {expected}"
    );
    browser.run("search('process 1')")?;
    viewer.search_for("process 1");
    finish_search(browser, viewer)?;
    compare(browser, viewer, "at the matches of the field")
}

/// Draws until the whole history is searched.
fn finish_search(browser: &Browser, viewer: &mut Viewer) -> Result<()> {
    browser.run("do { draw(); update(); } while (state.is_searching); draw(); update();")?;
    viewer.draw(|_, _, _| {});
    while viewer.dashboard().is_searching() {
        viewer.draw(|_, _, _| {});
    }
    Ok(())
}

/// Spreads two fingers on the frame map.
fn zooms(browser: &Browser, viewer: &mut Viewer) -> Result<()> {
    const SCRIPT: &str = "
        ['Escape', '5', 'p'].forEach(press);
        draw();
        const area = canvas.getBoundingClientRect();
        const [x, y] = [area.left + area.width / 3, area.top + area.height / 3];
        const fingers = apart => [-1, 1].map((side, identifier) => new Touch(
            { identifier, target: canvas, clientX: x + side * apart / 2, clientY: y }));
        const send = (name, touches) => canvas.dispatchEvent(
            new TouchEvent(name, { touches, cancelable: true, bubbles: true }));
        send('touchstart', fingers(50));
        send('touchmove', fingers(80));
        send('touchmove', fingers(120));
        send('touchend', []);
        return pixel({ clientX: x, clientY: y });";
    let at = browser.run(SCRIPT)?;
    let side = |index: usize| at[index].as_i64().unwrap_or(0) as i32;
    for key in [Key::Escape, Key::Character('5'), Key::Character('p')] {
        viewer.press(key);
    }
    viewer.draw(|_, _, _| {});
    let before = viewer.dashboard().view();
    let mut point = viewer.dashboard().map_area().top_left;
    (point.x, point.y) = (side(0), side(1));
    for _ in 0..2 {
        viewer.handle(Action::Point(Pointing::Wheel(point, 1)));
    }
    let zoomed = viewer.dashboard().view();
    ensure!(
        before != zoomed,
        "the fingers are not on the frame map: {at}"
    );
    compare(browser, viewer, "after two fingers")
}

/// Compares the canvas with the picture of the viewer.
fn compare(browser: &Browser, viewer: &mut Viewer, when: &str) -> Result<()> {
    const SCRIPT: &str = "
        draw();
        const { width, height } = canvas;
        const { data } = context.getImageData(0, 0, width, height);
        let text = '';
        for (let at = 0; at < data.length; at += 32768) {
            text += String.fromCharCode.apply(null, data.subarray(at, at + 32768));
        }
        return [width, height, btoa(text)];";
    let shown = browser.run(SCRIPT)?;
    let side = |at: usize| shown[at].as_u64().map(|side| side as u32);
    let (width, height) = side(0).zip(side(1)).context("the canvas has no size")?;
    let shown = BASE64_STANDARD.decode(shown[2].as_str().context("no pixels")?)?;
    let mut size = SMALLEST;
    (size.width, size.height) = (width, height);
    ensure!(
        viewer.resize(size).is_ok(),
        "the canvas has {width}x{height} pixels"
    );
    let mut expected = vec![0; shown.len()];
    viewer.draw(|row, column, pixels| {
        let start = (row * width as usize + column) * 4;
        for (to, pixel) in expected[start..].chunks_mut(4).zip(pixels) {
            let [blue, green, red, _] = pixel.to_le_bytes();
            to.copy_from_slice(&[red, green, blue, u8::MAX]);
        }
    });
    let differ = |(one, other): &(&[u8], &[u8])| one != other;
    let pixels = shown
        .chunks(4)
        .zip(expected.chunks(4))
        .filter(differ)
        .count();
    ensure!(
        pixels == 0,
        "{when}: {pixels} pixels of {width}x{height} differ"
    );
    Ok(())
}
