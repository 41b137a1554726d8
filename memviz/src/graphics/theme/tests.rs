//! Contrast and distance of colours, computed.

use super::*;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::RgbColor;
use mm::memory_map::MemoryKind;
use mm::paging::FaultCause;
use mm::tag::Tag;

/// Linear red, green and blue, 0 to 1.
type Linear = [f64; 3];

fn linear(color: Rgb888) -> Linear {
    [color.r(), color.g(), color.b()].map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.04045 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    })
}

/// Contrast as WCAG 2.1 defines it, 1 to 21.
fn contrast(one: Rgb888, other: Rgb888) -> f64 {
    let luminance = |color| {
        let [r, g, b] = linear(color);
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

/// How linear colours look: to most people, and with protanopia, deuteranopia, tritanopia (Machado,
/// Oliveira and Fernandes 2009, severity 1).
const EYES: [(&str, [Linear; 3]); 4] = [
    (
        "normal",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ),
];

fn multiply(matrix: &[Linear; 3], vector: Linear) -> Linear {
    matrix.map(|row| {
        row.iter()
            .zip(vector)
            .map(|(factor, value)| factor * value)
            .sum()
    })
}

/// Lightness and two colour axes in which equal distances look equally large (Oklab, Ottosson
/// 2020).
fn oklab(color: Linear) -> Linear {
    let cones = multiply(
        &[
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ],
        color,
    );
    multiply(
        &[
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ],
        cones.map(|cone| cone.max(0.0).cbrt()),
    )
}

fn distance(eye: &[Linear; 3], one: Rgb888, other: Rgb888) -> f64 {
    let seen = |color| oklab(multiply(eye, linear(color)).map(|channel| channel.clamp(0.0, 1.0)));
    let (one, other) = (seen(one), seen(other));
    one.iter()
        .zip(other)
        .map(|(one, other)| (one - other).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// Returns the colours with a meaning in maps: owners, free and reserved frames.
fn owners(theme: &Theme) -> Vec<Swatch> {
    let states = [
        (theme.free, "free"),
        (theme.reserved, "reserved"),
        (theme.used, "used"),
    ];
    let states = states.map(|(color, words)| Swatch {
        color,
        letter: ' ',
        words,
    });
    (0..8).map(|bit| theme.owner(bit)).chain(states).collect()
}

/// Memory without an owner is empty on purpose: it has words and no contrast of its own.
fn is_empty(swatch: &Swatch) -> bool {
    ["free", "reserved"].contains(&swatch.words)
}

fn regions(theme: &Theme) -> Vec<Swatch> {
    MemoryKind::ALL
        .iter()
        .map(|&kind| theme.region(kind))
        .collect()
}

fn faults(theme: &Theme) -> Vec<Swatch> {
    FaultCause::ALL
        .iter()
        .map(|&cause| theme.fault(cause))
        .collect()
}

#[test]
fn text_is_read_on_every_ground() {
    for (theme, least, in_cell) in [
        (&DARK, 7.4, 6.6),
        (&HIGH_CONTRAST, 9.7, 8.2),
        (&PRINT, 6.5, 6.5),
        (&MONO, 9.2, 8.4),
    ] {
        for (ground, least) in [
            (theme.ground, least),
            (theme.panel, least),
            (theme.cell, in_cell),
        ] {
            for ink in [theme.text, theme.dim, theme.accent, theme.warning] {
                let contrast = contrast(ink, ground);
                let name = theme.name;
                assert!(
                    contrast >= least,
                    "{name}: {ink:?} on {ground:?}: {contrast}"
                );
            }
        }
        for (ink, ground) in [
            (theme.on_accent, theme.accent),
            (theme.on_allowed, theme.allowed),
        ] {
            assert!(contrast(ink, ground) >= 4.5, "{}: {ink:?}", theme.name);
        }
    }
}

#[test]
fn lines_boxes_and_levels_are_seen_on_every_ground() {
    for theme in Theme::ALL {
        let grounds = [theme.ground, theme.panel, theme.cell];
        for color in [theme.edge, theme.rule, theme.used, theme.allowed] {
            for ground in grounds {
                let contrast = contrast(color, ground);
                assert!(contrast >= 3.0, "{}: {color:?}: {contrast}", theme.name);
            }
        }
        for level in 0..4 {
            let color = theme.level(level);
            assert!(
                contrast(color, theme.panel) >= 3.0,
                "{}: {level}",
                theme.name
            );
            let name = contrast(theme.ink_on(color), color);
            assert!(name >= 4.5, "{}: name on level {level}: {name}", theme.name);
        }
        let lightness = |level| oklab(linear(theme.level(level)))[0];
        for level in 1..4 {
            let step = (lightness(level) - lightness(level - 1)).abs();
            assert!(
                step > 0.05,
                "{}: levels {level} and the one above",
                theme.name
            );
        }
    }
}

#[test]
fn owners_carry_their_letters_and_their_text() {
    for theme in [&DARK, &HIGH_CONTRAST] {
        for owner in (0..8).map(|bit| theme.owner(bit)) {
            let letter = contrast(theme.ink_on(owner.color), owner.color);
            assert!(
                letter >= 4.5,
                "{}: letter of {owner:?}: {letter}",
                theme.name
            );
            let text = contrast(theme.dim, theme.tint(owner.color));
            assert!(text >= 4.5, "{}: text of {owner:?}: {text}", theme.name);
        }
    }
}

/// The accent is never mistaken for an owner or for a warning. A warning always has its triangle,
/// so it may be nearer to an owner.
#[test]
fn accent_and_warning_stand_apart_to_every_eye() {
    for theme in [&DARK, &HIGH_CONTRAST] {
        for (name, eye) in &EYES {
            let apart = |one, other| distance(eye, one, other);
            for owner in (0..8).map(|bit| theme.owner(bit)) {
                let accent = apart(owner.color, theme.accent);
                assert!(accent >= 0.1, "{name}: accent and {owner:?}: {accent:.3}");
                let warning = apart(owner.color, theme.warning);
                assert!(
                    warning >= 0.05,
                    "{name}: warning and {owner:?}: {warning:.3}"
                );
            }
            let both = apart(theme.accent, theme.warning);
            assert!(both >= 0.11, "{name}: accent and warning: {both:.3}");
        }
    }
}

/// No two things of different meaning share a colour.
#[test]
fn no_level_of_a_table_has_the_colour_of_an_owner() {
    for theme in [&DARK, &HIGH_CONTRAST] {
        for level in 0..4 {
            for owner in (0..8).map(|bit| theme.owner(bit)) {
                assert_ne!(theme.level(level), owner.color, "{}: {owner:?}", theme.name);
            }
        }
    }
}

#[test]
fn graphics_have_a_contrast_of_three() {
    for theme in Theme::ALL {
        let mut swatches = [owners(theme), regions(theme), faults(theme)].concat();
        swatches.retain(|swatch| !is_empty(swatch));
        let heat = (0..=255).map(|level| (theme.heat(level), "heat"));
        for (color, words) in swatches
            .iter()
            .map(|swatch| (swatch.color, swatch.words))
            .chain(heat)
        {
            let on_panel = contrast(color, theme.panel);
            assert!(
                on_panel >= 3.0,
                "{}: {words} {color:?}: {on_panel}",
                theme.name
            );
        }
    }
}

/// The letter in a swatch is bold and has the colour of the ground.
#[test]
fn letters_are_read_on_their_swatches() {
    for theme in Theme::ALL {
        let swatches = [owners(theme), regions(theme), faults(theme)].concat();
        for swatch in swatches.into_iter().filter(|swatch| !is_empty(swatch)) {
            let contrast = contrast(theme.ground, swatch.color);
            assert!(contrast >= 3.0, "{}: {swatch:?}: {contrast}", theme.name);
        }
    }
}

/// 0.02 is a just noticeable difference between large areas side by side; cells of a few pixels
/// need far more.
#[test]
fn every_two_owners_differ_to_every_eye() {
    for theme in [&DARK, &HIGH_CONTRAST] {
        let mut swatches = owners(theme);
        swatches.retain(|swatch| swatch.words != "used"); // stands where no owner is shown
        assert_pairs_differ(&swatches, 0.1);
    }
}

/// Each region has its letter beside its address, so distances may be smaller than those of owners.
#[test]
fn every_two_regions_differ_to_every_eye() {
    for theme in [&DARK, &HIGH_CONTRAST] {
        assert_pairs_differ(&regions(theme), 0.07);
    }
}

#[test]
fn used_frames_differ_from_free_and_reserved_ones() {
    for theme in Theme::ALL {
        for (name, eye) in &EYES {
            for other in [theme.free, theme.reserved] {
                assert!(
                    distance(eye, theme.used, other) > 0.2,
                    "{} {name}",
                    theme.name
                );
            }
        }
    }
}

fn assert_pairs_differ(swatches: &[Swatch], least: f64) {
    for (name, eye) in &EYES {
        for (index, one) in swatches.iter().enumerate() {
            for other in &swatches[..index] {
                let distance = distance(eye, one.color, other.color);
                let pair = (one.words, other.words);
                assert!(distance >= least, "{name}: {pair:?}: {distance:.3}");
            }
        }
    }
}

/// In a palette without colours, letters alone must distinguish all categories.
#[test]
fn letters_are_unique_among_their_like() {
    for theme in Theme::ALL {
        let states = theme.tag(Tag::empty());
        let owners: Vec<_> = (0..8).map(|bit| theme.owner(bit)).chain([states]).collect();
        for swatches in [owners, regions(theme), faults(theme)] {
            let mut letters: Vec<char> = swatches.iter().map(|swatch| swatch.letter).collect();
            letters.sort_unstable();
            letters.dedup();
            assert_eq!(letters.len(), swatches.len());
        }
    }
}

/// On paper, ink is dark: heat gets darker.
#[test]
fn heat_gets_brighter_with_every_level() {
    for theme in Theme::ALL {
        let sign = if theme.name == "print" { -1.0 } else { 1.0 };
        let lightness = |level| sign * oklab(linear(theme.heat(level)))[0];
        for level in 8..=255 {
            assert!(
                lightness(level) > lightness(level - 8),
                "{}: {level}",
                theme.name
            );
        }
        let [cold, _, hot] = [0, 128, 255].map(|level| theme.heat(level));
        assert!(contrast(cold, hot) > 3.0);
    }
}

#[test]
fn every_owner_has_its_colour_and_no_owner_is_free() {
    for (bit, owner) in [Tag::KERNEL, Tag::PAGE_TABLE, Tag::STACK, Tag::HEAP]
        .iter()
        .enumerate()
    {
        assert_eq!(DARK.tag(*owner | Tag::SHARED), DARK.owner(bit));
    }
    assert_eq!(DARK.tag(Tag::SHARED).color, DARK.free);
}
