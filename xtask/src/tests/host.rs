//! Unit, property and documentation tests: they need no machine. `just lint` reads the source.

use crate::build;
use crate::runner::{Test, Verdict};

/// One test for all crates: a build for one package alone would choose other features of the
/// dependencies, and compile them again.
pub fn tests() -> Vec<Test> {
    let name = "host: unit tests of mm, memviz, tracefile, web, window and xtask";
    vec![Test::new(name, || {
        build::run_cargo(&["test"])?;
        Ok(Verdict::Passed)
    })]
}
