//! `record`: writes the allocation requests of a program to a file, by `ltrace`.
//!
//! ltrace stops the program where a call reaches the C library, and adds no library to it. So the
//! requests are those of the program and of the libraries that it uses.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::numbers::grouped;
use crate::options::RecordOptions;
use crate::trace;

/// The functions of the C library. Programs of today have no procedure linkage table, in which
/// ltrace could see their calls.
const CALLS: &str = "malloc@libc.so*+calloc@libc.so*+realloc@libc.so*+free@libc.so*";

pub fn record(options: &RecordOptions) -> Result<()> {
    let file = &options.output;
    let (program, arguments) = options.command.split_first().context("no program")?;
    // The program has the terminal, and its exit status is ignored.
    let status = Command::new("ltrace")
        .args(["-f", "-ttt", "-L", "-x", CALLS, "-o"])
        .arg(file)
        .arg("--")
        .arg(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .status();
    let status = match status {
        Ok(status) => status,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("ltrace is missing: sudo apt install ltrace")
        }
        Err(error) => return Err(error).context("cannot start ltrace"),
    };
    ensure!(has_calls(file)?, "{}", nothing(program, status));
    let trace = trace::read_file(file)?;
    println!(
        "{} requests of {} blocks in {}: just workload {}",
        grouped(trace.requests.len() as u64),
        grouped(trace.blocks as u64),
        file.display(),
        file.display()
    );
    Ok(())
}

/// Returns whether ltrace saw a call.
fn has_calls(file: &Path) -> Result<bool> {
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.windows(6).any(|part| part == b"alloc@"))
}

fn nothing(program: &str, status: std::process::ExitStatus) -> String {
    format!(
        "ltrace saw no allocation of {program} ({status}): it sees calls of the C library as a \
         shared library only, not those of static programs or of other allocators"
    )
}
