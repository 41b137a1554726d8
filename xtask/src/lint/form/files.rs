//! The text files of the project, as git lists them.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::build;

/// A text file.
pub struct Text {
    /// Below the root of the workspace, with `/`.
    pub path: String,
    pub text: String,
}

impl Text {
    #[cfg(test)]
    pub fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
}

/// Returns every text file that is part of the project, or will be when it is committed.
pub fn texts() -> Result<Vec<Text>> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(build::root())
        .output()
        .context("cannot start git")?;
    ensure!(
        output.status.success(),
        "git lists no files: is this a clone?"
    );
    let paths = String::from_utf8(output.stdout).context("a file name that is not text")?;
    let mut texts = Vec::new();
    for path in paths.split_terminator('\0') {
        // Git lists a removed file until the removal is committed. Pictures are not text.
        let Ok(bytes) = std::fs::read(build::root().join(path)) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes)
            && !text.contains('\0')
        {
            let path = path.into();
            texts.push(Text { path, text });
        }
    }
    Ok(texts)
}
