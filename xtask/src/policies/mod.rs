//! `policies`: hits and faults of every replacement policy for a reference string.
//!
//! ```text
//! FILE ──input──► pages, references ──faults──► counts ──► table or JSON on standard output
//!                                                 └──────► curves: faults over frames, as SVG
//! ```
//! The counts come from the policies that the kernel uses, without a machine.

mod faults;

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use crate::numbers::grouped;
use crate::options::PoliciesOptions;
use crate::pictures::chart::{Chart, Series};
use crate::references::{self, ReferenceString};
use crate::{build, files};
use faults::Storage;

/// The counts of one policy with one number of frames.
#[derive(Serialize)]
struct Row {
    policy: &'static str,
    frames: usize,
    references: u64,
    hits: u64,
    faults: u64,
}

pub fn policies(options: &PoliciesOptions) -> Result<()> {
    let string = references::read_file(&options.file, options.fetches)?;
    let rows = rows(options, &string);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(options, &string, &rows);
    }
    if let Some(path) = picture(options) {
        let chart = chart(options, &string, &rows);
        files::replace_with(&path, chart.svg().as_bytes())?;
        eprintln!("curves: {}", path.display());
    }
    Ok(())
}

/// Returns a row for each policy and number of frames, grouped by policy.
fn rows(options: &PoliciesOptions, string: &ReferenceString) -> Vec<Row> {
    let mut storage = Storage::new(string, options.seed);
    let mut rows = Vec::new();
    for policy in mm::reclaim::POLICIES {
        for frames in options.frames.numbers() {
            let counts = storage.count(string, policy, frames);
            rows.push(Row {
                policy: policy.name(),
                frames,
                references: string.references.len() as u64,
                hits: counts.hits,
                faults: counts.faults,
            });
        }
    }
    rows
}

/// Returns the counts in the words of the kernel, for a test.
pub fn results(string: &str, frames: &str) -> Result<Vec<String>> {
    let string = references::read(string.as_bytes(), false)?;
    let options = PoliciesOptions {
        file: PathBuf::new(),
        frames: frames.parse().map_err(anyhow::Error::msg)?,
        json: true,
        picture: None,
        fetches: false,
        seed: 1,
    };
    let words = |row: &Row| {
        format!(
            "{}, frames {}, policy {}: {} hits, {} faults",
            row.references, row.frames, row.policy, row.hits, row.faults
        )
    };
    Ok(rows(&options, &string).iter().map(words).collect())
}

fn print(options: &PoliciesOptions, string: &ReferenceString, rows: &[Row]) {
    println!(
        "{} references to {} pages. Page faults with each number of frames:",
        grouped(string.references.len() as u64),
        grouped(string.pages.len() as u64)
    );
    let width = rows.iter().map(|row| row.faults.to_string().len()).max();
    let width = width.unwrap_or(0).max(3);
    print!("\n{:8}", "frames");
    for frames in options.frames.numbers() {
        print!(" {frames:>width$}");
    }
    println!();
    for policy in mm::reclaim::POLICIES {
        print!("{:8}", policy.name());
        for row in rows.iter().filter(|row| row.policy == policy.name()) {
            print!(" {:>width$}", row.faults);
        }
        println!("  {}", policy.rule());
    }
    println!("\nHits are references minus faults.");
}

/// Returns the file for the curves. JSON is for programs, which get a picture only if they name its
/// file.
fn picture(options: &PoliciesOptions) -> Option<PathBuf> {
    let usual = || (!options.json).then(|| build::root().join("target/policies.svg"));
    options.picture.clone().or_else(usual)
}

fn chart(options: &PoliciesOptions, string: &ReferenceString, rows: &[Row]) -> Chart {
    let series = |policy: &dyn mm::reclaim::Policy| Series {
        name: policy.name().into(),
        points: rows
            .iter()
            .filter(|row| row.policy == policy.name())
            .map(|row| (row.frames as f64, row.faults as f64))
            .collect(),
    };
    let name = options.file.file_name().unwrap_or_default();
    Chart {
        title: format!(
            "Page faults of {} references: {}",
            grouped(string.references.len() as u64),
            name.to_string_lossy()
        ),
        across: "frames".into(),
        up: "page faults".into(),
        series: mm::reclaim::POLICIES.into_iter().map(series).collect(),
    }
}
