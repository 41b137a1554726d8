//! Heap workloads: a process in the booted kernel gets the blocks that the host computes.

use std::io::Write;

use anyhow::{Result, ensure};

use crate::boot::Way;
use crate::build::Kernel;
use crate::runner::{Test, Verdict};
use crate::scene::{self, Scene, Silent};
use crate::workload;

pub fn tests(kernel: &'static Kernel) -> Vec<Test> {
    let test = |name, run: fn(&Kernel) -> Result<()>| {
        Test::new(name, move || run(kernel).map(|()| Verdict::Passed))
    };
    vec![test(
        "workloads: kernel and host agree on every placement of every strategy",
        agreement,
    )]
}

/// Returns requests of all kinds, including corruption: more than the arena has room for.
fn requests() -> String {
    let mut state = 1_u32;
    let mut random = |bound: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % bound
    };
    let mut text = String::new();
    for _ in 0..600 {
        let (id, doubling) = (random(80), random(16));
        let bytes = random(2 << doubling);
        text += &match random(5) {
            0 | 1 => format!("a {id} {bytes}\n"),
            2 => format!("r {id} {bytes}\n"),
            _ => format!("f {id}\n"),
        };
    }
    format!("0\n80\n600\n1\n{text}")
}

fn agreement(kernel: &Kernel) -> Result<()> {
    let requests = requests();
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(requests.as_bytes())?;
    let scene = Scene {
        name: "workload",
        arguments: "--headless --boot direct --for 1 --memory 48M --arena 1M --workload unset",
    };
    let mut options = scene.options()?;
    options.workload = Some(file.path().into());
    let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
    if let Some(fault) = run.fault() {
        anyhow::bail!("{fault}");
    }
    let lines = run.log.iter();
    let lines = lines.filter_map(|line| line.strip_prefix("[kernel] workload "));
    let found: Vec<&str> = lines.filter(|line| line.contains("placements")).collect();
    let host = workload::results(&requests, 1 << 20)?;
    ensure!(found == host, "kernel {found:#?}, host {host:#?}");
    Ok(())
}
