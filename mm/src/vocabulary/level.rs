//! The level of a frame: how recently it was used.

/// How recently and how often a frame was used: from 0 (in none of the last seven periods) to 127
/// (in each of them). See [`heat`](crate::heat).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// In none of the last seven periods, or never.
    pub const COLD: Level = Level(0);
    /// In each of the last seven periods.
    pub const HOTTEST: Level = Level(127);

    /// Returns the level with this number, up to 127.
    pub const fn new(number: u8) -> Option<Level> {
        if number <= Level::HOTTEST.0 {
            Some(Level(number))
        } else {
            None
        }
    }

    /// Returns the level of the low seven bits.
    pub const fn new_truncate(number: u8) -> Level {
        Level(number & Level::HOTTEST.0)
    }

    /// Returns the number, 0 to 127.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// True unless the level is [`Level::COLD`].
    pub const fn is_warm(self) -> bool {
        self.0 > 0
    }
}
