//! The Rust files of the workspace, and the crates that cargo builds from them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::build;

/// One crate: a library, a program, an example.
pub struct Target {
    pub name: String,
    /// True if this is the library or the program of its package, and not an example or a test.
    pub is_main: bool,
    /// The file with the root module.
    pub root: PathBuf,
}

/// Every Rust file, by its path below the root of the workspace.
pub struct Sources(BTreeMap<PathBuf, String>);

impl Sources {
    /// Returns all files of the packages that cargo knows.
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        for target in targets()? {
            let package = target
                .root
                .iter()
                .next()
                .context("a root without a folder")?;
            read_folder(root, Path::new(package), &mut files)?;
        }
        Ok(Self(files))
    }

    #[cfg(test)]
    pub fn from_files(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| (path.into(), (*text).into());
        Self(files.iter().map(own).collect())
    }

    pub fn get(&self, path: &Path) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.keys()
    }
}

fn read_folder(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    let entries = std::fs::read_dir(root.join(folder))
        .with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if entry.file_name() != "target" {
                read_folder(root, &path, files)?;
            }
        } else if path.extension() == Some("rs".as_ref()) && !is_build_script(&path) {
            files.insert(path, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

/// Returns whether a file is a build script, which is a crate of one file: `PACKAGE/build.rs`.
fn is_build_script(path: &Path) -> bool {
    path.ends_with("build.rs") && path.components().count() == 2
}

/// Returns the crates of the workspace, as cargo lists them.
pub fn targets() -> Result<Vec<Target>> {
    let output = build::cargo()
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "cargo cannot read the manifests");
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let lists = packages
        .iter()
        .filter_map(|package| package["targets"].as_array());
    lists
        .flatten()
        .filter(|target| target["kind"][0] != "custom-build")
        .map(target)
        .collect()
}

fn target(target: &Value) -> Result<Target> {
    let root = target["src_path"].as_str().context("no src_path")?;
    let root = Path::new(root).strip_prefix(build::root())?;
    Ok(Target {
        name: target["name"].as_str().context("no name")?.into(),
        is_main: matches!(target["kind"][0].as_str(), Some("lib" | "bin")),
        root: root.into(),
    })
}
