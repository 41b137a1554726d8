//! The number of cases of a property test.

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
