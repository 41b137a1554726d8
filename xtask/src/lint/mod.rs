//! `lint`: every check that reads the source and boots no machine.
//!
//! ```text
//! tools      rustfmt, clippy, rustdoc, cargo-deny
//! imports    circles of files, arrows against the layers
//! form       lengths of files and functions, columns, white space, words, capacities
//! exceptions the files and functions that may be longer, each with its reason
//! ```

mod exceptions;
mod form;
mod imports;
mod tools;

use anyhow::Result;

use crate::runner::{self, Test, Verdict};
use crate::setup;

/// Runs the checks whose names contain `filter`.
pub fn run(filter: &str) -> Result<()> {
    setup::components(&["rustfmt", "clippy"])?;
    let mut checks = form_and_imports();
    checks.extend(tools::checks());
    runner::run(checks, filter)
}

fn form_and_imports() -> Vec<Test> {
    type Check = (&'static str, fn() -> Result<()>);
    let checks: [Check; 6] = [
        (
            "imports have no circle and keep to the layers",
            imports::check,
        ),
        ("files and functions are short", form::lengths),
        ("comments keep to 100 columns", form::columns),
        (".editorconfig is obeyed", form::editorconfig),
        ("words are plain and sentences short", form::words),
        ("every capacity is in docs/limits.md", form::limits),
    ];
    let test = |(name, check): Check| {
        Test::new(format!("lint: {name}"), move || {
            check().map(|()| Verdict::Passed)
        })
    };
    checks.map(test).into()
}
