//! The roles of colours: which colour an owner, a region, a fault or a level of heat has.

use super::colors::{mix, rgb};
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
    /// The selection, and what changed in this step.
    pub accent: Rgb888,
    /// Text on the accent colour.
    pub on_accent: Rgb888,
    /// Errors and warnings: lost events, differences, refused requests.
    pub warning: Rgb888,
    /// An empty cell of a figure: a free block, an entry that is not present.
    pub cell: Rgb888,
    /// The edge of a box.
    pub edge: Rgb888,
    /// Lines and arrows.
    pub rule: Rgb888,
    /// An access right that is granted, and the badge of a reference count.
    pub allowed: Rgb888,
    /// Text on `allowed`.
    pub on_allowed: Rgb888,
    /// A frame without an owner.
    pub free: Rgb888,
    /// A frame with an owner, in views that do not show owners.
    pub used: Rgb888,
    /// Memory that the firmware reserves.
    pub reserved: Rgb888,
    /// The levels of page tables, from the PML4 to the page table.
    pub(super) levels: [Rgb888; 4],
    pub(super) owners: [Rgb888; 8],
    pub(super) regions: [Rgb888; 8],
    /// Resolved faults, refused faults, and faults that end a process or the kernel.
    pub(super) faults: [Rgb888; 3],
    pub(super) heat: [Rgb888; HEAT_ANCHORS],
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

/// Returns the letter of the owner with this bit number, 0 to 7.
pub fn owner_letter(bit: usize) -> char {
    OWNER_LETTERS[bit]
}

impl Theme {
    /// Returns the owner of a frame or block: its lowest owner bit. No owner means free.
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

    /// Returns the owner with this bit number, 0 to 7.
    #[inline]
    pub fn owner(&self, bit: usize) -> Swatch {
        let (letter, words) = (OWNER_LETTERS[bit], OWNER_WORDS[bit]);
        Swatch {
            color: self.owners[bit],
            letter,
            words,
        }
    }

    /// Returns a region of the memory map.
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

    /// Returns the cause of a page fault.
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

    /// Returns the colour of a page-table level and of the address bits that index it: 0 for the
    /// PML4 to 3 for the page table; 4 for the offset and the page.
    pub fn level(&self, number: usize) -> Rgb888 {
        self.levels.get(number).copied().unwrap_or(self.used)
    }

    /// Returns the fill of a box that belongs to an owner with this colour: text is read on it.
    pub fn tint(&self, owner: Rgb888) -> Rgb888 {
        mix(self.panel, owner, 51)
    }

    /// Returns the colour of a letter on this fill: dark or white, whichever has more contrast.
    pub fn ink_on(&self, fill: Rgb888) -> Rgb888 {
        use embedded_graphics::prelude::RgbColor;
        let square = |channel: u8| u32::from(channel) * u32::from(channel);
        let light = 2126 * square(fill.r()) + 7152 * square(fill.g()) + 722 * square(fill.b());
        match light < 2200 * square(255) {
            true => rgb(0xffffff),
            false => rgb(0x0c0f14),
        }
    }

    /// Returns the colour of a heat level, from cold (0) to hot (255).
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

/// The colours that the scale of heat goes through.
pub(super) const HEAT_ANCHORS: usize = 8;
