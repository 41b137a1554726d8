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
    vec![
        test(
            "workloads: kernel and host agree on every placement of every strategy",
            agreement,
        ),
        test(
            "workloads: requests follow keys, pictures and time stamps",
            paces,
        ),
    ]
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
    let found = play(
        kernel,
        &requests,
        "--headless --boot direct --for 1 --memory 48M --arena 1M --workload unset",
    )?;
    let host = workload::results(&requests, 1 << 20)?;
    ensure!(found == host, "kernel {found:#?}, host {host:#?}");
    Ok(())
}

/// Returns the line of each strategy that the kernel has played to the end.
fn play(kernel: &Kernel, requests: &str, arguments: &'static str) -> Result<Vec<String>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(requests.as_bytes())?;
    let scene = Scene {
        name: "workload",
        arguments,
    };
    let mut options = scene.options()?;
    options.workload = Some(file.path().into());
    let run = scene::start(&Way::Direct, kernel, &options, &mut Silent::default())?;
    if let Some(fault) = run.fault() {
        anyhow::bail!("{fault}");
    }
    let lines = run.log.iter();
    let lines = lines.filter_map(|line| line.strip_prefix("[kernel] workload "));
    let lines = lines.filter(|line| line.contains("placements"));
    Ok(lines.map(str::to_string).collect())
}

/// Requests of a second: 17 of them, with the pauses between their time stamps.
fn paces(kernel: &Kernel) -> Result<()> {
    let mut requests = String::from("time,op,id,bytes,align,tag\n");
    for number in 0..17 {
        requests += &format!("{},malloc,{number},64,,\n", number * 50_000);
    }
    for (arguments, ended) in [
        // 17 requests. The last one stays on the screen, though 20 are allowed.
        (
            "--headless --boot direct --for 1 --memory 48M --workload unset --pace hand --keys ],]",
            0,
        ),
        // The next key ends the strategy, and the following one begins.
        (
            "--headless --boot direct --for 3 --memory 48M --workload unset --pace hand \
             --keys .,],.,.,.,.,.,space,.",
            1,
        ),
        // 60 pictures have room for 17 requests of three strategies.
        (
            "--headless --boot direct --for 1 --memory 48M --workload unset --pace request",
            3,
        ),
        // The last request of the first strategy comes after 0.8 s.
        (
            "--headless --boot direct --for 1 --memory 48M --workload unset --pace stamp",
            1,
        ),
    ] {
        let found = play(kernel, &requests, arguments)?.len();
        ensure!(found == ended, "{found} strategies: {arguments}");
    }
    Ok(())
}
