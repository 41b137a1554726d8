//! Copies the source of the ring, with loom's atomics in place of the machine's, as it is and with
//! one ordering weakened.
//!
//! So the model is that of the source, and `mm` does not know of loom. Each replacement must match
//! exactly once: otherwise the ring has changed, and the build fails.

use std::path::Path;
use std::{env, fs};

const SOURCE: &str = "../mm/src/ring/mod.rs";
/// Its only module, which an included file must hold itself.
const PRODUCERS: &str = "../mm/src/ring/producers.rs";

/// Loom's atomics are no constants.
const FOR_LOOM: [(&str, &str); 6] = [
    ("core::sync::atomic", "loom::sync::atomic"),
    ("pub const fn new() -> Self", "pub fn new() -> Self"),
    (
        "const fn new() -> Self {\n        Slot",
        "fn new() -> Self {\n        Slot",
    ),
    (
        "totals: [const { AtomicU64::new(0) }; Kind::COUNT]",
        "totals: core::array::from_fn(|_| AtomicU64::new(0))",
    ),
    (
        "words: [const { AtomicU64::new(0) }; 4]",
        "words: core::array::from_fn(|_| AtomicU64::new(0))",
    ),
    (
        "slots: [const { Slot::new() }; N]",
        "slots: core::array::from_fn(|_| Slot::new())",
    ),
];

/// A ring with one ordering less: the name of its file, and the replacement.
const WEAKENED: [(&str, &str, &str); 4] = [
    ("no_release_fence", "fence(Ordering::Release);", ""),
    ("no_acquire_fence", "fence(Ordering::Acquire);", ""),
    (
        "relaxed_publish",
        ".store(round + slots as u64, Ordering::Release)",
        ".store(round + slots as u64, Ordering::Relaxed)",
    ),
    (
        "relaxed_read",
        "let before = self.sequence.load(Ordering::Acquire)",
        "let before = self.sequence.load(Ordering::Relaxed)",
    ),
];

fn main() {
    let ring = replaced(&code(SOURCE), ("mod producers;", ""));
    let producers = replaced(&code(PRODUCERS), FOR_LOOM[0]);
    let ring = FOR_LOOM
        .into_iter()
        .fold(ring, |code, change| replaced(&code, change));
    let ring = format!("mod producers {{\n{producers}\n}}\n{ring}");
    write("as_it_is", &ring);
    for (name, from, to) in WEAKENED {
        write(name, &replaced(&ring, (from, to)));
    }
}

/// The code of a file without what an included file cannot have: a head, and tests.
fn code(path: &str) -> String {
    println!("cargo::rerun-if-changed={path}");
    let source = fs::read_to_string(path).expect("the source of the ring");
    let lines = source.lines().filter(|line| !line.starts_with("//!"));
    let lines: Vec<&str> = lines.take_while(|line| *line != "#[cfg(test)]").collect();
    lines.join("\n")
}

fn replaced(source: &str, (from, to): (&str, &str)) -> String {
    let count = source.matches(from).count();
    assert_eq!(count, 1, "{SOURCE}: {count} times “{from}”");
    source.replace(from, to)
}

fn write(name: &str, ring: &str) {
    let folder = env::var_os("OUT_DIR").expect("cargo sets it");
    let path = Path::new(&folder).join(name).with_extension("rs");
    fs::write(path, ring).expect("the folder of the build");
}
