//! `lesson`: lists the lessons, and starts one.

use super::answer::say;
use super::command::{Command, Misused, none, number};
use crate::lessons::{self, LESSONS};

pub const LESSON: Command = Command {
    name: "lesson",
    arguments: "[NAME]",
    summary: "lists the lessons; with a name or a number, starts that one",
    run: |_, context, mut arguments| {
        let wanted = arguments.next();
        none(arguments)?;
        if let Some(wanted) = wanted {
            let lesson = match lessons::number(wanted) {
                Some(found) => found,
                None => match number(wanted) {
                    Ok(at) if (1..=LESSONS.len() as u64).contains(&at) => at as usize - 1,
                    _ => {
                        say!("there is no lesson {wanted}");
                        return Err(Misused);
                    }
                },
            };
            if !context.player.go_to(lesson) {
                say!("this kernel lacks a feature that the lesson shows");
            }
        }
        let on = context.player.lesson();
        for (number, lesson) in LESSONS.iter().enumerate() {
            let mark = if number == on { '▶' } else { ' ' };
            let (name, title, steps) = (lesson.name, lesson.title, lesson.steps.len());
            say!(
                "{mark} {:>2}  {name:<16} {title}, {steps} steps",
                number + 1
            );
        }
        Ok(())
    },
};
