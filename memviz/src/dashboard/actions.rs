//! Actions: the requests that a key or the mouse makes to the dashboard.

use crate::input::keys::{Arrow, Key};
use crate::view::board::Board;
use crate::view::figure::Figure;
use crate::view::map_mode::MapMode;
use embedded_graphics::geometry::Point;
use serde::{Deserialize, Serialize};

/// The form of a point in a trace file.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Point")]
struct StoredPoint {
    x: i32,
    y: i32,
}

/// An action of the mouse, in pixels of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pointing {
    /// The pointer moved here.
    At(#[serde(with = "StoredPoint")] Point),
    /// A click here.
    Click(#[serde(with = "StoredPoint")] Point),
    /// A turn of the wheel here, by this many clicks away from the user.
    Wheel(#[serde(with = "StoredPoint")] Point, i32),
}

/// The magnification of the frame map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Magnify {
    /// Fewer frames, in larger cells, around the selection.
    Nearer,
    /// More frames.
    Farther,
    /// All of memory.
    Whole,
}

/// The action of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// The meaning of Space depends on the state: see `dashboard/space.rs`.
    Space,
    /// Pauses or resumes the workload; in the past, the replay.
    PlayPause,
    /// Goes one event forward; in the present, one step of the workload.
    Step,
    /// Goes one event back.
    StepBack,
    /// Goes to the next lesson step; in the present, runs the workload up to it.
    NextStep,
    /// Goes to the beginning of this lesson step, or of the previous one.
    PreviousStep,
    /// Goes to the oldest event of the history.
    First,
    /// Goes to the present.
    Live,
    /// Sets or removes a bookmark.
    Bookmark,
    /// Goes to the next bookmark, and from the last one to the first.
    NextBookmark,
    /// Shows another view of the frame map.
    Show(MapMode),
    /// Shows another board.
    ShowBoard(Board),
    /// Switches to the next palette.
    NextPalette,
    /// Turns the projector mode on or off: fewer and larger panels.
    Projector,
    /// Shows the next figure instead of the board, or the board again.
    NextFigure,
    /// Gives the arrow keys to the next panel.
    NextPanel,
    /// Shows that panel alone, or all panels again.
    Maximise,
    /// Moves the cursor of the panel that has the arrow keys. If no panel has them, left and right
    /// go to the last and the next event that can be seen.
    Move(Arrow),
    /// An action of the mouse.
    Point(Pointing),
    /// Zooms the frame map.
    Zoom(Magnify),
    /// Opens the list of lessons, or closes it.
    Lessons,
    /// Shows or hides the reason of the last refused run of frames.
    WhyNot,
    /// Opens the help, or closes it.
    Help,
    /// Closes the topmost overlay, or clears the selection.
    Back,
    /// Switches to the next keyboard layout.
    NextKeyboard,
    /// Chooses this answer of the question, or enters the votes for it.
    Choose(u8),
    /// Adds a digit to the number of votes for the next answer.
    Vote(u8),
    /// Saves a screenshot.
    Screenshot,
    /// Opens the shell, which then gets the keys.
    Shell,
    /// Powers off.
    Quit,
    /// Shows this figure instead of the board.
    ShowFigure(Figure),
    /// Opens the line of the search.
    Search,
    /// Changes the line of the search, or of a name.
    Type(Key),
    /// Goes to the next match of the search, and from the last one to the first.
    NextMatch,
    /// Goes to the previous match of the search, and from the first one to the last.
    PreviousMatch,
    /// Shows the changes since the last bookmark, or those of the lesson step again.
    Compare,
    /// Sets a bookmark, and opens the line for its name.
    NameBookmark,
}

/// Returns the action of this key, if it has one.
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
        Key::Character('B') => Action::NameBookmark,
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
            'd' => Action::Compare,
            'c' => Action::NextPalette,
            'k' => Action::NextKeyboard,
            's' => Action::Screenshot,
            ':' => Action::Shell,
            '/' => Action::Search,
            '?' => Action::Help,
            'p' => Action::Projector,
            'f' => Action::NextFigure,
            'w' => Action::WhyNot,
            'q' => Action::Quit,
            digit => {
                let mode = MapMode::ALL
                    .into_iter()
                    .find(|mode| mode.label().0.starts_with(digit));
                let board = Board::ALL
                    .into_iter()
                    .find(|board| board.label().0.starts_with(digit));
                return mode.map(Action::Show).or(board.map(Action::ShowBoard));
            }
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::keyboard::Keyboard;
    use crate::input::keyboard_layout::KeyboardLayout;
    use std::collections::BTreeSet;

    #[test]
    fn each_key_has_its_action() {
        let named = |name| Key::named(name).and_then(action);
        assert_eq!(named("space"), Some(Action::Space));
        assert_eq!(named("3"), Some(Action::Show(MapMode::Tags)));
        assert_eq!(named("Q"), Some(Action::Quit));
        assert_eq!(named("7"), Some(Action::ShowBoard(Board::Heap)));
        assert_eq!(named("]"), Some(Action::NextStep));
        assert_eq!(named("comma"), Some(Action::StepBack));
        assert_eq!(named("z"), None);
    }

    /// A command that a layout cannot type cannot be used there.
    #[test]
    fn every_layout_types_every_command() {
        for layout in KeyboardLayout::ALL {
            let typed = typed(layout);
            let missing: Vec<char> = (' '..='~')
                .skip(1)
                .filter(|&character| action(Key::Character(character)).is_some())
                .filter(|character| !typed.contains(character))
                .collect();
            assert!(missing.is_empty(), "{layout}: {missing:?}");
        }
    }

    /// On a French keyboard, the key beside Tab is `a`, and the one beside Caps Lock is `q`.
    #[test]
    fn a_command_belongs_to_the_character() {
        let press = |code| {
            Keyboard::new(KeyboardLayout::French)
                .take(code)
                .and_then(action)
        };
        assert_eq!((press(0x10), press(0x1e)), (None, Some(Action::Quit)));
    }

    /// Returns the characters of a layout: of the keys alone, with Shift, and with AltGr.
    fn typed(layout: KeyboardLayout) -> BTreeSet<char> {
        /// Scan codes of set 1.
        const SHIFT: u8 = 0x2a;
        const RIGHT_ALT: [u8; 2] = [0xe0, 0x38];
        const MODIFIERS: [u8; 6] = [SHIFT, 0x36, 0x1d, 0x38, 0x3a, 0x45];
        let mut all = BTreeSet::new();
        for held in [&[][..], &[SHIFT], &RIGHT_ALT] {
            for code in (1..0x80).filter(|code| !MODIFIERS.contains(code)) {
                let mut keyboard = Keyboard::new(layout);
                let bytes = held.iter().copied().chain([code]);
                if let Some(Key::Character(character)) =
                    bytes.filter_map(|byte| keyboard.take(byte)).last()
                {
                    all.insert(character);
                }
            }
        }
        all
    }
}
