//! Actions: what a key or the mouse asks the dashboard for.

use crate::input::keys::{Arrow, Key};
use crate::view::board::Board;
use crate::view::map_mode::MapMode;
use embedded_graphics::geometry::Point;

/// What the mouse did, in pixels of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointing {
    /// It points here.
    At(Point),
    /// It was clicked here.
    Click(Point),
    /// Its wheel was turned here, by so many clicks away from the person.
    Wheel(Point, i32),
}

/// How the frame map is magnified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magnify {
    /// Fewer frames, in larger cells, about what is selected.
    Nearer,
    /// More frames.
    Farther,
    /// All of memory.
    Whole,
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// What Space means now: see `dashboard/space.rs`.
    Space,
    /// Hold the workload, or let it go on; in the past, let it happen again.
    PlayPause,
    /// One event forward; in the present, one step of the workload.
    Step,
    /// One event back.
    StepBack,
    /// To the next lesson step; in the present, on until there is one.
    NextStep,
    /// To the beginning of this lesson step, or of the one before.
    PreviousStep,
    /// To the oldest event that is kept.
    First,
    /// To the present.
    Live,
    /// A bookmark here, or none any more.
    Bookmark,
    /// To the next bookmark, after the last one to the first.
    NextBookmark,
    /// Another view of the frame map.
    Show(MapMode),
    /// Other panels.
    ShowBoard(Board),
    /// The next palette.
    NextPalette,
    /// Less and larger, for a wall; or back.
    Projector,
    /// The next panel has the arrow keys.
    NextPanel,
    /// That panel alone on the screen, or all of them again.
    Maximise,
    /// The cursor of the panel that has the arrow keys moves; where none has, left and right are an
    /// event back and one forward.
    Move(Arrow),
    /// The mouse.
    Point(Pointing),
    /// The frame map shows fewer frames, more, or all.
    Zoom(Magnify),
    /// Opens the list of lessons, or closes it.
    Lessons,
    /// Tells why the last run of frames was refused, or no more.
    WhyNot,
    /// Opens the help, or closes it.
    Help,
    /// Out of what stands over the dashboard.
    Back,
    /// A picture of the screen.
    Screenshot,
    /// Keys go to the shell from now on.
    Shell,
    /// Power off.
    Quit,
}

/// What this key asks for, if anything.
pub fn action(key: Key) -> Option<Action> {
    Some(match key {
        Key::Space => Action::Space,
        Key::Right => Action::Move(Arrow::Right),
        Key::Up => Action::Move(Arrow::Up),
        Key::Down => Action::Move(Arrow::Down),
        Key::Escape => Action::Back,
        Key::Tab => Action::NextPanel,
        Key::Enter => Action::Maximise,
        Key::Left => Action::Move(Arrow::Left),
        Key::Home => Action::First,
        Key::End => Action::Live,
        Key::Character(character) => match character.to_ascii_lowercase() {
            '+' | '=' => Action::Zoom(Magnify::Nearer),
            '-' => Action::Zoom(Magnify::Farther),
            '0' => Action::Zoom(Magnify::Whole),
            ',' => Action::StepBack,
            '.' => Action::Step,
            '[' => Action::PreviousStep,
            ']' => Action::NextStep,
            'l' => Action::Lessons,
            'b' => Action::Bookmark,
            'n' => Action::NextBookmark,
            'c' => Action::NextPalette,
            's' => Action::Screenshot,
            ':' => Action::Shell,
            '?' => Action::Help,
            'p' => Action::Projector,
            'w' => Action::WhyNot,
            'q' => Action::Quit,
            digit => {
                let mode = MapMode::ALL
                    .into_iter()
                    .find(|mode| mode.label().0 == digit);
                let board = Board::ALL
                    .into_iter()
                    .find(|board| board.label().0 == digit);
                return mode.map(Action::Show).or(board.map(Action::ShowBoard));
            }
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_asks_for_its_action() {
        let named = |name| Key::named(name).and_then(action);
        assert_eq!(named("space"), Some(Action::Space));
        assert_eq!(named("3"), Some(Action::Show(MapMode::Tags)));
        assert_eq!(named("Q"), Some(Action::Quit));
        assert_eq!(named("7"), Some(Action::ShowBoard(Board::Heap)));
        assert_eq!(named("]"), Some(Action::NextStep));
        assert_eq!(named("comma"), Some(Action::StepBack));
        assert_eq!(named("z"), None);
    }
}
