//! The host tool of memviz: sets the host up, builds, boots in QEMU, takes pictures, tests.
//!
//! `just X …` and `cargo xtask X …` are the same. Exit status: 0 for success; 1 for a failure (a
//! panic, a failed check, a triple fault, a missing tool), with the reason on standard error; 2 for
//! wrong arguments and malformed input files. `diff` has its own: 0 for no difference, 1 for any, 2
//! for a failure.

mod bench;
mod boot;
mod build;
mod capture;
mod closed_pipe;
mod diff;
mod display;
mod export;
mod files;
mod fonts;
mod html;
mod keyboard;
mod lessons;
mod lint;
mod machine;
mod matrix;
mod memory_map;
mod moment;
mod numbers;
mod options;
mod pictures;
mod play;
mod policies;
mod record;
mod references;
mod release;
mod run;
mod runner;
mod scene;
mod screenshots;
mod serial;
mod setup;
mod signals;
mod slides;
mod tests;
mod trace;
mod tty;
mod verify;
mod web;
mod workload;

use std::process::ExitCode;

use clap::Parser;
use options::{Command, Options};
use tracefile::TraceError;

/// Makes relative paths relative to the folder in which the user typed the command. `just` runs the
/// tool in another folder and passes that one.
fn stand_where_the_user_does() {
    if let Some(folder) = std::env::var_os("MEMVIZ_CALLED_FROM")
        && let Err(error) = std::env::set_current_dir(&folder)
    {
        eprintln!("warning: cannot enter {}: {error}", folder.display());
    }
}

/// Returns whether the reason for an error is a malformed input file.
fn is_bad_input(error: &anyhow::Error) -> bool {
    let trace = error.downcast_ref::<TraceError>();
    error.is::<references::BadInput>()
        || trace.is_some_and(|error| !matches!(error, TraceError::Io(_)))
}

/// Returns the status of `diff`: 0 for no difference, 1 for one, 2 for an error.
fn finish_diff(outcome: anyhow::Result<bool>) -> ExitCode {
    match outcome {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn main() -> ExitCode {
    closed_pipe::end_quietly();
    stand_where_the_user_does();
    let options = Options::parse();
    let outcome = match options.command {
        Command::Run(options) => match &options.animation {
            Some(file) => slides::animate(&options, file),
            None => run::run(&options),
        },
        Command::Play(options) => play::play(&options),
        Command::Diff(options) => return finish_diff(diff::diff(&options)),
        Command::Export(options) => export::export(&options),
        Command::Web(options) => web::web(&options),
        Command::Fonts => fonts::make(&build::root().join("fonts")).map_err(Into::into),
        Command::Test { filter, bless } => tests::run(&filter, bless),
        Command::Screenshots => screenshots::screenshots(),
        Command::Slides(options) => slides::slides(&options),
        Command::Figure(options) => slides::figure::figure(&options),
        Command::Bench(options) => bench::bench(&options),
        Command::Policies(options) => policies::policies(&options),
        Command::Workload(options) => workload::workload(&options),
        Command::Record(options) => record::record(&options),
        Command::Lint { filter } => lint::run(&filter),
        Command::Matrix { filter } => matrix::matrix(&filter),
        Command::Iso => boot::iso().map(drop),
        Command::Release => release::release(),
        Command::Fuzz { seconds, filter } => verify::fuzz(seconds, &filter),
        Command::Loom => verify::loom(),
        Command::Miri { filter } => verify::miri(&filter),
        Command::Soak { seconds } => verify::soak(seconds),
        Command::Churn { operations, swap } => verify::churn(operations, swap),
        Command::Mutants { options } => verify::mutants(&options),
        Command::Setup => setup::everything(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            match is_bad_input(&error) {
                true => ExitCode::from(2),
                false => ExitCode::FAILURE,
            }
        }
    }
}
