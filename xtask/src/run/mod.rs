//! `run`: the demo in a window; without a display, pictures of it.

mod terminal;
mod words;

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use memviz::input::keyboard_layout::KeyboardLayout;
use terminal::Terminal;
pub use words::Words;

use crate::boot::Way;
use crate::capture::Capture;
use crate::display::Display;
use crate::keyboard::HostLayout;
use crate::machine::{self, End, Hardware, Limits, Machine, Pace, Run};
use crate::options::{DiskSize, KeyboardChoice, Memory, Resolution, ResolutionChoice, RunOptions};
use crate::{build, setup, signals};

/// The duration of the demo without a user, in seconds of guest time.
pub const DEMO_SECONDS: u32 = 20;

/// With less memory, Limine finds no room beside OVMF's allocations.
const LEAST_FOR_UEFI: Memory = Memory::from_mib(128);

pub fn run(options: &RunOptions) -> Result<()> {
    setup::setup()?;
    let window = match options.headless {
        true => None,
        false => window()
            .inspect_err(|error| println!("headless: {error:#}"))
            .ok(),
    };
    let headless = window.is_none();
    let mut options = options.clone();
    if let Some((display, _)) = &window {
        let fitting = |(width, height)| Resolution::fitting(width, height);
        let fitting = display.room().map_or(Resolution::USUAL, fitting);
        options.resolution = ResolutionChoice::This(options.resolution.or(fitting));
        options.keyboard = keyboard(options.keyboard);
        options.swap = options.swap.or(disk(&options));
        println!(
            "mouse: it enters and leaves the window freely; if the window captures it, Ctrl+Alt+G releases it"
        );
    }
    let way = Way::choose(options.boot)?;
    let pace = pace(&options, headless, way.repeats());
    if headless && options.lasts().is_none() && !(pace == Pace::Typist && is_in_hand(&options)) {
        options.seconds = Some(DEMO_SECONDS.max(options.keys.seconds() + 1));
    }
    if headless && way.repeats() && options.keys.is_empty() && std::io::stdin().is_terminal() {
        println!("{}", about(pace));
    }
    warn_about_memory(&way, options.memory);
    let map = options.memory_map.as_ref();
    if let Some(note) = map.and_then(|map| map.note(options.memory.bytes())) {
        println!("{note}");
    }
    let words = Words::new(&options)?;
    let kernel = build::kernel()?;
    let machine = Machine {
        boot: way.boot(&kernel, &words.cmdline)?,
        files: words.files,
        memory: options.memory,
        clock: machine::clock(options.accel, pace)?,
        window: window.map(|(_, window)| window),
        hardware: Hardware::USUAL,
        capture: capture(&options, &kernel, &words.cmdline),
        swap: options.swap.map(|size| size.bytes()),
    };
    let timeouts = options.lasts().map(limits);
    let wanted = options.screenshot.clone();
    let mut terminal = Terminal::new(options, window.map(|(display, _)| display))?;
    let ended = machine::run(&machine, &mut terminal, timeouts)?;
    ensure!(
        !headless || ended.end != End::Closed,
        "{}",
        signals::INTERRUPTED_WORDS
    );
    report(&ended, &terminal, wanted.as_deref())?;
    if let Some(captured) = ended.captured {
        println!("{captured}");
    }
    Ok(())
}

/// Returns what to capture of a run with these options.
pub fn capture(options: &RunOptions, kernel: &build::Kernel, cmdline: &str) -> Option<Capture> {
    options.trace.as_ref().map(|file| Capture {
        file: file.clone(),
        symbols: kernel.symbols.clone(),
        cmdline: cmdline.into(),
    })
}

/// Returns the first failure of a run, if there is one.
fn report(ended: &Run, terminal: &Terminal, wanted: Option<&Path>) -> Result<()> {
    if let Some(fault) = ended.fault() {
        // The serial line was shown.
        bail!("{fault}");
    }
    if let [first, others @ ..] = terminal.failures() {
        let more = match others.len() {
            0 => String::new(),
            count => format!(" (and {count} more like it)"),
        };
        bail!("the run went well, but {first}{more}");
    }
    if let Some(path) = wanted.filter(|_| terminal.pictures() == 0) {
        bail!(
            "no picture was taken, so there is no {}: the machine shows none, or was off before it was complete",
            path.display()
        );
    }
    Ok(())
}

/// Returns the display, and the kind of window that this QEMU can open on it.
fn window() -> Result<(Display, machine::Window)> {
    let display = Display::find()?;
    setup::windows()?;
    let kind = machine::window_kind()?;
    // Only such a window can be enlarged. A window that zooms opens small, so it must be enlarged.
    let zoom = kind == "gtk" && display.knows_its_size();
    Ok((display, machine::Window { kind, zoom }))
}

/// Returns the disk of a machine in a window. A replay or a workload may need more room than the
/// disk of the demo has. A run without a window repeats to the bit, and a disk would not.
fn disk(options: &RunOptions) -> Option<DiskSize> {
    let is_demo = options.references.is_none() && options.workload.is_none();
    is_demo.then_some(DiskSize::DEMO)
}

/// Returns the keyboard layout for a window, and prints that of the host.
fn keyboard(choice: KeyboardChoice) -> KeyboardChoice {
    let (KeyboardChoice::Auto, Some(host)) = (choice, HostLayout::find()) else {
        return choice;
    };
    match host.known() {
        Some(KeyboardLayout::Us) => choice,
        Some(layout) => {
            println!("keyboard: {layout}, as on this host ({host}); --keyboard names another");
            KeyboardChoice::This(layout)
        }
        None => {
            println!(
                "keyboard: us, because memviz has no layout for {host}; --keyboard names another"
            );
            choice
        }
    }
}

fn warn_about_memory(way: &Way, memory: Memory) {
    if matches!(way, Way::Uefi(..)) && memory < LEAST_FOR_UEFI {
        eprintln!(
            "Limine on UEFI needs at least {LEAST_FOR_UEFI}, measured with Limine 8.2 and OVMF 2022.11"
        );
    }
}

/// Returns the pace. A run with a picture, with keys or with a length must repeat; in a plain run
/// the user may type.
fn pace(options: &RunOptions, headless: bool, repeats: bool) -> Pace {
    let asks_for_nothing =
        options.lasts().is_none() && options.screenshot.is_none() && options.keys.is_empty();
    match (repeats, headless) {
        (true, true) if asks_for_nothing && std::io::stdin().is_terminal() => Pace::Typist,
        (true, true) => Pace::Repeatable,
        (true, false) if !options.keys.is_empty() => Pace::Repeatable,
        _ => Pace::Watcher,
    }
}

/// Returns whether the machine waits for the user, in a classroom or in the shell.
fn is_in_hand(options: &RunOptions) -> bool {
    let mut words = options.cmdline.split_whitespace();
    options.step || words.any(|word| matches!(word, "mode=classroom" | "mode=shell"))
}

/// Explains the machine's clock to a user at the terminal.
fn about(pace: Pace) -> &'static str {
    match pace {
        Pace::Typist => "keys typed here go to the machine: its clock waits for you",
        Pace::Repeatable | Pace::Watcher => {
            "the machine's clock runs as fast as it can, too fast to type: --keys acts at exact times"
        }
    }
}

/// Returns the timeouts for a run of this many guest seconds on the slowest supported host.
pub fn limits(seconds: u32) -> Limits {
    Limits {
        run: Duration::from_secs(60) + 10 * Duration::from_secs(seconds.into()),
        silence: Duration::from_secs(300),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Scene;

    #[test]
    fn the_demo_has_a_disk_and_a_workload_has_none() {
        let disk = |arguments| {
            let scene = Scene {
                name: "",
                arguments,
            };
            disk(&scene.options().expect("valid options"))
        };
        assert_eq!(disk(""), Some(DiskSize::DEMO));
        assert_eq!(disk("--lesson swap"), Some(DiskSize::DEMO));
        assert_eq!(disk("--workload docs/workloads/small.txt"), None);
    }
}
