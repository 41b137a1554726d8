//! The mouse and the keyboard of the emulated machine, and their effects on its state.

use anyhow::{Context, Result, ensure};
use memviz::input::keyboard_layout::KeyboardLayout;
use qapi::qmp::{InputButton, QKeyCode};
use serde_json::Value;

use super::desk::{self, Desk};
use crate::build::Kernel;
use crate::machine::Hardware;
use crate::options::{KeyboardChoice, RunOptions};
use crate::pictures::Picture;
use crate::runner::{Test, Verdict};
use crate::scene::Scene;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    type Check = fn(&Kernel) -> Result<()>;
    let tests: [(&str, Check); 6] = [
        ("hover shows details, a click selects, Esc clears", select),
        (
            "without an absolute pointer the PS/2 mouse moves it",
            fallback,
        ),
        ("a click does what is written there", click),
        ("the keyboard of the machine is heard beside it", keyboard),
        ("a key types the character of its layout", layouts),
        ("the shell stands at the bottom of the screen", shell),
    ];
    tests
        .into_iter()
        .map(|(name, check)| {
            Test::new(format!("mouse: {name}"), move || {
                check(kernel).map(|()| Verdict::Passed)
            })
        })
        .collect()
}

/// Returns the options of a paused machine.
fn classroom() -> Result<RunOptions> {
    let scene = Scene {
        name: "mouse",
        arguments: "--memory 256M --resolution 800x600 --step",
    };
    scene.options()
}

fn select(kernel: &Kernel) -> Result<()> {
    desk::sit(kernel, &classroom()?, |desk| {
        let state = desk.state()?;
        ensure!(state["pointer"].is_null(), "a pointer before it was moved");
        let [left, top, width, height] = panel(&state, "frame map")?;
        let before = bottom(desk)?;
        let (x, y) = (left + width / 2, top + height / 3);
        desk.point(x, y)?;
        let first = hovered(desk)?;
        // The legend stands at the right.
        desk.point(x + width / 8, y)?;
        let right = hovered(desk)?;
        desk.point(x, y + height / 4)?;
        let below = hovered(desk)?;
        ensure!(
            first < right && right < below,
            "{first:#x}, right of it {right:#x}, below {below:#x}"
        );

        let state = desk.state()?;
        ensure!(state["selection"].is_null(), "hovering selects");
        ensure!(bottom(desk)? != before, "no details are shown");
        desk.click(InputButton::left)?;
        let hover = state["hover"].clone();
        desk.until("selected", |state| state["selection"] == hover)?;
        // Over an empty part of the screen nothing is hovered, and the selection stays.
        desk.point(1, 1)?;
        let state = desk.state()?;
        ensure!(state["hover"].is_null() && state["selection"] == hover);
        // The arrow is on the screen; its tip is at the position in the state.
        desk.press(QKeyCode::s)?;
        let (_, picture) = desk.picture()?;
        ensure!(picture.pixel(1, 1) == [0; 3] && picture.pixel(2, 4) == [255; 3]);
        desk.click(InputButton::right)?;
        desk.until("out again", |state| state["selection"].is_null())?;
        ensure!(bottom(desk)? == before, "details are still shown");
        Ok(())
    })
}

/// Tests a machine without `vmmouse`: the mouse reports movements, and the window captures it.
fn fallback(kernel: &Kernel) -> Result<()> {
    let hardware = Hardware {
        machine: "pc,vmport=off",
        ..Hardware::USUAL
    };
    desk::sit_at(hardware, kernel, &classroom()?, |desk| {
        let [left, top, width, height] = panel(&desk.state()?, "frame map")?;
        desk.push(left + width / 2, top + height / 3)?;
        hovered(desk)?;
        desk.click(InputButton::left)?;
        desk.until("selected", |state| !state["selection"].is_null())?;
        Ok(())
    })
}

fn click(kernel: &Kernel) -> Result<()> {
    desk::sit(kernel, &classroom()?, |desk| {
        // The names of the views are at the right end of the map's title: in pixels from its right
        // edge, the middle of each name.
        let state = desk.state()?;
        let [left, top, width, _] = panel(&state, "frame map")?;
        for (from_right, mode) in [(135, "heat"), (25, "refs"), (190, "state")] {
            desk.point(left + width - from_right, top + 12)?;
            desk.click(InputButton::left)?;
            desk.until(mode, |state| state["map"]["mode"] == mode)?;
        }
        // The wheel over the map zooms in at the pointer, and out again.
        desk.point(left + width / 2, top + 100)?;
        let whole = number(&desk.state()?, "/map/frames_per_cell")?;
        let under = hovered(desk)?;
        desk.click(InputButton::wheel_up)?;
        let nearer = desk.until("nearer", |state| {
            number(state, "/map/frames_per_cell").is_ok_and(|frames| frames < whole)
        })?;
        let first = number(&nearer, "/map/first_frame")? * 4096;
        ensure!(first <= under, "{under:#x} is not on the map any more");
        desk.click(InputButton::wheel_down)?;
        desk.until("all of it", |state| {
            number(state, "/map/frames_per_cell").is_ok_and(|frames| frames == whole)
        })?;
        // Into the past, one event forward by the wheel, and back.
        let end = number(&desk.state()?, "/timeline/end")?;
        let [left, top, _, height] = panel(&desk.state()?, "timeline")?;
        desk.point(left + 20, top + height / 2)?;
        desk.click(InputButton::left)?;
        let state = desk.until("in the past", |state| state["timeline"]["live"] == false)?;
        let cursor = number(&state, "/timeline/cursor")?;
        ensure!(cursor < end / 10, "{cursor} of {end} events");
        desk.click(InputButton::wheel_up)?;
        desk.until("an event on", |state| {
            state["timeline"]["cursor"] == cursor + 1
        })?;
        desk.click(InputButton::wheel_down)?;
        desk.until("an event back", |state| {
            state["timeline"]["cursor"] == cursor
        })?;
        Ok(())
    })
}

fn keyboard(kernel: &Kernel) -> Result<()> {
    desk::sit(kernel, &classroom()?, |desk| {
        let is_live = |state: &Value| state["timeline"]["live"] == true;
        desk.press_until(QKeyCode::_2, "heat", |state| state["map"]["mode"] == "heat")?;
        desk.press_until(QKeyCode::_7, "the heap", |state| state["board"] == "heap")?;
        desk.press_until(QKeyCode::left, "in the past", |state| !is_live(state))?;
        desk.press_until(QKeyCode::end, "in the present", is_live)
    })
}

/// Tests a French keyboard, on which the key that a US keyboard calls q types a.
fn layouts(kernel: &Kernel) -> Result<()> {
    let mut options = classroom()?;
    options.keyboard = KeyboardChoice::This(KeyboardLayout::French);
    desk::sit(kernel, &options, |desk| {
        let state = desk.state()?;
        ensure!(state["keyboard"] == "fr", "{}", state["keyboard"]);
        // The shell shows the typed line.
        let typed = |first, echo: &str| -> Result<()> {
            desk.write(":")?;
            desk.wait("shell: \"help\"")?;
            for key in [first, QKeyCode::s, QKeyCode::ret] {
                desk.press(key)?;
            }
            desk.wait(&format!("memviz> {echo}"))?;
            desk.write("exit\n")?;
            desk.wait("shell closed")?;
            Ok(())
        };
        typed(QKeyCode::q, "as")?;
        // q twice would power off: here the key types a, which has no command.
        desk.press(QKeyCode::q)?;
        desk.press_until(QKeyCode::q, "French", |state| state["keyboard"] == "fr")?;
        // The next layout is Norwegian; the shell goes back to the US layout.
        desk.press_until(QKeyCode::k, "Norwegian", |state| state["keyboard"] == "no")?;
        typed(QKeyCode::q, "qs")?;
        desk.write(":keyboard de\nexit\n")?;
        desk.until("German", |state| state["keyboard"] == "de")?;
        typed(QKeyCode::y, "zs")
    })
}

fn shell(kernel: &Kernel) -> Result<()> {
    desk::sit(kernel, &classroom()?, |desk| {
        let before = bottom(desk)?;
        desk.write(":help\nscreenshot shell\nexit\n")?;
        let (name, picture) = desk.picture()?;
        ensure!(
            name == "shell" && lower(&picture) != before,
            "it is not seen"
        );
        desk.wait("shell closed")?;
        ensure!(bottom(desk)? == before, "it leaves pixels behind");
        // The machine's own keyboard works too.
        desk.write(":")?;
        desk.wait("shell: \"help\"")?;
        desk.press(QKeyCode::pgup)?;
        desk.press(QKeyCode::p)?;
        desk.press(QKeyCode::s)?;
        desk.press(QKeyCode::ret)?;
        desk.wait("memviz> ps")?;
        desk.press(QKeyCode::esc)?;
        desk.wait("shell closed")?;
        Ok(())
    })
}

/// Returns the first frame of the object under the pointer.
fn hovered(desk: &Desk) -> Result<u64> {
    let state = desk.state()?;
    let words = state["hover"].as_str().context("nothing is hovered")?;
    let address = words.rsplit("0x").next().unwrap_or_default();
    u64::from_str_radix(address, 16).with_context(|| format!("no frame: {words}"))
}

/// Returns the pixels of the lower panels now.
fn bottom(desk: &Desk) -> Result<Vec<[u8; 3]>> {
    desk.press(QKeyCode::s)?;
    Ok(lower(&desk.picture()?.1))
}

/// Returns the lower panels of a picture.
fn lower(picture: &Picture) -> Vec<[u8; 3]> {
    let rows = picture.height * 2 / 3..picture.height * 7 / 8;
    let pixels = rows.flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    pixels.map(|(x, y)| picture.pixel(x, y)).collect()
}

/// Returns where a panel is: left edge, upper edge, width, height.
fn panel(state: &Value, name: &str) -> Result<[i64; 4]> {
    let area = state["panels"].get(name);
    let area = area.with_context(|| format!("no {name} in {}", state["panels"]))?;
    Ok(serde_json::from_value(area.clone())?)
}

fn number(state: &Value, pointer: &str) -> Result<u64> {
    let number = state.pointer(pointer).and_then(Value::as_u64);
    number.with_context(|| format!("no {pointer} in {state}"))
}
