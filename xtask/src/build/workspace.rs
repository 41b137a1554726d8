//! The workspace and its cargo: paths, and a build of the kernel that depends only on the project.
//!
//! A user's own settings are for programs of this host. From `~/.cargo/config.toml` or from the
//! environment they would also reach the kernel: `RUSTFLAGS` replaces the flags without which it
//! does not link, and a profile that strips symbols leaves its stack traces without names.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

/// Rust's name of the bare-metal target.
pub const TARGET: &str = "x86_64-unknown-none";

/// The same as in `.cargo/config.toml`, which is for users who call cargo directly.
const RUSTFLAGS: [&str; 3] = [
    "-Crelocation-model=static",
    "-Ccode-model=kernel",
    "-Cforce-frame-pointers=yes",
];

/// Settings that a user's profile or target may have changed. Cargo prefers these to all others.
const SETTINGS: [&str; 10] = [
    "profile.release.opt-level=3",
    "profile.release.debug=1",
    "profile.release.strip=\"none\"",
    "profile.release.panic=\"abort\"",
    "profile.release.lto=\"fat\"",
    "profile.release.codegen-units=1",
    "profile.release.debug-assertions=false",
    "profile.release.overflow-checks=false",
    "profile.release.split-debuginfo=\"off\"",
    "target.x86_64-unknown-none.linker=\"rust-lld\"",
];

/// Returns the cargo that started this tool, in the root of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(program());
    command.current_dir(root());
    command
}

/// Runs cargo to its end. Its messages are part of the error, and are not shown otherwise.
pub fn run_cargo(arguments: &[&str]) -> Result<()> {
    run_quietly(cargo().args(arguments))
}

/// Runs a command to its end, as [`run_cargo`] does.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let messages = [output.stdout, output.stderr].concat();
    let messages = String::from_utf8_lossy(&messages);
    let arguments: Vec<_> = command
        .get_args()
        .map(|word| word.to_string_lossy())
        .collect();
    ensure!(
        output.status.success(),
        "{}\n{messages}",
        arguments.join(" ")
    );
    Ok(())
}

/// Returns `cargo build` for the bare machine, without the user's settings.
pub fn build_for_the_machine() -> Command {
    let mut command = cargo();
    command.args(["build", "--release", "--target", TARGET]);
    command.args(SETTINGS.iter().flat_map(|setting| ["--config", setting]));
    let flags = RUSTFLAGS.map(String::from).into_iter();
    let flags: Vec<_> = flags.chain([nameless_paths()]).collect();
    // Cargo prefers this variable to `RUSTFLAGS` and to every file of settings.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    command
}

/// Returns a flag that keeps the path of cargo's home out of the kernel: panic messages name source
/// files, and a longer path makes a larger image. With it, all users build the same kernel and see
/// the same pictures.
fn nameless_paths() -> String {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let home = variable("CARGO_HOME").or_else(|| Some(variable("HOME")?.join(".cargo")));
    let prefix = home.unwrap_or_else(|| "/cargo".into());
    format!("--remap-path-prefix={}=cargo", prefix.display())
}

/// Returns cargo's description of the workspace.
pub fn metadata() -> Result<&'static Metadata> {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    if let Some(metadata) = METADATA.get() {
        return Ok(metadata);
    }
    let mut command = MetadataCommand::new();
    command.cargo_path(program()).current_dir(root()).no_deps();
    let metadata = command.exec().context("cargo cannot read the manifests")?;
    Ok(METADATA.get_or_init(|| metadata))
}

/// Returns the root of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask/ lies in the workspace")
}

/// Returns the folder for build products, which the user's settings may have put elsewhere.
pub fn target() -> PathBuf {
    match metadata() {
        Ok(metadata) => metadata.target_directory.clone().into(),
        // The next build says what is wrong.
        Err(_) => root().join("target"),
    }
}

fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or("cargo".into(), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_those_of_the_project() {
        let config = std::fs::read_to_string(root().join(".cargo/config.toml")).unwrap();
        let (_, flags) = config.split_once("rustflags = [").unwrap();
        let (flags, _) = flags.split_once(']').unwrap();
        let flags = flags.split(',').map(|flag| flag.trim().trim_matches('"'));
        let flags: Vec<_> = flags.filter(|flag| !flag.is_empty()).collect();
        assert_eq!(flags, RUSTFLAGS);
    }

    /// What cargo would run for the kernel, with a user's settings in the environment.
    #[test]
    fn a_users_settings_do_not_reach_the_kernel() {
        let mut command = build_for_the_machine();
        // To say the commands without running them, cargo needs a folder in which nothing is built.
        let folder = tempfile::tempdir().unwrap();
        command.args(["--package", "mm", "-v"]);
        command.env("CARGO_TARGET_DIR", folder.path());
        command.env("RUSTFLAGS", "-Ctarget-cpu=native");
        command.env("CARGO_BUILD_RUSTFLAGS", "-Ctarget-cpu=native");
        command.env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
        command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        command.env("CARGO_TARGET_X86_64_UNKNOWN_NONE_LINKER", "no-such-linker");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let run = said.lines().find(|line| line.contains("--crate-name mm "));
        let run = run.unwrap_or_else(|| panic!("{said}"));
        assert!(run.contains("-Ccode-model=kernel") && run.contains("opt-level=3"));
        for foreign in ["native", "strip=", "no-such-linker"] {
            assert!(!run.contains(foreign), "{run}");
        }
    }
}
