//! The import check: no circle of files inside a crate, and no import against the layers.
//!
//! # What an arrow is
//!
//! An arrow runs from file A to file B when code in A names an item that B defines or re-exports:
//!
//! - `use a::X`, and `a::X` in a function, type, pattern or macro call, where file `a` has the `X`.
//! - `a::X` where `a` only re-exports the `X`: an arrow to `a`, and from `a` to the origin.
//! - `use super::X` in a child, where the `X` is defined or imported in the parent's own file.
//! - `use a::*`: an arrow to `a`. `pub use a` of a module: an arrow to `a`.
//! - `check!(…)`: an arrow to the file with the `macro_rules!` of that name.
//!
//! These are no arrows:
//!
//! - `mod child;`, and a path through a module: `a::b::X` says nothing about the file of `a`.
//! - `use a` of a module: what the code then takes from `a` is an arrow.
//! - Tests: items under `#[cfg(test)]` or `#[test]` may use everything.
//! - Method calls: they carry no path. The type that has the method was named somewhere.
//!
//! Alternatives under `cfg` all count. A name that a macro makes is taken to be in the file of its
//! module. A file that no module declaration reaches is an error, so that no file is overlooked.
//!
//! ```text
//! files ──tree──► modules ──resolve──► arrows ──► circles
//!                    and their paths                    └──► layers
//! ```

mod arrows;
mod circles;
mod layers;
mod modules;
mod paths;
mod resolve;
mod sources;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use layers::Layers;
use sources::{Sources, Target};

/// Crates that still have circles or arrows against the layers: how many files stand in circles,
/// and how many arrows go against the layers (modules without a layer count among them). These
/// numbers may only fall; a crate with none of either is removed from the list.
const OPEN: &[(&str, usize, usize)] = &[];

/// What is wrong with one crate.
#[derive(Default, Debug)]
struct Findings {
    /// Each circle, file by file.
    circles: Vec<String>,
    files_in_circles: usize,
    /// Each arrow against the layers.
    against: Vec<String>,
    /// Modules without a layer.
    homeless: Vec<String>,
}

/// Checks every crate of the workspace.
pub fn check() -> Result<()> {
    let sources = Sources::read(crate::build::root())?;
    let mut wrong = Vec::new();
    let mut reached = BTreeSet::new();
    for target in sources::targets()? {
        let layers = layers::of(&target)?;
        let findings = find(&sources, &target, layers, &mut reached)?;
        wrong.extend(judge(&target.name, &findings, OPEN));
    }
    wrong.extend(unreached(&sources, &reached));
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Reads one crate and finds its circles and its arrows against the layers.
fn find(
    sources: &Sources,
    target: &Target,
    layers: Option<Layers>,
    reached: &mut BTreeSet<PathBuf>,
) -> Result<Findings> {
    let tree = tree::read(sources, &target.root)?;
    reached.extend(tree.files.iter().cloned());
    let arrows = arrows::all(&tree);
    let circles = circles::find(&arrows);
    let mut findings = Findings {
        files_in_circles: circles.iter().map(BTreeSet::len).sum(),
        circles: circles
            .iter()
            .map(|circle| circles::describe(circle, &arrows, &tree))
            .collect(),
        ..Findings::default()
    };
    if let Some(layers) = layers {
        findings.homeless = layers::homeless(layers, &tree);
        findings.against = layers::against(layers, &arrows, &tree);
    }
    Ok(findings)
}

/// The messages for one crate, given what is still allowed.
fn judge(name: &str, findings: &Findings, open: &[(&str, usize, usize)]) -> Vec<String> {
    let listed = open.iter().find(|(listed, ..)| *listed == name);
    let &(_, files, against) = listed.unwrap_or(&("", 0, 0));
    let mut wrong = Vec::new();
    if findings.files_in_circles > files {
        wrong.extend(findings.circles.iter().cloned());
        if files > 0 {
            let now = findings.files_in_circles;
            wrong.push(format!(
                "{name}: {now} files stand in circles, {files} are allowed"
            ));
        }
    }
    let up: Vec<&String> = findings.homeless.iter().chain(&findings.against).collect();
    if up.len() > against {
        wrong.extend(up.iter().map(|&line| line.clone()));
        if against > 0 {
            let now = up.len();
            wrong.push(format!(
                "{name}: {now} arrows go against the layers, {against} are allowed"
            ));
        }
    }
    if listed.is_some() && findings.files_in_circles == 0 && up.is_empty() {
        wrong.push(format!(
            "{name} has no circle any more: remove it from OPEN in xtask/src/lint/imports/mod.rs"
        ));
    }
    wrong
}

/// Files that no module declaration reaches.
fn unreached(sources: &Sources, reached: &BTreeSet<PathBuf>) -> Vec<String> {
    sources
        .paths()
        .filter(|path| !reached.contains(*path))
        .map(|path| {
            format!(
                "{}: no module declaration reaches this file",
                path.display()
            )
        })
        .collect()
}
