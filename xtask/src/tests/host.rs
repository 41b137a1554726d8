//! Unit, property and documentation tests: they need no machine. `just lint` reads the source.

use crate::build;
use crate::runner::{Test, Verdict};

pub fn tests() -> Vec<Test> {
    let packages = ["mm", "memviz", "tracefile", "web", "xtask"].map(|package| {
        Test::new(format!("host: {package}"), move || {
            build::run_cargo(&["test", "--package", package])?;
            Ok(Verdict::Passed)
        })
    });
    packages.into()
}
