//! `falsify`: makes the picture wrong on purpose, so that the comparison can be watched.

use super::answer::say;
use super::command::{Command, Misused, address};
use crate::machine::clock::SECOND;
use crate::memory::checks::falsify::{self, Place};
use x86_64::{PhysAddr, VirtAddr};

/// How long the picture stays wrong: up to a second until it is noticed, and five to look at it.
const LASTS: u64 = 6 * SECOND;

pub const FALSIFY: Command = Command {
    name: "falsify",
    arguments: "owner|references|rights|block ADDRESS",
    summary: "makes the picture wrong there on purpose, for 6 seconds",
    run: |_, _, mut arguments| {
        let kind = arguments.next().ok_or(Misused)?;
        let at = address(arguments.next().ok_or(Misused)?)?;
        if arguments.next().is_some() {
            return Err(Misused);
        }
        let physical = || PhysAddr::try_new(at).map_err(|_| Misused);
        let canonical = || VirtAddr::try_new(at).map_err(|_| Misused);
        let place = match kind {
            "owner" => Place::Owner(physical()?),
            "references" => Place::References(physical()?),
            "rights" => Place::Rights(canonical()?),
            "block" => Place::Block(canonical()?),
            _ => return Err(Misused),
        };
        match falsify::falsify(place, Some(LASTS)) {
            Ok(()) => say!(
                "a wrong event is recorded; the comparison finds it within a second, and it is corrected in 6 s"
            ),
            Err(error) => say!("nothing is falsified: {error}"),
        }
        Ok(())
    },
};
