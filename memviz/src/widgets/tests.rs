//! Widgets in a small picture: what is painted, and how far.

use super::*;
use crate::graphics::canvas::Canvas;
use crate::graphics::styles::Styles;
use crate::graphics::theme::Theme;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::IntoStorage;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use proptest::prelude::*;

const A: Rgb888 = Rgb888::new(1, 0, 0);
const B: Rgb888 = Rgb888::new(0, 2, 0);
const REST: Rgb888 = Rgb888::new(0, 0, 3);

/// Draws into a picture of zeros, 120 × 40.
fn picture(draw: impl FnOnce(&mut Canvas)) -> Vec<u32> {
    let (mut pixels, mut marks) = (vec![0; 120 * 40], [0; 40]);
    draw(&mut Canvas::new(&mut pixels, &mut marks, Size::new(120, 40)).unwrap());
    pixels
}

fn count(pixels: &[u32], color: Rgb888) -> usize {
    pixels
        .iter()
        .filter(|&&pixel| pixel == color.into_storage())
        .count()
}

proptest! {
    #[test]
    fn a_bar_is_filled_to_scale(a in 0..2000u64, b in 0..2000u64, whole in 1..4000u64) {
        let area = Rectangle::new(Point::new(10, 5), Size::new(100, 3));
        let drawn = picture(|canvas| {
            let Ok(()) = bar(canvas, area, whole, [(a, A), (b, B)], REST);
        });
        let [a_pixels, b_pixels, rest] = [A, B, REST].map(|color| count(&drawn, color) as u64 / 3);
        prop_assert_eq!(a_pixels + b_pixels + rest, 100);
        prop_assert!((a_pixels > 0) == (a > 0));
        prop_assert!(a_pixels.abs_diff((a * 100 / whole).min(100)) <= 1);
        prop_assert!((a_pixels + b_pixels).abs_diff(((a + b) * 100 / whole).min(100)) <= 2);
    }
}

#[test]
fn a_panel_fills_its_rectangle_and_leaves_its_content_empty() {
    let styles = Styles::new(Theme::ALL[0], 12);
    let area = Rectangle::new(Point::new(3, 2), Size::new(110, 36));
    let drawn = picture(|canvas| {
        let Ok(()) = panel(
            canvas,
            &styles,
            area,
            "A TITLE",
            "a detail that is too long",
            "n",
        );
    });
    let content = content(&styles, area);
    assert_eq!(area.intersection(&content), content);
    for (index, &pixel) in drawn.iter().enumerate() {
        let at = Point::new(index as i32 % 120, index as i32 / 120);
        assert_eq!(pixel != 0, area.contains(at), "{at:?}");
        if content.contains(at) {
            assert_eq!(pixel, styles.theme.panel.into_storage());
        }
    }
}

#[test]
fn a_legend_entry_paints_all_of_its_cells() {
    let styles = Styles::new(Theme::ALL[0], 12);
    let entry = styles.theme.owner(0);
    let drawn = picture(|canvas| {
        let Ok(()) = legend_entry(canvas, &styles, Point::new(6, 8), 18, entry, "1,234");
    });
    let area = Rectangle::new(Point::new(6, 8), Size::new(18 * 6, 12));
    for (index, &pixel) in drawn.iter().enumerate() {
        let at = Point::new(index as i32 % 120, index as i32 / 120);
        assert_eq!(pixel != 0, area.contains(at), "{at:?}");
    }
}
