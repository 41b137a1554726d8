//! The names of the lessons, which are the names of their files in the kernel.

use anyhow::{Context, Result};

use crate::build;

/// Returns all names, sorted.
pub fn names() -> Result<Vec<String>> {
    let folder = build::root().join("kernel/src/lessons/scripts");
    let files =
        std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for file in files {
        let file = file?.file_name();
        let name = file.to_string_lossy();
        if let Some(name) = name.strip_suffix(".rs").filter(|&name| name != "mod") {
            names.push(name.replace('_', "-"));
        }
    }
    names.sort();
    Ok(names)
}

/// Checks a name on the command line.
pub fn named(text: &str) -> Result<String, String> {
    let names = names().map_err(|error| format!("{error:#}"))?;
    if names.iter().any(|name| name == text) {
        return Ok(text.into());
    }
    Err(format!(
        "there is no such lesson; there are: {}",
        names.join(", ")
    ))
}
