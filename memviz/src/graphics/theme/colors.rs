//! Colours from hexadecimal numbers, and mixtures of two colours.

use embedded_graphics::pixelcolor::Rgb888;

/// Returns the colour with this number, `0xrrggbb`.
pub const fn rgb(hex: u32) -> Rgb888 {
    Rgb888::new((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Mixes two colours: `step` of 255 parts of the second one.
pub fn mix(from: Rgb888, to: Rgb888, step: u32) -> Rgb888 {
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
