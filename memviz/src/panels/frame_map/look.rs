//! The look of a cell: two colours, and the height of their border.
//!
//! ```text
//! ░░░░  ground: the other frames          one cell of 8 frames, 5 of them used:
//! ▓▓▓▓
//! ▓▓▓▓  ink, from the bottom up: the share of the frames that the view highlights
//! ```

use crate::graphics::theme::{Swatch, Theme};
use crate::model::OWNERS;
use crate::view::map::Cell;
use crate::view::map_mode::MapMode;
use embedded_graphics::pixelcolor::raw::RawU24;
use embedded_graphics::pixelcolor::{IntoStorage, Rgb888};
use mm::memory_map::MemoryKind;

/// The look of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The lower part.
    pub ink: Rgb888,
    /// The upper part.
    pub ground: Rgb888,
    /// Pixel rows of the lower part, at most the height of the cell.
    pub filled: u32,
    /// The machine reports another state: the cell is hatched.
    pub differs: bool,
}

impl Look {
    /// A placeholder for buffers.
    pub const EMPTY: Look = Look {
        ink: Rgb888::new(0, 0, 0),
        ground: Rgb888::new(0, 0, 0),
        filled: 0,
        differs: false,
    };

    /// Brightens a cell of this height that changed this many periods ago. The effect fades from
    /// step to step. A part of no height keeps its colour.
    #[inline]
    pub fn age(&mut self, age: u32, mode: MapMode, theme: &Theme, height: u32) {
        // Heat already shows age.
        if mode == MapMode::Heat {
            return;
        }
        if self.filled > 0 {
            self.ink = glow(self.ink, theme.text, age);
        }
        if self.filled < height {
            self.ground = glow(self.ground, theme.text, age);
        }
    }

    /// The look of a cell in a view, `height` pixels high, without the brightening.
    #[inline(always)]
    pub fn new(cell: &Cell, mode: MapMode, theme: &Theme, height: u32) -> Look {
        let is_empty = match mode {
            MapMode::Heat => cell.warm == 0,
            _ => cell.used == 0,
        };
        let ground = ground(cell, mode, theme);
        if is_empty {
            // A fast path for most cells of most machines.
            return Look {
                ink: ground,
                ground,
                filled: 0,
                differs: cell.differing > 0,
            };
        }
        let (ink, part, whole) = match mode {
            // The kernel image has heat too, although no owner allocated it.
            MapMode::Heat => (theme.heat(heat(cell)), cell.warm, frames(cell)),
            _ if cell.usable() == 0 => (theme.reserved, 0, 1),
            MapMode::State => {
                let ink = if cell.pinned * 2 > cell.used {
                    boot(theme).color
                } else {
                    theme.used
                };
                (ink, cell.used, cell.usable())
            }
            MapMode::Tags => {
                let ink = cell
                    .main_owner()
                    .map_or(theme.free, |owner| theme.owner(owner).color);
                (ink, cell.used, cell.usable())
            }
            MapMode::References => (references(cell, theme), cell.used, cell.usable()),
        };
        Look {
            ink,
            ground,
            filled: share(part, whole, height),
            differs: cell.differing > 0,
        }
    }
}

/// Half of the way to the bright colour, then a quarter, and so on.
#[inline]
fn glow(color: Rgb888, bright: Rgb888, age: u32) -> Rgb888 {
    let halvings = age.min(7) + 1;
    let kept = 0x01_0101 * (0xff >> halvings);
    let part = |color: Rgb888| color.into_storage() >> halvings & kept;
    RawU24::new(color.into_storage() - part(color) + part(bright)).into()
}

/// The colour of the frames that the view does not highlight.
#[inline]
fn ground(cell: &Cell, mode: MapMode, theme: &Theme) -> Rgb888 {
    if cell.usable() > 0 {
        empty(mode, theme).color
    } else if cell.is_covered() {
        not_usable(mode, theme).color
    } else {
        theme.ground
    }
}

/// `part` of `whole` in pixels: 0 only for nothing, all only for everything.
fn share(part: u32, whole: u32, height: u32) -> u32 {
    if part == 0 {
        return 0;
    }
    if part >= whole {
        return height;
    }
    let exact = (u64::from(part) * u64::from(height)).div_ceil(whole.into()) as u32;
    exact.min(height - 1)
}

/// Frames in a region.
fn frames(cell: &Cell) -> u32 {
    cell.kinds.iter().sum()
}

/// The mean level of the warm frames, as a step of the colour scale.
fn heat(cell: &Cell) -> u8 {
    let mean = cell.heat.div_ceil(u64::from(cell.warm.max(1)));
    heat_step(mean.min(127) as u8)
}

/// A level on a scale in which a period is a step: 0 for level 1, full for level 127. A frame that
/// cools down fades evenly.
fn heat_step(level: u8) -> u8 {
    const STEP: u32 = 32;
    let level = u32::from(level.max(1));
    let (octave, base) = (level.ilog2(), 1 << level.ilog2());
    // A frame in constant use stays in the last octave, which takes two steps.
    let width = if octave == 6 { 2 * STEP } else { STEP };
    (octave * STEP + ((level - base) * width).div_ceil(base)).min(255) as u8
}

/// The steps of the heat scale, a second apart. A period is half a second.
pub fn heat_swatches(theme: &Theme) -> [Swatch; 5] {
    let steps = [
        ("constant", 127),
        ("just now", 64),
        ("1 s ago", 16),
        ("2 s ago", 4),
        ("3 s ago", 1),
    ];
    steps.map(|(words, level)| Swatch {
        color: theme.heat(heat_step(level)),
        letter: ' ',
        words,
    })
}

/// The mean references of the used frames, rounded up.
fn references(cell: &Cell, theme: &Theme) -> Rgb888 {
    let mean = cell.references.div_ceil(cell.used.max(1).into());
    reference_swatches(theme)[mean.clamp(1, 4) as usize - 1].color
}

/// The steps of the references view: 1, 2, 3, 4 and more.
pub fn reference_swatches(theme: &Theme) -> [Swatch; 4] {
    let steps = [
        ('1', "reference", 0),
        ('2', "references", 110),
        ('3', "references", 180),
        ('4', "or more", 255),
    ];
    steps.map(|(letter, words, level)| Swatch {
        color: theme.heat(level),
        letter,
        words,
    })
}

/// The swatch of the frames that the view does not highlight.
pub fn empty(mode: MapMode, theme: &Theme) -> Swatch {
    let (color, words) = match mode {
        MapMode::State | MapMode::Tags => (theme.free, "free"),
        // The scales begin at a shade close to that of free frames.
        MapMode::References => (theme.blank, "free"),
        MapMode::Heat => (theme.blank, "cold"),
    };
    Swatch {
        color,
        letter: EMPTY,
        words,
    }
}

/// The letter of frames that the view does not highlight.
pub const EMPTY: char = '·';
/// The letter of frames that are reserved at boot.
pub const BOOT: char = 'B';
/// The letter of frames with an owner.
pub const USED: char = 'U';

/// Frames that are reserved at boot.
pub fn boot(theme: &Theme) -> Swatch {
    Swatch {
        color: theme.region(MemoryKind::KernelAndModules).color,
        letter: BOOT,
        words: "at boot",
    }
}

/// Frames with an owner.
pub fn used(theme: &Theme) -> Swatch {
    Swatch {
        color: theme.used,
        letter: USED,
        words: "used",
    }
}

/// Frames that are never allocated.
pub fn not_usable(mode: MapMode, theme: &Theme) -> Swatch {
    let (color, letter) = match mode {
        MapMode::State | MapMode::Tags => (theme.reserved, 'r'),
        // The scales contain that shade, so these frames stay blank in those views.
        MapMode::References | MapMode::Heat => (theme.panel, ' '),
    };
    Swatch {
        color,
        letter,
        words: "not usable",
    }
}

/// All owners.
pub fn owners(theme: &Theme) -> [Swatch; OWNERS] {
    core::array::from_fn(|owner| theme.owner(owner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::theme::DARK;

    fn cell(usable: u32, kernel: u32, user: u32) -> Cell {
        let mut cell = Cell::default();
        cell.kinds[MemoryKind::Usable as usize] = usable;
        cell.owners[0] = kernel;
        cell.owners[4] = user;
        cell.used = kernel + user;
        cell
    }

    #[test]
    fn a_mixture_is_drawn_in_proportion() {
        let look = |used| Look::new(&cell(64, used, 0), MapMode::State, &DARK, 8).filled;
        assert_eq!(
            [look(0), look(1), look(32), look(63), look(64)],
            [0, 1, 4, 7, 8]
        );
        let tags = Look::new(&cell(64, 10, 20), MapMode::Tags, &DARK, 8);
        assert_eq!(tags.ink, DARK.owner(4).color);
    }

    #[test]
    fn heat_is_of_the_warm_frames_and_fades_evenly() {
        let hot = |warm, heat: u64| {
            let cell = Cell {
                warm,
                heat,
                ..cell(8, 0, 0)
            };
            (
                super::heat(&cell),
                Look::new(&cell, MapMode::Heat, &DARK, 8).filled,
            )
        };
        assert_eq!([hot(0, 0), hot(1, 1), hot(8, 8)], [(0, 0), (0, 1), (0, 8)]);
        assert_eq!(
            [hot(2, 4), hot(1, 16), hot(1, 64), hot(4, 4 * 127)],
            [(32, 2), (128, 1), (192, 1), (255, 4)]
        );
        let steps: Vec<_> = (1..=127).map(heat_step).collect();
        assert!(steps.is_sorted());
    }

    #[test]
    fn a_change_glows_and_fades() {
        use embedded_graphics::prelude::RgbColor;
        let (dark, bright) = (Rgb888::new(16, 250, 0), Rgb888::new(255, 255, 128));
        let colors = [0, 1, 2, 30].map(|age| glow(dark, bright, age));
        assert_eq!(colors[0], Rgb888::new(16 - 8 + 127, 250 - 125 + 127, 64));
        assert!(
            colors.is_sorted_by_key(|color| 255 - color.r()),
            "{colors:?}"
        );
        assert_eq!(colors[3], Rgb888::new(16, 250, 0));
    }

    #[test]
    fn unusable_frames_are_never_filled() {
        for mode in MapMode::ALL {
            assert_eq!(Look::new(&cell(0, 0, 0), mode, &DARK, 8).filled, 0);
        }
    }
}
