//! The tests that `docs/requirements.md` names exist.

use std::fs;
use std::path::Path;

use crate::build;

/// Areas of the host's tests whose names are literals in the source; other names are composed.
const WRITTEN: [&str; 9] = [
    "costs: ",
    "features: ",
    "figures: ",
    "keys: ",
    "lessons: ",
    "mouse: ",
    "screens: ",
    "shell: ",
    "time: ",
];

/// Returns the text of all Rust files below a folder.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be listed").path());
    paths
        .map(|path| match path.is_dir() {
            true => sources(&path),
            false if path.extension() == Some("rs".as_ref()) => {
                fs::read_to_string(path).expect("it can be read")
            }
            false => String::new(),
        })
        .collect()
}

/// Returns the texts between two such marks.
fn between(text: &str, mark: char) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(move |line| line.split(mark).skip(1).step_by(2))
}

/// Returns whether each part of the name is in the source; `…` stands for anything.
fn is_found(name: &str, source: &str) -> bool {
    name.split('…').all(|part| source.contains(part.trim()))
}

#[test]
fn every_test_that_is_named_exists() {
    let page = fs::read_to_string(build::root().join("docs/requirements.md")).expect("a page");
    let guest = sources(&build::root().join("kernel/src/selftest"));
    let guest_names: Vec<&str> = between(&page, '*')
        .filter(|name| name.contains(": "))
        .collect();
    assert!(guest_names.len() > 40, "only {guest_names:?}");
    for name in guest_names {
        let is_scheme = name == "area: what holds";
        assert!(
            is_scheme || is_found(name, &guest),
            "no self-test is called “{name}”"
        );
    }

    let host = sources(&build::root().join("xtask/src/tests"));
    let mm = sources(&build::root().join("mm/src"));
    for name in between(&page, '`') {
        // Some files add the area to the names.
        let written = WRITTEN.iter().find_map(|area| name.strip_prefix(area));
        assert!(
            written.is_none_or(|name| is_found(name, &host)),
            "no test is called “{name}”"
        );
        // `mm::a::tests::b`: the function b.
        if let Some((_, function)) = name.split_once("::tests::") {
            assert!(
                mm.contains(&format!("fn {function}(")),
                "no test is called “{name}”"
            );
        }
    }
}

#[test]
fn the_required_folders_exist() {
    let root = build::root();
    for file in ["Cargo.toml", "limine.conf", "Justfile", "README.md"] {
        assert!(root.join(file).is_file(), "no {file}");
    }
    for crate_ in ["kernel", "memviz"] {
        let manifest = root.join(crate_).join("Cargo.toml");
        assert!(manifest.is_file(), "{crate_} is no crate");
    }
    let has = |folder: &str, extension: &str| {
        let mut files = fs::read_dir(root.join(folder)).expect("the folder is there");
        files.any(|file| {
            file.expect("it can be listed").path().extension() == Some(extension.as_ref())
        })
    };
    assert!(has("fonts", "bmp"), "no glyphs");
    assert!(has("screenshots", "png"), "no pictures");
}
