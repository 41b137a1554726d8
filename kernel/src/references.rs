//! `mode=references`: a process replays a reference string, with real page faults.
//!
//! ```text
//! file opt/memviz/references:   count: u32   { page | write << 31 }: u32 …      little-endian
//! each policy, each number of frames:   references 12, frames 3, policy fifo: 3 hits, 9 faults
//! ```
//! The host tool writes the file, with pages numbered from 0 in the order of their first reference.
//! Success means: each read saw the last value written, and no swap slot is left.

use crate::boot::options::Options;
use crate::dashboard::DashboardSession;
use crate::machine::fw_cfg::File;
use crate::memory::swap;
use crate::process::references::{self, Outcome, References};
use crate::replay;
use mm::reclaim::{POLICIES, PageReference, Policy};

const FILE: &str = "opt/memviz/references";
const WRITE: u32 = 1 << 31;

/// Replays the string for each policy and number of frames of the options. Returns whether all went
/// well.
pub fn run(mut session: Option<&mut DashboardSession>, options: &Options<'_>) -> bool {
    let Some(mut string) = read() else {
        return false;
    };
    let chosen = |policy: &&dyn Policy| options.policy == "all" || policy.name() == options.policy;
    let mut passed = true;
    for policy in POLICIES.into_iter().filter(chosen) {
        for frames in options.frames.0..=options.frames.1 {
            let result;
            (result, string) = replay(session.as_deref_mut(), string, frames, policy, options.seed);
            passed &= report(string.len(), frames, policy, result);
        }
    }
    passed
}

/// Reads the file.
fn read() -> Option<References> {
    let Some(mut file) = File::open(FILE) else {
        log::error!("no reference string: the host passes none ({FILE})");
        return None;
    };
    let mut number = || {
        let mut bytes = [0; 4];
        for byte in &mut bytes {
            *byte = file.read()?;
        }
        Some(u32::from_le_bytes(bytes))
    };
    let count = number().unwrap_or(0) as usize;
    let mut is_whole = true;
    let string = References::new(count, |_| {
        let word = number();
        is_whole &= word.is_some();
        let word = word.unwrap_or(0);
        PageReference {
            page: word & !WRITE,
            write: word & WRITE != 0,
        }
    });
    match string {
        Ok(string) if is_whole && count > 0 => Some(string),
        Ok(_) => {
            log::error!("the reference string ends before its {count} references");
            None
        }
        Err(error) => {
            log::error!("no memory for {count} references: {error}");
            None
        }
    }
}

/// Replays the string once, and draws meanwhile.
fn replay(
    session: Option<&mut DashboardSession>,
    string: References,
    frames: usize,
    policy: &'static dyn Policy,
    seed: u64,
) -> (Option<Outcome>, References) {
    let process = match references::start(string, frames, policy, seed) {
        Ok(process) => process,
        Err((error, string)) => {
            log::error!("no process for the reference string: {error}");
            return (None, string);
        }
    };
    replay::run_process(process, session);
    let (outcome, string) = references::finish().expect("a replay was started");
    (outcome, string)
}

/// Logs the result of one replay. Returns whether all replays succeeded.
fn report(count: usize, frames: usize, policy: &dyn Policy, outcome: Option<Outcome>) -> bool {
    let name = policy.name();
    let Some(Outcome {
        counts,
        wrong_values,
    }) = outcome
    else {
        log::error!("references {count}, frames {frames}, policy {name}: the process did not end");
        return false;
    };
    log::info!(
        "references {count}, frames {frames}, policy {name}: {} hits, {} faults",
        counts.hits,
        counts.faults
    );
    let left = swap::statistics().used;
    if wrong_values > 0 {
        log::error!("{wrong_values} reads did not see the last value written");
    }
    if left > 0 {
        log::error!("{left} swap slots are left");
    }
    wrong_values == 0 && left == 0
}
