//! Draws the picture, and saves it.

use std::path::Path;

use anyhow::{Context, Result};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use memviz::graphics::canvas::Canvas;
use memviz::graphics::face::FaceWeight;
use memviz::graphics::label::LabelStyle;
use memviz::graphics::surface::Surface;
use memviz::graphics::svg::Svg;

use super::data::HeapMaps;
use super::map::Map;
use super::side::Side;
use super::style::{THEME, words};
use crate::files;
use crate::pictures::Picture;

/// The size of a slide.
const SIZE: Size = Size::new(1920, 1080);
const MARGIN: i32 = 40;
const TITLE: u32 = 46;
const SIDE: i32 = 400;
const GAP: i32 = 28;

impl HeapMaps {
    /// Saves the picture in the format that the name of the file ends in.
    pub fn save(&self, path: &Path) -> Result<()> {
        let is_svg = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("svg"));
        match is_svg {
            true => files::replace_with(path, self.svg()?.as_bytes()),
            false => self.png().write_png(path),
        }
        .with_context(|| format!("cannot write {}", path.display()))
    }

    fn svg(&self) -> Result<String> {
        let mut svg = String::new();
        let area = Rectangle::new(Point::zero(), SIZE);
        Svg::write(
            &mut svg,
            area,
            "Heap over time",
            &self.subtitle,
            |surface| self.draw(surface),
        )?;
        Ok(svg)
    }

    fn png(&self) -> Picture {
        let Size { width, height } = SIZE;
        let mut pixels = vec![0; width as usize * height as usize];
        let mut marks = vec![0; height as usize];
        let canvas = Canvas::new(&mut pixels, &mut marks, SIZE);
        let mut canvas = canvas.expect("the buffers have the size of the picture");
        let Ok(()) = self.draw(&mut canvas);
        let rgb = pixels.iter().flat_map(|pixel| {
            let [blue, green, red, _] = pixel.to_le_bytes();
            [red, green, blue]
        });
        Picture::from_rgb(width, height, rgb.collect())
    }

    fn draw<S: Surface>(&self, surface: &mut S) -> Result<(), S::Error> {
        surface.fill_solid(&Rectangle::new(Point::zero(), SIZE), THEME.panel)?;
        let title = LabelStyle::new(FaceWeight::SemiBold, TITLE, THEME.text, THEME.panel);
        title.left(surface, Point::new(MARGIN, MARGIN / 2), "Heap over time")?;
        let right = Point::new(SIZE.width as i32 - MARGIN, MARGIN / 2 + 12);
        words().right(surface, right, &self.subtitle)?;
        for (number, map) in self.maps.iter().enumerate() {
            Map {
                map,
                requests: self.requests,
                bytes: self.bytes,
                cell: self.cell(number as i32),
            }
            .draw(surface)?;
        }
        let left = SIZE.width as i32 - MARGIN - SIDE;
        let side = Rectangle::new(
            Point::new(left, top()),
            Size::new(SIDE as u32, height() as u32),
        );
        Side { maps: self }.draw(surface, side)
    }

    /// Returns the place of a map with its lines.
    fn cell(&self, number: i32) -> Rectangle {
        let across = match self.maps.len() {
            0..=1 => 1,
            2..=4 => 2,
            5..=9 => 3,
            _ => 4,
        };
        let down = (self.maps.len() as i32).max(1).div_euclid(across)
            + i32::from(self.maps.len() as i32 % across > 0);
        let room = SIZE.width as i32 - 2 * MARGIN - SIDE - GAP;
        let width = (room - (across - 1) * GAP) / across;
        let height = height() / down;
        let at = Point::new(
            MARGIN + number % across * (width + GAP),
            top() + number / across * height,
        );
        Rectangle::new(at, Size::new(width as u32, height as u32))
    }
}

/// The first row below the title.
fn top() -> i32 {
    MARGIN / 2 + 80
}

/// The height below the title.
fn height() -> i32 {
    SIZE.height as i32 - top() - MARGIN / 2
}

#[cfg(test)]
mod tests {
    use super::super::data::HeapMap;
    use super::super::style::LINE;
    use super::*;
    use crate::workload::spans::Span;
    use mm::heap::strategy::Strategy;
    use mm::heap::workload::Lifetimes;

    fn maps(number: usize) -> HeapMaps {
        let map = |&strategy: &Strategy| HeapMap {
            strategy,
            utilisation: "99.9 %".into(),
            spans: vec![Span {
                block: 0,
                offset: 0,
                bytes: 6_000,
                begin: 60,
                end: 120,
            }],
            first_failure: 121,
            difference: Some(10),
        };
        let mut lifetimes = Lifetimes::default();
        lifetimes.add(6, 60);
        HeapMaps {
            subtitle: "240 requests".into(),
            requests: 240,
            bytes: 12_000,
            maps: Strategy::SHIPPED.iter().take(number).map(map).collect(),
            lifetimes,
        }
    }

    #[test]
    fn the_words_of_the_svg_are_text() {
        let svg = maps(9).svg().unwrap();
        for words in [
            "Heap over time",
            "240 requests",
            "first fit",
            "99.9 %",
            "request 121 refused",
            "First difference from",
            "Mean life time",
            "64 B+",
        ] {
            assert!(svg.contains(words), "{words}: {svg}");
        }
    }

    #[test]
    fn maps_do_not_overlap_for_any_number_of_strategies() {
        for number in 1..=12 {
            let mut all = maps(1);
            all.maps = (0..number).flat_map(|_| maps(1).maps).collect();
            let cells: Vec<_> = (0..number).map(|at| all.cell(at)).collect();
            for (at, cell) in cells.iter().enumerate() {
                assert!(cell.size.height > 3 * LINE as u32, "{number}: {cell:?}");
                for other in &cells[..at] {
                    assert!(cell.intersection(other).is_zero_sized(), "{number}");
                }
            }
        }
    }

    #[test]
    fn png_and_svg_show_the_same_block() {
        let picture = maps(1).png();
        let cell = maps(1).cell(0);
        // A quarter of the requests from the left, in the lower half of the map: the block.
        let at = |across: u32, down: u32| {
            let x = cell.top_left.x as u32 + cell.size.width * across / 240;
            let y = cell.top_left.y as u32 + cell.size.height * down / 100;
            picture.pixel(x, y)
        };
        assert_ne!(at(90, 75), at(180, 75), "the block is freed at 120");
        assert_ne!(at(90, 75), at(90, 25), "the block ends in the middle");
        assert_eq!(at(180, 75), at(90, 25));
    }
}
