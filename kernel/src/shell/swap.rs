//! `swap`, `reclaim`, `limit`, `policy`, `working-set`: pages that leave their frames.

use super::answer::say;
use super::command::{Command, Misused, none, number};
use crate::memory::physical::{frames, heat, watermarks};
use crate::memory::swap;
use crate::process::paging_out::{Spaces, policy};
use crate::process::{self, TABLE};
use mm::reclaim::{POLICIES, named};
use mm::units::Bytes;

pub const SWAP: Command = Command {
    name: "swap",
    arguments: "",
    summary: "prints the swap device, how many pages are in it, and the size of their bytes there",
    run: |_, _, arguments| {
        none(arguments)?;
        let swap::Statistics {
            slots,
            used,
            stored_bytes,
            written,
            read,
            failed,
            ..
        } = swap::statistics();
        match slots {
            _ if !swap::is_on() => {
                say!("swap: off, by swap=off on the command line");
                return Ok(());
            }
            0 => say!("swap: {}; no page was stored yet", swap::device_in_use()),
            _ => say!(
                "swap: {}; {used} of {slots} slots used, {} for {}; {written} pages written, {read} read",
                swap::device_in_use(),
                Bytes(stored_bytes),
                Bytes(used as u64 * swap::PAGE as u64)
            ),
        }
        if failed > 0 {
            say!("requests of the device that failed: {failed}; the log names the slots");
        }
        say!(
            "{} of {} free frames are kept for the kernel; below that, pages of processes leave",
            watermarks::low(),
            frames::lock().statistics().free
        );
        Ok(())
    },
};

pub const RECLAIM: Command = Command {
    name: "reclaim",
    arguments: "PAGES",
    summary: "makes so many pages leave their frames, by the clock over all processes",
    run: |_, _, mut arguments| {
        let wanted = number(arguments.next().ok_or(Misused)?)?;
        none(arguments)?;
        let before = frames::lock().statistics().free;
        let (left, error) = Spaces::of(TABLE.lock().spaces()).reclaim(wanted);
        let free = frames::lock().statistics().free;
        say!("{left} pages have left their frames; {before} → {free} free frames");
        match error {
            Some(error) => say!("the next page stays: {error}"),
            None if left < wanted => say!("no process has another page that can leave"),
            None => {}
        }
        Ok(())
    },
};

pub const LIMIT: Command = Command {
    name: "limit",
    arguments: "PROCESS FRAMES",
    summary: "limits the resident pages of a process; 0 removes the limit",
    run: |_, _, mut arguments| {
        let process = number(arguments.next().ok_or(Misused)?)?;
        let frames = frames(arguments.next())?;
        none(arguments)?;
        limit(u32::try_from(process).unwrap_or(0), frames);
        Ok(())
    },
};

/// Parses a number of frames.
pub fn frames(word: Option<&str>) -> Result<usize, Misused> {
    let frames = number(word.ok_or(Misused)?)?;
    usize::try_from(frames).map_err(|_| Misused)
}

/// Limits the resident pages of a process, and answers.
pub fn limit(process: u32, frames: usize) {
    let mut table = TABLE.lock();
    if table.get_mut(process).is_none() {
        say!("there is no process {process}; \"ps\" lists the processes");
        return;
    }
    match Spaces::of(table.spaces()).limit(process, frames, policy()) {
        Ok(()) if frames == 0 => say!("process {process} has no limit"),
        Ok(()) => say!(
            "process {process} has at most {frames} resident pages, by the policy {}",
            policy().name()
        ),
        Err(error) => say!("refused: {error}"),
    }
}

pub const POLICY: Command = Command {
    name: "policy",
    arguments: "[NAME]",
    summary: "lists the replacement policies of limits; with a name, chooses that one",
    run: |_, _, mut arguments| {
        let wanted = arguments.next();
        none(arguments)?;
        if let Some(wanted) = wanted {
            let Some(found) = named(wanted) else {
                say!("there is no policy {wanted}");
                return Err(Misused);
            };
            if !Spaces::of(TABLE.lock().spaces()).set_policy(found) {
                say!("refused: {wanted} needs the future, which only a replay knows");
            }
        }
        for other in POLICIES.iter().filter(|other| !other.needs_future()) {
            let mark = if other.name() == policy().name() {
                '▶'
            } else {
                ' '
            };
            say!("{mark} {:<8} {}", other.name(), other.rule());
        }
        Ok(())
    },
};

pub const WORKING_SET: Command = Command {
    name: "working-set",
    arguments: "PROCESS",
    summary: "prints how many pages of a process are resident, recently used, and in swap",
    run: |_, _, mut arguments| {
        let wanted = number(arguments.next().ok_or(Misused)?)?;
        none(arguments)?;
        let mut table = TABLE.lock();
        let process = u32::try_from(wanted).ok().and_then(|n| table.get_mut(n));
        let Some(process) = process else {
            say!("there is no process {wanted}; \"ps\" lists the processes");
            return Ok(());
        };
        let (mut last, mut recent) = (0, 0);
        process.space.for_each_page(&mut |found| {
            let level = heat::level(found.frame);
            last += u64::from(level.number() >= LAST_PERIOD);
            recent += u64::from(level.is_warm());
        });
        let space = &mut process.space;
        say!(
            "process {wanted} ({}): {} pages resident, {} in swap",
            process.program.name(),
            space.pages(),
            space.swapped_pages()
        );
        match space.limit() {
            Some(limit) => say!(
                "  limit: {} frames, by the policy {}; {} pages were loaded, {} of them stored later",
                limit.frames(),
                limit.policy().name(),
                limit.counts().faults,
                limit.counts().written
            ),
            None => say!("  limit: none"),
        }
        match heat::is_on() {
            true => say!(
                "  working set: {last} pages used in the last period of 0.5 s, {recent} in the last seven"
            ),
            false => say!("  working set: unknown, because use-counters are off"),
        }
        drop(table);
        // A column of the figure.
        process::measure_working_sets();
        Ok(())
    },
};

/// Levels from here on say that the frame was used in the last period.
const LAST_PERIOD: u8 = 64;
