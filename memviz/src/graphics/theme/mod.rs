//! Palettes: the meaning of each colour. A [`Theme`] is a palette.
//!
//! The background is neutral. There is one accent colour, and every other colour has one meaning,
//! which a letter repeats ([`Swatch`]). Owners have eight hues, heat is cividis; both can be
//! distinguished with red-green and blue-yellow colour blindness. Levels of page tables are greys,
//! so that no level has the colour of an owner. The tests compute contrast (WCAG 2.1) and distance.

mod colors;
mod palettes;
mod roles;
#[cfg(test)]
mod tests;

pub use palettes::*;
pub use roles::{Swatch, Theme, owner_letter};
