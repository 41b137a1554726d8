//! The bar of the memory map: all regions side by side, by address.
//!
//! ```text
//! 4 KiB   1   ▌u▐
//! 1 MiB   9   ▌    k    ▐          a width is a logarithm of the size
//! 1 GiB  19   ▌         u         ▐
//! ```
//! A page of 4 KiB has one share of the width, and each doubling of the size adds one share. So
//! small regions are visible beside large ones, and a wider part is always a larger region.

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::model::FirmwareRegion;
use crate::widgets;
use embedded_graphics::geometry::Size;
use embedded_graphics::primitives::Rectangle;
use mm::memory_map::FRAME_BYTES;

/// Pixels between two regions, if there is room for them.
const LINE: u32 = 1;
/// Shares are counted in parts of this size, so that they round to the same pixels everywhere.
const PARTS: u64 = 1 << 16;

/// Draws the regions, with their letters where they have room. Outlines the selected region.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    bar: Rectangle,
    regions: &[FirmwareRegion],
    selected: Option<usize>,
) -> Result<(), S::Error> {
    surface.fill_solid(&bar, styles.theme.panel)?;
    for (number, (region, area)) in regions.iter().zip(parts(bar, regions)).enumerate() {
        let swatch = styles.theme.region(region.kind);
        surface.fill_solid(&area, swatch.color)?;
        if area.size.width > styles.unit() {
            let style = TextStyle::new(styles.title.font, styles.theme.ground, swatch.color);
            let middle = (area.size.width - styles.unit()) / 2;
            let slot = Slot::left(area.top_left + Size::new(middle, 0), 1);
            style.draw(surface, slot, swatch.letter)?;
        }
        if selected == Some(number) {
            let thickness = (styles.unit() / 4).max(2);
            widgets::outline(surface, area, thickness, styles.theme.accent)?;
        }
    }
    Ok(())
}

/// The pixels of each region.
pub fn parts(bar: Rectangle, regions: &[FirmwareRegion]) -> impl Iterator<Item = Rectangle> {
    let Size { width, height } = bar.size;
    let count = regions.len() as u32;
    // A pixel for each region, and one between two regions, as far as the width allows.
    let gap = if count * (1 + LINE) <= width { LINE } else { 0 };
    let least = u32::from(count <= width);
    let spare = u64::from(width.saturating_sub(count * (least + gap)));
    let whole: u64 = regions.iter().map(share).sum::<u64>().max(1);
    let (mut left, mut before) = (0, 0);
    (1..).zip(regions).map(move |(number, region)| {
        before += share(region);
        let grown = (u128::from(spare) * u128::from(before) / u128::from(whole)) as u32;
        let end = (number * (least + gap) + grown).saturating_sub(gap);
        let size = Size::new(end.saturating_sub(left), height);
        let at = bar.top_left + Size::new(left, 0);
        left = end + gap;
        Rectangle::new(at, size)
    })
}

/// The share of a region in the width: 1 + log2 of its pages, in parts. Between two powers of two
/// the logarithm is a straight line, at most 0.09 beside the true one.
fn share(region: &FirmwareRegion) -> u64 {
    let pages = (region.bytes / FRAME_BYTES).max(1);
    let power = 1 << pages.ilog2();
    let rest = u128::from(pages - power) * u128::from(PARTS) / u128::from(power);
    (1 + u64::from(pages.ilog2())) * PARTS + rest as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::geometry::Point;
    use mm::memory_map::MemoryKind;
    use proptest::prelude::*;
    use x86_64::PhysAddr;

    fn regions(pages: &[u64]) -> Vec<FirmwareRegion> {
        let region = |&pages: &u64| FirmwareRegion {
            start: PhysAddr::zero(),
            bytes: pages * FRAME_BYTES,
            kind: MemoryKind::Usable,
        };
        pages.iter().map(region).collect()
    }

    fn bar(width: u32) -> Rectangle {
        Rectangle::new(Point::new(8, 72), Size::new(width, 16))
    }

    #[test]
    fn a_doubling_adds_a_share() {
        let regions = regions(&[1, 2, 4, 1 << 18, 3]);
        let shares: Vec<_> = regions
            .iter()
            .map(|region| share(region) * 2 / PARTS)
            .collect();
        assert_eq!(shares, [2, 4, 6, 38, 5]);
    }

    proptest! {
        /// Regions keep their order, do not overlap and stay in the bar; a larger one is never
        /// narrower, except for the rounding to a pixel.
        #[test]
        fn parts_are_in_order_and_by_size(pages in prop::collection::vec(1u64..1 << 40, 1..600), width in 100u32..1900) {
            let regions = regions(&pages);
            let parts: Vec<_> = parts(bar(width), &regions).collect();
            let mut left = 8;
            for part in &parts {
                prop_assert!(part.top_left.x >= left);
                left = part.top_left.x + part.size.width as i32;
            }
            prop_assert!(left <= 8 + width as i32);
            if pages.len() as u32 <= width {
                prop_assert!(parts.iter().all(|part| part.size.width > 0));
            }
            for (a, part) in pages.iter().zip(&parts) {
                for (b, other) in pages.iter().zip(&parts) {
                    prop_assert!(a > b || part.size.width <= other.size.width + 1);
                }
            }
        }
    }
}
