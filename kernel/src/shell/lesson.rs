//! `lesson`: what plays.

use super::{Command, Misused, none, number, say};
use crate::demo::CAPTIONS;

pub const LESSON: Command = Command {
    name: "lesson",
    arguments: "[NUMBER]",
    what: "the scenes of the demo; with a number: goes to that one",
    run: |_, context, mut arguments| {
        let wanted = arguments.next().map(number).transpose()?;
        none(arguments)?;
        if let Some(wanted) = wanted {
            let scene = usize::try_from(wanted).map_err(|_| Misused)?;
            if !context.workload.go_to(scene) {
                return Err(Misused);
            }
        }
        for (number, caption) in (1..).zip(CAPTIONS) {
            let mark = if number == context.workload.scene() {
                '▶'
            } else {
                ' '
            };
            say!("{mark} {number:>2}  {caption}");
        }
        Ok(())
    },
};
