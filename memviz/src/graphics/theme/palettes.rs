//! The palettes: dark, high contrast, for paper, and black and white.

use super::colors::rgb;
use super::roles::{HEAT_ANCHORS, Theme};
use embedded_graphics::pixelcolor::Rgb888;

impl Theme {
    /// All palettes; the first one is the default.
    pub const ALL: [&'static Theme; 4] = [&DARK, &HIGH_CONTRAST, &PRINT, &MONO];

    /// Returns the palette with this name.
    pub fn named(name: &str) -> Option<&'static Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name == name)
    }
}

/// Cividis, from the shade that has a contrast of 3:1 with the background.
const CIVIDIS: [Rgb888; HEAT_ANCHORS] = [
    rgb(0x63676f),
    rgb(0x727375),
    rgb(0x8a8779),
    rgb(0xa69d75),
    rgb(0xb5a971),
    rgb(0xc4b56c),
    rgb(0xe4cf5b),
    rgb(0xffea46),
];

/// The default palette.
pub static DARK: Theme = Theme {
    name: "dark",
    ground: rgb(0x0c0f14),
    panel: rgb(0x141920),
    outline: rgb(0x2c3541),
    blank: rgb(0x2c3541),
    text: rgb(0xf0f3f7),
    dim: rgb(0xaeb8c5),
    accent: rgb(0xffda52),
    on_accent: rgb(0x0c0f14),
    warning: rgb(0xff866f),
    cell: rgb(0x1c232d),
    edge: rgb(0x687484),
    rule: rgb(0x7b8796),
    allowed: rgb(0xdce3eb),
    on_allowed: rgb(0x0c0f14),
    free: EMPTY,
    used: rgb(0xc9d3e0),
    reserved: CLOSED,
    levels: [rgb(0x7a8899), rgb(0x97a3b1), rgb(0xb5bfca), rgb(0xd5dce4)],
    owners: OWNERS,
    regions: REGIONS,
    faults: [LIGHT_BLUE, ORANGE, rgb(0xff866f)],
    heat: CIVIDIS,
};

const BLUE: Rgb888 = rgb(0x4070dc);
const ORANGE: Rgb888 = rgb(0xda6c0b);
const WHITE: Rgb888 = rgb(0xf6f8f3);
const GREEN: Rgb888 = rgb(0x41d7a6);
const LIGHT_BLUE: Rgb888 = rgb(0xb9d7fd);
const PURPLE: Rgb888 = rgb(0xc392ff);
const TEAL: Rgb888 = rgb(0x59aaad);
const PLUM: Rgb888 = rgb(0xa8578c);
/// Free memory is empty: hardly brighter than the panel. Memory that is not usable is a little
/// brighter, and darker than any owner.
const EMPTY: Rgb888 = rgb(0x262e39);
const CLOSED: Rgb888 = rgb(0x474f5c);
const RED: Rgb888 = rgb(0xff5c4a);
const STONE: Rgb888 = rgb(0x968b82);
const SLATE: Rgb888 = rgb(0x687280);

const OWNERS: [Rgb888; 8] = [BLUE, ORANGE, WHITE, GREEN, LIGHT_BLUE, PURPLE, TEAL, PLUM];

/// As in the frame map, the kernel is the kernel, and the framebuffer is memviz's.
const REGIONS: [Rgb888; 8] = [SLATE, LIGHT_BLUE, WHITE, BLUE, PURPLE, GREEN, STONE, RED];

/// The default colours on black, with bright text and lines: for a bright room or a weak projector.
pub static HIGH_CONTRAST: Theme = Theme {
    name: "contrast",
    ground: rgb(0x000000),
    panel: rgb(0x000000),
    outline: rgb(0x7d8794),
    blank: rgb(0x2f3743),
    text: rgb(0xffffff),
    dim: rgb(0xdfe4ea),
    accent: rgb(0xffda52),
    on_accent: rgb(0x000000),
    warning: rgb(0xff9480),
    cell: rgb(0x14181e),
    edge: rgb(0x8592a3),
    rule: rgb(0x98a4b3),
    allowed: rgb(0xffffff),
    on_allowed: rgb(0x000000),
    free: EMPTY,
    used: rgb(0xe4eaf2),
    reserved: CLOSED,
    levels: [rgb(0x8592a3), rgb(0xa6b1be), rgb(0xc6ced8), rgb(0xe8edf2)],
    owners: OWNERS,
    regions: REGIONS,
    faults: [LIGHT_BLUE, GREEN, rgb(0xff9480)],
    heat: CIVIDIS,
};

/// Dark on white, greys with two accents: for paper.
pub static PRINT: Theme = Theme {
    name: "print",
    ground: rgb(0xffffff),
    panel: rgb(0xffffff),
    outline: rgb(0xc9ced6),
    blank: rgb(0xc9ced6),
    text: rgb(0x15181d),
    dim: rgb(0x4a515b),
    accent: rgb(0x0b57b8),
    on_accent: rgb(0xffffff),
    warning: rgb(0xb3261e),
    cell: rgb(0xffffff),
    edge: rgb(0x6f7782),
    rule: rgb(0x6f7782),
    allowed: rgb(0x22272e),
    on_allowed: rgb(0xffffff),
    free: rgb(0xe4e7eb),
    used: rgb(0x4a525d),
    reserved: rgb(0x8a929d),
    levels: [rgb(0x8a929d), rgb(0x6c7580), rgb(0x4e5761), rgb(0x2f363f)],
    owners: [
        rgb(0x2b2f36),
        rgb(0x565d67),
        rgb(0x8a929d),
        rgb(0x6c7580),
        rgb(0x7b8490),
        rgb(0x3c434c),
        rgb(0x848c97),
        rgb(0x495059),
    ],
    regions: [
        rgb(0x8a929d),
        rgb(0x7b8490),
        rgb(0x6c7580),
        rgb(0x2b2f36),
        rgb(0x3c434c),
        rgb(0x565d67),
        rgb(0x848c97),
        rgb(0x495059),
    ],
    faults: [rgb(0x6c7580), rgb(0x3c434c), rgb(0xb3261e)],
    heat: [
        rgb(0x8f959d),
        rgb(0x828890),
        rgb(0x747a83),
        rgb(0x666c75),
        rgb(0x575d66),
        rgb(0x464c54),
        rgb(0x343941),
        rgb(0x15181d),
    ],
};

/// Shades of grey on black, to check that no meaning depends on colour.
pub static MONO: Theme = Theme {
    name: "mono",
    ground: rgb(0x0a0a0a),
    panel: rgb(0x141414),
    outline: rgb(0x333333),
    blank: rgb(0x333333),
    text: rgb(0xf4f4f4),
    dim: rgb(0xb8b8b8),
    accent: rgb(0xffffff),
    on_accent: rgb(0x0a0a0a),
    warning: rgb(0xffffff),
    cell: rgb(0x1e1e1e),
    edge: rgb(0x6e6e6e),
    rule: rgb(0x8c8c8c),
    allowed: rgb(0xe4e4e4),
    on_allowed: rgb(0x0a0a0a),
    free: rgb(0x626262),
    used: rgb(0xd8d8d8),
    reserved: rgb(0x808080),
    levels: [rgb(0x7c7c7c), rgb(0x989898), rgb(0xb8b8b8), rgb(0xd8d8d8)],
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
