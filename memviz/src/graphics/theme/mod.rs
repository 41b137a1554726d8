//! Palettes: the meaning of each colour. A [`Theme`] is a palette.
//!
//! The background is dark and neutral. There is one accent colour, and every other colour has one
//! meaning, which a letter repeats ([`Swatch`]). Tag colours derive from Okabe and Ito's set, heat
//! is cividis; both can be distinguished with red-green and blue-yellow colour blindness. The tests
//! compute contrast (WCAG 2.1) and colour distance.

use embedded_graphics::pixelcolor::Rgb888;
use mm::memory_map::MemoryKind;
use mm::paging::FaultCause;
use mm::tag::{OWNER_WORDS, Tag};

/// A palette: a colour for every role.
pub struct Theme {
    /// The name, for the command line.
    pub name: &'static str,
    /// The background between the panels.
    pub ground: Rgb888,
    /// The background of a panel.
    pub panel: Rgb888,
    /// The outline of a panel, and the grid inside it.
    pub outline: Rgb888,
    /// The colour below the start of a scale: not used, no reference.
    pub blank: Rgb888,
    /// Primary text: values, titles.
    pub text: Rgb888,
    /// Secondary text: labels, units.
    pub dim: Rgb888,
    /// Keys to press, the selection, the newest item.
    pub accent: Rgb888,
    /// Errors and warnings: lost events, differences, refused requests.
    pub warning: Rgb888,
    /// A frame without an owner.
    pub free: Rgb888,
    /// A frame with an owner, in views that do not show owners.
    pub used: Rgb888,
    /// Memory that the firmware reserves.
    pub reserved: Rgb888,
    owners: [Rgb888; 8],
    regions: [Rgb888; 8],
    /// Resolved faults, refused faults, and faults that end a process or the kernel.
    faults: [Rgb888; 3],
    heat: [Rgb888; HEAT_ANCHORS],
}

/// Colour, letter and name of a category in maps, legends and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swatch {
    /// Its colour.
    pub color: Rgb888,
    /// Its letter, unique in its category.
    pub letter: char,
    /// Its name.
    pub words: &'static str,
}

/// The letters of the owners, by bit of [`Tag::OWNERS`].
const OWNER_LETTERS: [char; 8] = ['K', 'P', 'S', 'H', 'U', 'M', 'C', 'D'];

/// The letter of the owner with this bit number, 0 to 7.
pub fn owner_letter(bit: usize) -> char {
    OWNER_LETTERS[bit]
}

impl Theme {
    /// All palettes; the first one is the default.
    pub const ALL: [&'static Theme; 3] = [&DARK, &HIGH_CONTRAST, &MONOCHROME];

    /// The palette with this name.
    pub fn named(name: &str) -> Option<&'static Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name == name)
    }

    /// The owner of a frame or block: its lowest owner bit. No owner means free.
    #[inline]
    pub fn tag(&self, tag: Tag) -> Swatch {
        match tag.owners().trailing_zeros() {
            bit @ 0..8 => self.owner(bit as usize),
            _ => Swatch {
                color: self.free,
                letter: '·',
                words: "free",
            },
        }
    }

    /// The owner with this bit number, 0 to 7.
    #[inline]
    pub fn owner(&self, bit: usize) -> Swatch {
        let (letter, words) = (OWNER_LETTERS[bit], OWNER_WORDS[bit]);
        Swatch {
            color: self.owners[bit],
            letter,
            words,
        }
    }

    /// A region of the memory map.
    pub fn region(&self, kind: MemoryKind) -> Swatch {
        let letter = match kind {
            MemoryKind::Usable => 'u',
            MemoryKind::BootloaderReclaimable => 'b',
            MemoryKind::AcpiReclaimable => 'a',
            MemoryKind::KernelAndModules => 'k',
            MemoryKind::Framebuffer => 'f',
            MemoryKind::AcpiNvs => 'n',
            MemoryKind::Reserved => 'r',
            MemoryKind::Bad => 'x',
        };
        Swatch {
            color: self.regions[kind as usize],
            letter,
            words: kind.words(),
        }
    }

    /// The cause of a page fault.
    pub fn fault(&self, cause: FaultCause) -> Swatch {
        let [routine, caught, error] = self.faults;
        let (letter, color) = match cause {
            FaultCause::Guard => ('G', caught),
            FaultCause::Null => ('N', error),
            FaultCause::DemandZero => ('Z', routine),
            FaultCause::CopyOnWrite => ('C', routine),
            FaultCause::WriteReadOnly => ('W', error),
            FaultCause::ExecuteNoExecute => ('X', error),
            FaultCause::UserTouchedKernel => ('K', error),
            FaultCause::ReservedBit => ('R', error),
            FaultCause::Unmapped => ('U', error),
            FaultCause::StackGrowth => ('S', routine),
            FaultCause::KernelTouchedUser => ('M', error),
            FaultCause::Swapped => ('I', routine),
        };
        Swatch {
            color,
            letter,
            words: cause.words(),
        }
    }

    /// The colour of a page-table level and of the address bits that index it: 0 for the PML4 to 3
    /// for the page table; 4 for the offset and the page.
    pub fn level(&self, number: usize) -> Rgb888 {
        const OWNER: [usize; 5] = [1, 2, 3, 5, 4];
        self.owners[OWNER[number.min(4)]]
    }

    /// The colour of a heat level, from cold (0) to hot (255).
    #[inline]
    pub fn heat(&self, level: u8) -> Rgb888 {
        let position = u32::from(level) * (HEAT_ANCHORS as u32 - 1);
        let (anchor, step) = ((position / 255) as usize, position % 255);
        if step == 0 {
            self.heat[anchor]
        } else {
            mix(self.heat[anchor], self.heat[anchor + 1], step)
        }
    }
}

const HEAT_ANCHORS: usize = 8;

/// Cividis, from the shade that has a contrast of 3:1 with the background.
const CIVIDIS: [Rgb888; HEAT_ANCHORS] = [
    rgb(0x5f636e),
    rgb(0x707173),
    rgb(0x8a8779),
    rgb(0xa69d75),
    rgb(0xb5a971),
    rgb(0xc4b56c),
    rgb(0xe4cf5b),
    rgb(0xffea46),
];

/// The default palette. The owners have Okabe and Ito's eight colours, with white instead of black.
/// Their distances are increased until all of them, free and reserved can be distinguished with
/// every kind of colour blindness.
pub static DARK: Theme = Theme {
    name: "dark",
    ground: rgb(0x0b0e13),
    panel: rgb(0x12161d),
    outline: rgb(0x2f3743),
    blank: rgb(0x2f3743),
    text: rgb(0xe8edf4),
    dim: rgb(0xa3adba),
    accent: rgb(0x9db4ff),
    warning: rgb(0xff8f7e),
    free: SLATE,
    used: rgb(0xc9d3e0),
    reserved: STONE,
    owners: [BLUE, ORANGE, YELLOW, GREEN, SKY, PURPLE, WHITE, VERMILION],
    // As in the frame map: usable memory is free, the kernel is the kernel, the framebuffer is
    // memviz's.
    regions: [SLATE, SKY, YELLOW, BLUE, PURPLE, ORANGE, STONE, VERMILION],
    faults: [SKY, ORANGE, rgb(0xff8f7e)],
    heat: CIVIDIS,
};

const BLUE: Rgb888 = rgb(0x0077ff);
const ORANGE: Rgb888 = rgb(0xfc9002);
const YELLOW: Rgb888 = rgb(0xffd52e);
const GREEN: Rgb888 = rgb(0x4cc895);
const PURPLE: Rgb888 = rgb(0xb996ff);
const WHITE: Rgb888 = rgb(0xf4f6f8);
const SKY: Rgb888 = rgb(0xb6cfff);
const VERMILION: Rgb888 = rgb(0xef390c);
const SLATE: Rgb888 = rgb(0x5a6472);
const STONE: Rgb888 = rgb(0x8d8580);

/// The default colours on black, with bright text and lines: for a bright room or a weak projector.
pub static HIGH_CONTRAST: Theme = Theme {
    name: "contrast",
    ground: rgb(0x000000),
    panel: rgb(0x000000),
    outline: rgb(0x7d8794),
    blank: rgb(0x2f3743),
    text: rgb(0xffffff),
    dim: rgb(0xdfe4ea),
    accent: rgb(0xc9d6ff),
    warning: rgb(0xffb4a8),
    free: SLATE,
    used: rgb(0xe4eaf2),
    reserved: STONE,
    owners: DARK.owners,
    regions: DARK.regions,
    faults: [SKY, ORANGE, rgb(0xffb4a8)],
    heat: CIVIDIS,
};

/// Shades of grey: for printing, and to check that no meaning depends on colour.
pub static MONOCHROME: Theme = Theme {
    name: "monochrome",
    ground: rgb(0x000000),
    panel: rgb(0x0a0a0a),
    outline: rgb(0x4a4a4a),
    blank: rgb(0x4a4a4a),
    text: rgb(0xffffff),
    dim: rgb(0xb0b0b0),
    accent: rgb(0xffffff),
    warning: rgb(0xffffff),
    free: rgb(0x626262),
    used: rgb(0xd8d8d8),
    reserved: rgb(0x808080),
    owners: [
        rgb(0x7a7a7a),
        rgb(0xa8a8a8),
        rgb(0x949494),
        rgb(0xbebebe),
        rgb(0xd2d2d2),
        rgb(0xffffff),
        rgb(0xe4e4e4),
        rgb(0x868686),
    ],
    regions: [
        rgb(0xd2d2d2),
        rgb(0xbebebe),
        rgb(0xa8a8a8),
        rgb(0x949494),
        rgb(0xffffff),
        rgb(0x868686),
        rgb(0x6a6a6a),
        rgb(0xe8e8e8),
    ],
    faults: [rgb(0xa8a8a8), rgb(0xd2d2d2), rgb(0xffffff)],
    heat: [
        rgb(0x6a6a6a),
        rgb(0x7e7e7e),
        rgb(0x929292),
        rgb(0xa8a8a8),
        rgb(0xbebebe),
        rgb(0xd4d4d4),
        rgb(0xeaeaea),
        rgb(0xffffff),
    ],
};

const fn rgb(hex: u32) -> Rgb888 {
    Rgb888::new((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Mixes two colours: `step` of 255 parts of the second one.
fn mix(from: Rgb888, to: Rgb888, step: u32) -> Rgb888 {
    use embedded_graphics::prelude::RgbColor;
    let channel = |from: u8, to: u8| {
        ((u32::from(from) * (255 - step) + u32::from(to) * step + 127) / 255) as u8
    };
    Rgb888::new(
        channel(from.r(), to.r()),
        channel(from.g(), to.g()),
        channel(from.b(), to.b()),
    )
}

#[cfg(test)]
mod tests;
