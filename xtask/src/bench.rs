//! `bench`: what things cost, in instructions of the guest. They are counted, so they repeat from
//! run to run, whatever else this machine is doing.

use anyhow::{Result, bail, ensure};

use crate::boot::Way;
use crate::scene::{self, Scene, Silent};
use crate::serial::{self, Marker};
use crate::{build, setup};

pub fn bench() -> Result<()> {
    setup::setup()?;
    let kernel = build::kernel()?;
    let scene = Scene {
        name: "bench",
        arguments: "--cmdline mode=selftest",
    };
    let run = scene::start(
        &Way::Direct,
        &kernel,
        &scene.options()?,
        &mut Silent::default(),
    )?;
    if let Some(fault) = run.fault() {
        bail!("{fault}\n{}", serial::tail(&run.log));
    }
    let costs: Vec<(&str, u64)> = run.log.iter().filter_map(|line| cost(line)).collect();
    ensure!(
        !costs.is_empty(),
        "the kernel printed no costs\n{}",
        serial::tail(&run.log)
    );
    let width = costs
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    println!("{:width$} {:>14}", "", "instructions");
    for (name, instructions) in costs {
        println!("{name:width$} {:>14}", grouped(instructions));
    }
    Ok(())
}

fn cost(line: &str) -> Option<(&str, u64)> {
    match Marker::parse(line)? {
        Marker::Cost { name, instructions } => Some((name, instructions)),
        _ => None,
    }
}

/// With a comma every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (7_123_456, "7,123,456"),
            (10_000, "10,000"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}
