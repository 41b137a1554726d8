//! The tool itself, started as users start it: from unusual folders, with their own settings,
//! without a display, and killed without warning.

use std::fs::Permissions;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::boot::Way;
use crate::build;
use crate::options::BootChoice;
use crate::runner::{Test, Verdict};

pub fn tests() -> Vec<Test> {
    type Case = (&'static str, fn() -> Result<Verdict>);
    let tests: [Case; 5] = [
        ("tool: kill -9 ends its machine too", killed),
        (
            "tool: long and special paths, and the user's own cargo settings, do no harm",
            unusual_places,
        ),
        (
            "tool: a display that cannot be opened gives a run without a window",
            no_display,
        ),
        (
            "tool: more keys than the command line holds are all pressed",
            many_keys,
        ),
        (
            "tool: QEMU's windows are installed where they are missing, and its last words are shown",
            no_windows,
        ),
    ];
    tests.map(|(name, run)| Test::new(name, run)).into()
}

/// Characters with a meaning to QEMU, a shell, cargo or Limine.
const SPECIAL: &str = "a,b c=d:e%f\"g'h[i]j*k?l#m$n;o&p\\q,,é";
/// A socket's path may have 108 bytes.
const LONG: usize = 120;

/// Returns this tool, which the tests are a part of.
fn tool() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .stdin(Stdio::null())
        .env_remove("MEMVIZ_CALLED_FROM");
    Ok(command)
}

/// Runs it to its end, which must be a success, and returns its output.
fn succeed(command: &mut Command) -> Result<String> {
    let output = command.output().context("cannot start this tool")?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(output.status.success(), "{}: {said}", output.status);
    Ok(said)
}

fn killed() -> Result<Verdict> {
    if !cfg!(target_os = "linux") {
        return Ok(Verdict::Skipped("only Linux has /proc".into()));
    }
    let mut command = tool()?;
    command.args("run --headless --boot direct --for 600".split(' '));
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let is_up = lines.any(|line| line.is_ok_and(|line| line.contains("dashboard up")));
    let machine = machine_of(&child);
    child.kill()?;
    child.wait()?;
    ensure!(is_up, "the machine did not come up");
    let machine = machine?;
    let start = Instant::now();
    while is_running(&machine) {
        ensure!(start.elapsed() < Duration::from_secs(20), "it still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Verdict::Passed)
}

/// Returns the folder in /proc of the QEMU that a tool has started.
fn machine_of(tool: &Child) -> Result<PathBuf> {
    let id = tool.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    let folders = children
        .split_whitespace()
        .map(|id| Path::new("/proc").join(id));
    let mut machines = folders.filter(|folder| is_running(folder));
    machines.next().context("the tool has started no QEMU")
}

fn is_running(machine: &Path) -> bool {
    std::fs::read(machine.join("cmdline")).is_ok_and(|line| line.starts_with(b"qemu-system"))
}

fn unusual_places() -> Result<Verdict> {
    let folder = tempfile::tempdir()?;
    let place = folder.path().join(SPECIAL);
    let place = place.join("x".repeat(LONG.saturating_sub(place.as_os_str().len())));
    std::fs::create_dir_all(place.join("temporary"))?;
    // The build products stay where they are; only their path is unusual. Cargo accepts no colon in
    // it.
    let target = folder.path().join(SPECIAL.replace(':', ""));
    std::fs::create_dir(&target)?;
    let target = target.join("target");
    symlink(build::target(), &target)?;
    for choice in [BootChoice::Direct, BootChoice::Bios, BootChoice::Uefi] {
        let Ok(way) = Way::available(choice) else {
            continue;
        };
        let mut command = tool()?;
        command
            .args([
                "run",
                "--headless",
                "--for",
                "1",
                "--boot",
                &way.to_string(),
            ])
            .args(["--screenshot", "new/a.png", "--serial", "log,1.txt"])
            .env("MEMVIZ_CALLED_FROM", &place)
            .env("TMPDIR", place.join("temporary"))
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_BUILD_RUSTFLAGS", "-Cno-such-flag")
            .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
            .env("RUSTFLAGS", "-Ctarget-cpu=native -Cno-such-flag");
        // No BIOS has this mode in its list.
        command.args(["--resolution", "1360x768"]);
        let said = succeed(&mut command).with_context(|| format!("by {way}"))?;
        ensure!(said.contains("(1360x768)"), "by {way}: {said}");
        for name in ["new/a.png", "log,1.txt"] {
            let path = place.join(name);
            ensure!(path.is_file(), "by {way}: there is no {}", path.display());
            std::fs::remove_file(path)?;
        }
    }
    Ok(Verdict::Passed)
}

fn no_display() -> Result<Verdict> {
    let folder = tempfile::tempdir()?;
    let mut command = tool()?;
    command
        .args("run --boot direct --for 1 --screenshot a.png".split(' '))
        .current_dir(folder.path())
        .env("DISPLAY", ":55")
        .env("WAYLAND_DISPLAY", "no-such-socket");
    let said = succeed(&mut command)?;
    let reason = |line: &&str| line.contains("headless") && line.contains(":55");
    ensure!(said.lines().filter(reason).count() == 1, "{said}");
    ensure!(folder.path().join("a.png").is_file(), "no picture: {said}");
    Ok(Verdict::Passed)
}

fn many_keys() -> Result<Verdict> {
    const KEYS: usize = 200;
    let folder = tempfile::tempdir()?;
    let mut command = tool()?;
    let keys = "comma ".repeat(KEYS) + "s";
    command
        .args("run --headless --boot direct --step --resolution 800x600 --memory 64M".split(' '))
        .args(["--screenshot", "a.png", "--keys", &keys])
        .current_dir(folder.path());
    let said = succeed(&mut command)?;
    // The picture of the last key, and that of the end.
    let pictures = said.lines().filter(|line| line.starts_with("picture "));
    ensure!(pictures.count() == 2, "{said}");
    Ok(Verdict::Passed)
}

/// Tests a QEMU without windows, and a package manager that installs them; then they do not open.
fn no_windows() -> Result<Verdict> {
    const QEMU: &str = r#"#!/bin/sh
case "$*" in
"-accel help") echo tcg ;;
"-display help") echo none; if [ -e "$(dirname "$0")/asked" ]; then echo gtk; fi ;;
*) echo "gtk initialization failed" >&2; exit 1 ;;
esac
"#;
    let folder = tempfile::tempdir()?;
    let file = |name: &str, text: &str| -> Result<()> {
        let path = folder.path().join(name);
        std::fs::write(&path, text)?;
        Ok(std::fs::set_permissions(
            path,
            Permissions::from_mode(0o755),
        )?)
    };
    file("qemu-system-x86_64", QEMU)?;
    file(
        "apt-get",
        "#!/bin/sh\necho \"$@\" > \"$(dirname \"$0\")/asked\"\n",
    )?;
    file("sudo", "#!/bin/sh\nexec \"$@\"\n")?;
    let display = folder.path().join("wayland");
    let _listener = UnixListener::bind(&display)?;
    let mut paths = vec![folder.path().to_path_buf()];
    paths.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let output = tool()?
        .args("run --boot direct --for 1".split(' '))
        .env("PATH", std::env::join_paths(paths)?)
        .env_remove("DISPLAY")
        .env("WAYLAND_DISPLAY", &display)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let asked = std::fs::read_to_string(folder.path().join("asked"));
    let asked = asked.with_context(|| format!("nothing was installed: {said}"))?;
    ensure!(asked.trim_end().ends_with(" qemu-system-gui"), "{asked}");
    let is_shown = said.contains("gtk initialization failed");
    ensure!(
        !output.status.success() && is_shown,
        "{}: {said}",
        output.status
    );
    Ok(Verdict::Passed)
}
