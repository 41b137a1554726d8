//! `lesson`: what plays.

use super::{Command, Misused, none, number, say};
use crate::demo::{self, SCENES};

pub const LESSON: Command = Command {
    name: "lesson",
    arguments: "[NAME]",
    what: "the lessons of the demo; with a name or a number: goes to that one",
    run: |_, context, mut arguments| {
        let wanted = arguments.next();
        none(arguments)?;
        if let Some(wanted) = wanted {
            let scene = match demo::number(wanted) {
                Some(found) => found,
                None => usize::try_from(number(wanted)?).map_err(|_| Misused)?,
            };
            if !context.workload.go_to(scene) {
                return Err(Misused);
            }
        }
        for (number, scene) in (1..).zip(SCENES) {
            let mark = if number == context.workload.scene() {
                '▶'
            } else {
                ' '
            };
            say!("{mark} {number:>2}  {:<15} {}", scene.name, scene.caption);
        }
        Ok(())
    },
};
