//! The numbered discs of a figure: where the numbers that the caption points at are drawn.
//!
//! ```text
//! ① 0xf8fd000      the disc stands where it covers no text: left of the number,
//!    0xf8fd000 ①   right of it, above or below
//! ```

use crate::graphics::places::FoundPlaces;
use crate::graphics::pointers::MARKS;
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::widgets::badges;
use crate::widgets::shapes::{disc, grown};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// Draws a disc for each number that was found and has room.
pub fn draw<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    places: &FoundPlaces,
) -> Result<(), S::Error> {
    let radius = badges::number_radius(styles);
    for (number, centre) in (1..).zip(centres(styles, area, places)) {
        let Some(centre) = centre else {
            continue;
        };
        // A rim in the colour of the panel separates the disc from what it covers.
        let rim = radius + styles.scale.length(2);
        disc(surface, centre, rim, styles.theme.panel)?;
        badges::number(surface, styles, centre, radius, number)?;
    }
    Ok(())
}

/// Returns the centre of the disc of each number. There is none without a place that covers no text
/// and no other disc.
pub fn centres(
    styles: &Styles,
    area: Rectangle,
    places: &FoundPlaces,
) -> [Option<Point>; MARKS.len()] {
    let radius = badges::number_radius(styles);
    let mut chosen = [None; MARKS.len()];
    for (index, place) in places.numbers.iter().enumerate() {
        let is_free = |centre: &Point| {
            let square = square(*centre, radius);
            let covers = |other: &Rectangle| !square.intersection(other).is_zero_sized();
            let discs = chosen.iter().flatten();
            square.intersection(&area) == square
                && !places.lines.iter().any(covers)
                && !discs
                    .map(|disc| self::square(*disc, radius))
                    .any(|disc| covers(&disc))
        };
        chosen[index] =
            place.and_then(|place| beside(place, radius as i32).into_iter().find(is_free));
    }
    chosen
}

/// Returns the square around a disc.
fn square(centre: Point, radius: u32) -> Rectangle {
    grown(Rectangle::new(centre, Size::new(1, 1)), radius)
}

/// Returns the centres of discs beside a number, the best first.
fn beside(place: Rectangle, radius: i32) -> [Point; 8] {
    let gap = radius + 4;
    let (left, top) = (place.top_left.x, place.top_left.y);
    let (right, bottom) = (
        left + place.size.width as i32,
        top + place.size.height as i32,
    );
    let (across, down) = ((left + right) / 2, (top + bottom) / 2);
    let (above, below) = (top - radius - 1, bottom + radius + 1);
    [
        Point::new(left - gap, down),
        Point::new(right + gap, down),
        Point::new(left - gap / 2, above),
        Point::new(right + gap / 2, above),
        Point::new(across, above),
        Point::new(across, below),
        Point::new(left - gap / 2, below),
        Point::new(right + gap / 2, below),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::fingerprint::Fingerprint;
    use crate::graphics::places::Places;
    use crate::graphics::pointers::Pointers;
    use crate::graphics::theme::DARK;
    use crate::graphics::type_scale::Role;

    /// The address is drawn in two pieces, and a word stands on one of its sides, or on both.
    #[test]
    fn a_disc_covers_no_text() {
        let styles = Styles::new(&DARK, 16);
        let radius = badges::number_radius(&styles);
        let words = styles.words(Role::Body, DARK.text, DARK.panel);
        let screen = Size::new(400, 200);
        let area = Rectangle::new(Point::zero(), screen);
        let pointers = Pointers::of("at ①0x2000");
        let at = Point::new(150, 90);
        let seen =
            [("", ""), ("word ", ""), ("", " word"), ("word ", " word")].map(|(before, after)| {
                let mut surface = Fingerprint::new(screen);
                let mut places = Places::new(&mut surface, &pointers);
                let Ok(_) = words.right(&mut places, at, before);
                let Ok(piece) = words.left(&mut places, at, "0x20");
                let mut put = |at, text| {
                    let Ok(area) = words.left(&mut places, at, text);
                    at + Size::new(area.size.width, 0)
                };
                let end = put(at + Size::new(piece.size.width, 0), "00");
                put(end, after);
                let places = places.found();
                let place = places.numbers[0].unwrap();
                assert_eq!(
                    (
                        place.top_left,
                        place.top_left + Size::new(place.size.width, 0)
                    ),
                    (at, end)
                );
                let [centre, ..] = centres(&styles, area, &places);
                let centre = centre.unwrap();
                let covers =
                    |line: &&Rectangle| !square(centre, radius).intersection(line).is_zero_sized();
                (centre - at, places.lines.iter().any(|line| covers(&line)))
            });
        assert!(seen.iter().all(|(_, is_covered)| !is_covered), "{seen:?}");
        let [free, left, right, both] = seen.map(|(centre, _)| centre);
        assert!(free.x < 0 && free.y > 0, "left of the address");
        assert!(left.x > 0 && left.y > 0, "right of it");
        assert_eq!(right, free);
        assert!(both.y < 0, "above it");
        let narrow = Rectangle::new(at, Size::new(90, 20));
        let places = FoundPlaces {
            numbers: [Some(narrow), None, None],
            ..FoundPlaces::default()
        };
        assert_eq!(centres(&styles, narrow, &places), [None; 3], "no room");
    }
}
