//! The size of tests: less of everything under Miri.

use proptest::prelude::ProptestConfig;

/// Runs `cases` cases, and two under Miri. The environment variable `PROPTEST_CASES` overrides it.
pub fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return default;
    }
    let cases = if cfg!(miri) { 2 } else { cases };
    ProptestConfig { cases, ..default }
}

/// Returns the largest length of a random sequence: `most`, or an eighth of a long one under Miri.
pub const fn steps(most: usize) -> usize {
    if cfg!(miri) && most > 20 {
        most / 8
    } else {
        most
    }
}

/// Returns this many default values. It copies them in blocks, which Miri does at once; `vec!`
/// writes each, which takes it seconds.
pub fn defaults<T: Copy + Default>(count: usize) -> Vec<T> {
    [T::default()].repeat(count)
}
