//! `keyboard`: lists the layouts of the keyboard, and chooses one.

use super::answer::say;
use super::command::{Command, Misused, none};
use memviz::input::keyboard_layout::KeyboardLayout;

pub const KEYBOARD: Command = Command {
    name: "keyboard",
    arguments: "[LAYOUT]",
    summary: "lists the keyboard layouts; with a name, chooses that one",
    run: |_, context, mut arguments| {
        let wanted = arguments.next();
        none(arguments)?;
        if let Some(wanted) = wanted {
            let Ok(layout) = wanted.parse() else {
                say!("there is no keyboard layout {wanted}");
                return Err(Misused);
            };
            context.keys.set_layout(layout);
            if let Some(session) = &mut context.session {
                session.set_keyboard(layout);
            }
        }
        for layout in KeyboardLayout::ALL {
            let chosen = layout == context.keys.layout();
            let mark = if chosen { '▶' } else { ' ' };
            say!("{mark} {:<8} {}", layout.name(), layout.words());
        }
        Ok(())
    },
};
