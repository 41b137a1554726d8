//! Unit, property and documentation tests: they need no machine. `just lint` reads the source.

use std::env;

use crate::build::{cargo, run_quietly};
use crate::runner::{Test, Verdict};

/// The variable that chooses the cases of the property tests.
const SEED: &str = "PROPTEST_RNG_SEED";

/// One test for all crates: a build for one package alone would choose other features of the
/// dependencies, and compile them again.
pub fn tests() -> Vec<Test> {
    let name = "host: unit tests of mm, memviz, tracefile, web, window and xtask";
    vec![Test::new(name, || {
        // The same cases in each run: a commit that passed here passes again. `cargo test` and
        // another seed try other cases.
        let seed = env::var_os(SEED).unwrap_or_else(|| "1".into());
        run_quietly(cargo().arg("test").env(SEED, seed))?;
        Ok(Verdict::Passed)
    })]
}
