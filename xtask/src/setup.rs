//! Installs what the project needs and the host lacks. It prints nothing if nothing is missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::display::Display;
use crate::{build, machine};

/// Installs what every build and run of the kernel needs.
pub fn setup() -> Result<()> {
    rust_target(build::TARGET)?;
    require(&QEMU)
}

/// Installs the additional parts of a run in a window.
pub fn windows() -> Result<()> {
    require(&WINDOWS)
}

/// `setup`: installs everything that a run on this host needs.
pub fn everything() -> Result<()> {
    setup()?;
    Display::find().map_or(Ok(()), |_| windows())
}

/// The emulator with its BIOS and the accelerator that needs no virtualisation. Each package brings
/// both: it requires the packages that some systems split off (`seabios`, `seavgabios-bin`,
/// `qemu-accel-tcg-x86`).
const QEMU: Package<'static> = Package {
    name: machine::PROGRAM,
    is_there: || machine::says("-accel", "tcg"),
    packages: &[
        ("apt-get", "qemu-system-x86"),
        ("dnf", "qemu-system-x86-core"),
        ("pacman", "qemu-system-x86"),
        ("zypper", "qemu-x86"),
        ("brew", "qemu"),
    ],
};

/// Four of the five systems have a separate package for QEMU's windows; Homebrew builds them in
/// (Cocoa on macOS, GTK on Linux).
const WINDOWS: Package<'static> = Package {
    name: "QEMU's window module",
    is_there: || machine::window_kind().is_ok(),
    packages: &[
        ("apt-get", "qemu-system-gui"),
        ("dnf", "qemu-ui-gtk"),
        ("pacman", "qemu-ui-gtk"),
        ("zypper", "qemu-ui-gtk"),
        ("brew", "qemu"),
    ],
};

/// Something that a package manager can install.
pub struct Package<'a> {
    pub name: &'a str,
    pub is_there: fn() -> bool,
    /// By package manager: what to install, separated by spaces.
    pub packages: &'a [(&'static str, &'a str)],
}

/// Installs a package if it is missing.
pub fn require(package: &Package<'_>) -> Result<()> {
    let name = package.name;
    if (package.is_there)() {
        return Ok(());
    }
    let manager = package
        .packages
        .iter()
        .find(|(manager, _)| find(manager).is_some());
    let Some(&(manager, packages)) = manager else {
        bail!(
            "{name} is missing: install it (on Debian: apt-get install {})",
            package.packages[0].1
        );
    };
    install(manager, packages)
        .and_then(|()| {
            (package.is_there)()
                .then_some(())
                .context("it is still missing")
        })
        .with_context(|| format!("{name} is missing: install it ({manager}: {packages})"))
}

/// Finds a program in `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| path.is_file();
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(program))
        .find(is_program)
}

fn install(manager: &str, packages: &str) -> Result<()> {
    let packages = packages.split(' ');
    let arguments: &[&str] = match manager {
        "apt-get" => &["install", "--yes", "--no-install-recommends"],
        "dnf" => &["install", "--assumeyes"],
        "pacman" => &["--sync", "--needed", "--noconfirm"],
        "zypper" => &["--non-interactive", "install"],
        _ => &["install"],
    };
    let first_try = root(manager, arguments.iter().copied().chain(packages.clone()));
    if manager == "apt-get" && first_try.is_err() {
        // A new system has no package lists, and an old one has stale lists.
        root(manager, ["update"].into_iter())?;
        return root(manager, arguments.iter().copied().chain(packages));
    }
    first_try
}

/// Runs a package manager without questions, as root if it needs that.
fn root<'a>(manager: &'a str, arguments: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", manager];
    if manager != "brew" && !is_root() {
        ensure!(find("sudo").is_some(), "neither root nor sudo");
        words.insert(0, "sudo");
    }
    words.extend(arguments);
    eprintln!("setup: {}", words.join(" "));
    let status = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .status()?;
    ensure!(status.success(), "{manager} failed");
    Ok(())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

pub fn rust_target(target: &str) -> Result<()> {
    let installed = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", target])
        .current_dir(build::root())
        .output()
        .context("cannot start rustc")?;
    if Path::new(String::from_utf8_lossy(&installed.stdout).trim()).is_dir() {
        return Ok(());
    }
    rustup(&["target", "add", target])
}

/// Installs cargo's subcommands that a minimal Rust lacks: `rustfmt`, `clippy`.
pub fn components(names: &[&str]) -> Result<()> {
    for name in names {
        let subcommand = name.trim_start_matches("rust");
        let version = build::cargo().args([subcommand, "--version"]).output();
        if !version.is_ok_and(|output| output.status.success()) {
            rustup(&["component", "add", name])?;
        }
    }
    Ok(())
}

fn rustup(arguments: &[&str]) -> Result<()> {
    let what = arguments.join(" ");
    eprintln!("setup: rustup {what}");
    let status = Command::new("rustup")
        .args(arguments)
        .current_dir(build::root())
        .status();
    ensure!(
        status.is_ok_and(|status| status.success()),
        "install it: rustup {what}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setup_keeps_installed_parts_and_names_missing_ones() {
        assert!(find("cargo").is_some());
        let mut package = Package {
            name: "it",
            is_there: || true,
            packages: &[],
        };
        assert!(require(&package).is_ok());
        package.is_there = || false;
        package.packages = &[("no-such-manager", "no-such-package")];
        let message = format!("{:#}", require(&package).unwrap_err());
        assert!(
            message.contains("it is missing") && message.contains("no-such-package"),
            "{message}"
        );
        assert!(!message.contains('\n'));
    }
}
