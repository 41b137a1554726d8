//! `matrix`: boots the kernel on many machines, and writes the table of `docs/machines.md`.
//!
//! ```text
//! axes ──► cells (every pair at least once) ──► boot ──► Outcome ──► a row of the table
//! ```
//! Each cell shows the dashboard or is refused in one readable line. A reset, a hang, a failed test
//! or a mismatch is an error, and the table stays as it was.

mod cells;
mod outcome;
mod table;

use std::time::Instant;

use anyhow::{Context, Error, Result, ensure};

use crate::boot::Way;
use crate::build::{self, Kernel};
use crate::machine::{Hardware, Run};
use crate::memory_map::MapFile;
use crate::options::{BootChoice, RunOptions};
use crate::scene::{self, Scene, Silent};
use crate::{serial, setup};
use cells::{Cell, Firmware};
pub use outcome::Outcome;

/// Boots every cell whose row contains `filter`. Writes the table if all cells were booted.
pub fn matrix(filter: &str) -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let cells = cells::cells();
    let mut rows = Vec::new();
    let mut failed = 0;
    for cell in cells
        .iter()
        .filter(|cell| cell.to_string().contains(filter))
    {
        let start = Instant::now();
        let result = match way(cell.firmware) {
            Ok(way) => boot(&kernel, &way, cell).and_then(|run| {
                Outcome::of(&run).map_err(|error| error.context(serial::tail(&run.log)))
            }),
            Err(reason) => Ok(Outcome::Skipped(format!("{reason:#}"))),
        };
        let seconds = start.elapsed().as_secs();
        match result {
            Ok(outcome) => {
                println!("✓ {cell}: {outcome} ({seconds} s)");
                rows.push((cell, outcome));
            }
            Err(error) => {
                println!("✗ {cell} ({seconds} s): {error:?}");
                failed += 1;
            }
        }
    }
    println!("{} machines booted or refused, {failed} failed", rows.len());
    ensure!(failed == 0, "{failed} machines failed");
    let is_whole = rows.len() == cells.len()
        && !rows
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::Skipped(_)));
    match is_whole {
        true => table::write(&rows),
        false => {
            println!("docs/machines.md is unchanged: some machines were left out or skipped");
            Ok(())
        }
    }
}

fn way(firmware: Firmware) -> Result<Way> {
    Way::available(match firmware {
        Firmware::None => BootChoice::Direct,
        Firmware::Bios => BootChoice::Bios,
        Firmware::Uefi => BootChoice::Uefi,
    })
}

/// Boots the machine of this cell, for one second of guest time.
fn boot(kernel: &Kernel, way: &Way, cell: &Cell) -> Result<Run> {
    let hardware = Hardware {
        cpu: cell.cpu.model,
        machine: cell.machine.kind,
        display: Hardware::USUAL.display.filter(|_| cell.machine.has_display),
        disk_errors: &[],
    };
    let mut options = options(cell.memory.size)?;
    if let Some(map) = cell.memory.map {
        let path = build::root().join(map);
        let path = path
            .to_str()
            .context("the path of the workspace is no text")?;
        options.memory_map = Some(MapFile::read(path).map_err(Error::msg)?);
    }
    scene::start_on(hardware, way, kernel, &options, &mut Silent::default())
}

/// Boots a machine straight from QEMU, for one second of guest time.
pub fn boot_direct(hardware: Hardware, kernel: &Kernel, memory: &str) -> Result<Run> {
    let (way, options) = (Way::Direct, options(memory)?);
    scene::start_on(hardware, &way, kernel, &options, &mut Silent::default())
}

fn options(memory: &str) -> Result<RunOptions> {
    let scene = Scene {
        name: "machines",
        arguments: "--for 1 --resolution 800x600",
    };
    let mut options = scene.options()?;
    options.memory = memory.parse().map_err(Error::msg)?;
    Ok(options)
}
