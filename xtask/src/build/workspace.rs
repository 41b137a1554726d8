//! The workspace and its cargo: where things are, and what the kernel is built for.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The bare machine, as Rust calls it.
pub const TARGET: &str = "x86_64-unknown-none";

/// The cargo that runs this tool, in the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask/ lies in the workspace")
}

/// Where everything goes that can be made again.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(path) => root().join(path),
        None => root().join("target"),
    }
}
