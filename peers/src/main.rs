//! Measures `mm` and `memviz` beside published crates of the same purpose.
//!
//! ```text
//! contest   what is compared: rows, contenders     measure   one run: interleaved samples
//! contests/ one file or folder a contest           results   medians and ratios over the runs
//! report/   text, picture                          main      starts the runs as processes
//! ```
//! Every contender is checked before it is timed. A run is a process of its own, so that the
//! addresses of code and data differ between runs. Ratios are taken within a run, sample by
//! sample: load of the machine meets all contenders alike.

mod contest;
mod contests;
mod measure;
mod report;
mod results;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use contest::Contest;
use contests::CONTESTS;
use measure::Run;
use results::Results;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Measures memviz's parts beside published crates.
#[derive(Parser)]
struct Options {
    /// Only this contest; all of them by default
    #[arg(value_name = "CONTEST")]
    contest: Option<String>,
    /// Only rows whose names contain this
    #[arg(long, value_name = "S", default_value = "")]
    row: String,
    /// Number of runs, each in a process of its own
    #[arg(long, default_value_t = 8)]
    runs: usize,
    /// Samples of each contender and row in a run
    #[arg(long, default_value_t = 15)]
    samples: usize,
    /// Prints every contender, not only the best peer and memviz
    #[arg(long)]
    every: bool,
    /// File for all figures
    #[arg(long, value_name = "FILE.json")]
    json: Option<PathBuf>,
    /// Folder for a picture of each contest
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,
    /// Makes one run of the contest and prints it: what each process does
    #[arg(long, hide = true)]
    one_run: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let wanted = |contest: &&Contest| options.contest.as_deref().is_none_or(|n| n == contest.name);
    let contests: Vec<&Contest> = CONTESTS.iter().copied().filter(wanted).collect();
    if contests.is_empty() {
        let names = CONTESTS.map(|contest| contest.name).join(", ");
        bail!("no such contest; there are {names}");
    }
    ensure!(
        options.runs > 0 && options.samples > 0,
        "nothing to measure"
    );
    if options.one_run {
        for contest in contests {
            let run = measure::run(contest, &options.row, options.samples);
            println!("{}", serde_json::to_string(&run)?);
        }
        return Ok(());
    }
    let mut all = vec![];
    for contest in contests {
        for contender in contest.contenders {
            let checked = (contender.check)();
            checked.map_err(|wrong| anyhow::anyhow!("{}: {wrong}", contender.name))?;
        }
        let runs: Result<Vec<Run>> = (1..=options.runs)
            .map(|n| start(contest, &options, n))
            .collect();
        let results = Results::of(contest, &runs?);
        print!("{}", report::text::table(contest, &results, options.every));
        if let Some(folder) = &options.pictures {
            let file = folder.join(format!("peers-{}.svg", contest.name));
            std::fs::write(&file, report::picture::svg(contest, &results))
                .with_context(|| format!("writing {}", file.display()))?;
        }
        all.push(results);
    }
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_string_pretty(&all)?)
            .with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

/// Makes one run in a process of its own.
fn start(contest: &Contest, options: &Options, number: usize) -> Result<Run> {
    eprintln!("{}: run {number} of {}", contest.name, options.runs);
    let output = Command::new(std::env::current_exe()?)
        .args([contest.name, "--one-run", "--row", &options.row])
        .args(["--samples", &options.samples.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(
        output.status.success(),
        "run {number} of {} failed",
        contest.name
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}
