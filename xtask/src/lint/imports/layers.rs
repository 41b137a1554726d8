//! The layers of each crate, bottom up: code names items of its own folder and of lower layers.

use anyhow::{Result, bail};

use super::arrows::Arrows;
use super::modules::Tree;
use super::sources::Target;

/// Layers from the lowest up. A layer lists modules, which do not use each other; `crate` is the
/// root. A module that is not listed belongs to its parent; each child of the root is listed.
pub type Layers = &'static [&'static [&'static str]];

const KERNEL: Layers = &[
    &["lock"],
    &["boot"],
    &["machine"],
    &["memory::trace"],
    &["memory::physical"],
    &["memory::paging"],
    &["memory::error"],
    &["memory::heap"],
    &["memory::swap"],
    &["memory::checks"],
    &["memory"],
    &["process"],
    &["interrupts"],
    &["churn", "fatal", "keys", "measure"],
    &["lessons"],
    &["dashboard"],
    &["shell"],
    &["replay", "unattended"],
    &["references", "workload"],
    &["main_loop", "selftest"],
    &["crate"],
];

const MM: Layers = &[
    &["bitmap", "units", "vocabulary"],
    &["event"],
    &["ring", "tracer"],
    &["memory_map", "paging"],
    &["frame", "heat", "heap", "reclaim"],
    &["crate"],
];

const MEMVIZ: Layers = &[
    &["graphics"],
    &["input"],
    &["model"],
    &["timeline"],
    &["truth"],
    &["view"],
    &["widgets"],
    &["panels"],
    &["dashboard"],
    &["crate"],
];

const TRACEFILE: Layers = &[
    &["coder", "error", "format"],
    &["read", "write"],
    &["player"],
    &["crate"],
];

const WEB: Layers = &[&["keys", "pixels", "wire"], &["page"], &["crate"]];

const WINDOW: Layers = &[&["keys", "show"], &["crate"]];

const XTASK: Layers = &[
    &[
        "closed_pipe",
        "display",
        "files",
        "html",
        "keyboard",
        "numbers",
        "serial",
        "tty",
    ],
    &["signals"],
    &["runner"],
    &["build"],
    &[
        "capture",
        "lessons",
        "memory_map",
        "moment",
        "pictures",
        "references",
    ],
    &["trace"],
    &["options"],
    &["machine"],
    &["setup"],
    &["boot", "fonts", "lint"],
    &["run"],
    &["scene"],
    &["diff"],
    &[
        "bench", "export", "matrix", "play", "policies", "record", "slides", "verify", "web",
        "workload",
    ],
    &["release", "screenshots"],
    &["tests"],
    &["crate"],
];

/// Returns the layers of a crate. Examples and tests have none.
pub fn of(target: &Target) -> Result<Option<Layers>> {
    Ok(match target.name.as_str() {
        _ if !target.is_main => None,
        "kernel" => Some(KERNEL),
        "mm" => Some(MM),
        "memviz" => Some(MEMVIZ),
        "tracefile" => Some(TRACEFILE),
        "web" => Some(WEB),
        "window" => Some(WINDOW),
        "xtask" => Some(XTASK),
        name => bail!("the crate {name} has no layers in xtask/src/lint/imports/layers.rs"),
    })
}

/// Returns the layer of a module, and its entry there.
fn place(layers: Layers, module: &str) -> Option<(usize, &'static str)> {
    let mut path = module;
    loop {
        let name = if module.is_empty() { "crate" } else { path };
        for (height, layer) in layers.iter().enumerate() {
            if let Some(&entry) = layer.iter().find(|&&entry| entry == name) {
                return Some((height, entry));
            }
        }
        path = path.rsplit_once("::")?.0;
    }
}

/// Returns the module path of each file, by its first module.
fn file_modules(tree: &Tree) -> Vec<&str> {
    let mut paths = vec![""; tree.files.len()];
    for module in tree.modules.iter().rev() {
        paths[module.file] = &module.path;
    }
    paths
}

/// Returns modules that are not in the table, without their children.
pub fn without_layer(layers: Layers, tree: &Tree) -> Vec<String> {
    let modules = tree.modules.iter().filter(|module| !module.is_test);
    modules
        .filter(|module| place(layers, &module.path).is_none() && !module.path.contains("::"))
        .map(|module| {
            let file = tree.files[module.file].display();
            format!(
                "{file}: `{}` has no layer in xtask/src/lint/imports/layers.rs",
                module.path
            )
        })
        .collect()
}

/// Returns arrows that do not lead down, each with its lines.
pub fn against(layers: Layers, arrows: &Arrows, tree: &Tree) -> Vec<String> {
    let modules = file_modules(tree);
    let mut wrong = Vec::new();
    for (&(from, to), lines) in arrows {
        let (Some(above), Some(below)) = (place(layers, modules[from]), place(layers, modules[to]))
        else {
            continue;
        };
        if above.1 == below.1 || above.0 > below.0 {
            continue;
        }
        let (user, used) = (tree.files[from].display(), tree.files[to].display());
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("{}: {}", line.number, line.path))
            .collect();
        wrong.push(format!(
            "{user} uses {used}, which is not below it ({} → {}): {}",
            above.1,
            below.1,
            lines.join(", ")
        ));
    }
    wrong
}
