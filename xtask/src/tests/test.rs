//! A test: its name, how it runs, and its verdict.

use anyhow::Result;

/// What a test can say besides failing.
pub enum Verdict {
    Passed,
    Skipped(String),
}

/// A name, `area: what holds`, and what shows it.
pub struct Test {
    pub name: String,
    pub run: Box<dyn Fn() -> Result<Verdict>>,
}

impl Test {
    pub fn new(name: impl Into<String>, run: impl Fn() -> Result<Verdict> + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}
