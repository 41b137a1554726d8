//! Keys and what they ask for: the same on the keyboard, the serial line and in a script.

use crate::board::Board;
use embedded_graphics::geometry::Point;

/// What the frame map shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapMode {
    /// Free, used, taken for good, or no usable memory.
    State,
    /// How much each frame was used.
    Heat,
    /// Whose each frame is.
    #[default]
    Tags,
    /// How many references each frame has.
    References,
}

impl MapMode {
    /// All, in the order of their keys.
    pub const ALL: [MapMode; 4] = [
        MapMode::State,
        MapMode::Heat,
        MapMode::Tags,
        MapMode::References,
    ];

    /// Key and name.
    pub const fn label(self) -> (char, &'static str) {
        match self {
            MapMode::State => ('1', "state"),
            MapMode::Heat => ('2', "heat"),
            MapMode::Tags => ('3', "tags"),
            MapMode::References => ('4', "refs"),
        }
    }
}

/// A key, wherever it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as on the keyboard")]
pub enum Key {
    Space,
    Left,
    Right,
    Home,
    End,
    Tab,
    Enter,
    Escape,
    Up,
    Down,
    PageUp,
    PageDown,
    Backspace,
    Delete,
    /// As typed: upper case is kept.
    Character(char),
    /// A letter, in lower case, with Control.
    Control(char),
}

impl Key {
    /// The keys that have names; every other one is called by its character. A comma parts keys.
    pub const NAMES: [(&str, Key); 15] = [
        ("space", Key::Space),
        ("left", Key::Left),
        ("right", Key::Right),
        ("up", Key::Up),
        ("down", Key::Down),
        ("home", Key::Home),
        ("end", Key::End),
        ("pageup", Key::PageUp),
        ("pagedown", Key::PageDown),
        ("tab", Key::Tab),
        ("enter", Key::Enter),
        ("escape", Key::Escape),
        ("backspace", Key::Backspace),
        ("delete", Key::Delete),
        ("comma", Key::Character(',')),
    ];

    /// The key with this name in a script: `space`, `right`, … or the character that it writes.
    pub fn named(name: &str) -> Option<Key> {
        let known = Key::NAMES.iter().find(|(known, _)| *known == name);
        let mut characters = name.chars();
        let single = || {
            let character = characters.next()?;
            let is_alone = characters.next().is_none();
            let is_key = is_alone && character.is_ascii_graphic() && character != ',';
            is_key.then(|| Key::from_character(character))
        };
        known.map(|&(_, key)| key).or_else(single)
    }

    /// The key that writes this character, as it comes from a serial line.
    pub fn from_character(character: char) -> Key {
        match character {
            ' ' => Key::Space,
            '\t' => Key::Tab,
            '\r' | '\n' => Key::Enter,
            '\u{1b}' => Key::Escape,
            '\u{8}' | '\u{7f}' => Key::Backspace,
            '\u{1}'..='\u{1a}' => Key::Control(char::from(character as u8 - 1 + b'a')),
            _ => Key::Character(character),
        }
    }
}

/// Where an arrow key points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as on the keyboard")]
pub enum Arrow {
    Left,
    Right,
    Up,
    Down,
}

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
        Key::Space => Action::PlayPause,
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
    fn keys_by_name_and_by_character() {
        assert_eq!(
            Key::named("space").and_then(action),
            Some(Action::PlayPause)
        );
        assert_eq!(
            action(Key::from_character('3')),
            Some(Action::Show(MapMode::Tags))
        );
        assert_eq!(action(Key::from_character('Q')), Some(Action::Quit));
        assert_eq!(
            action(Key::from_character('7')),
            Some(Action::ShowBoard(Board::Heap))
        );
        assert_eq!(Key::named("]").and_then(action), Some(Action::NextStep));
        assert_eq!(Key::named("z").and_then(action), None);
        assert_eq!(Key::named("comma").and_then(action), Some(Action::StepBack));
        assert_eq!(Key::named(","), None);
        assert_eq!((Key::named("spacebar"), Key::named("")), (None, None));
        assert_eq!(Key::from_character('\u{1}'), Key::Control('a'));
        assert_eq!(Key::from_character('\u{17}'), Key::Control('w'));
        assert_eq!(Key::from_character('\u{7f}'), Key::Backspace);
    }
}
