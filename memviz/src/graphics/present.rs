//! Brings a picture to the screen, with the mouse pointer over it.
//!
//! ```text
//! canvas ──damage──► screen          the pointer is never drawn on the canvas, which restores what it covers
//!                      ▲
//!        pointer ──────┘             drawn after the damage, if it moved or something below it changed
//! ```
//! Invariant: after [`present`], the screen shows the canvas and, unless it is hidden, the
//! pointer over it. It stores the pixels of the pointer at most twice. The pointer is light
//! with a dark edge, so it is visible on every colour.

use crate::graphics::canvas::Canvas;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};

/// An arrow whose tip is its upper left corner: `#` edge, `.` inside.
const ARROW: [&str; 19] = [
    "#           ",
    "##          ",
    "#.#         ",
    "#..#        ",
    "#...#       ",
    "#....#      ",
    "#.....#     ",
    "#......#    ",
    "#.......#   ",
    "#........#  ",
    "#.........# ",
    "#......#####",
    "#...#..#    ",
    "#..# #..#   ",
    "#.#  #..#   ",
    "##    #..#  ",
    "#     #..#  ",
    "       #..# ",
    "       ###  ",
];
const ARROW_WIDTH: usize = ARROW[0].len();
/// The maximum scale.
const MOST: usize = 4;

const EDGE: u32 = 0x00_00_00;
const INSIDE: u32 = 0xff_ff_ff;

/// The picture of the pointer on a screen.
#[derive(Clone, Copy, Debug)]
pub struct PointerImage {
    screen: Size,
    /// The scale: screen pixels for each pixel of the arrow.
    scale: usize,
    /// The position on the screen.
    shown: Option<Point>,
}

/// Copies the damage of the canvas to the screen, and draws the pointer over it: with its tip at
/// `tip`, or nowhere. `store` receives a row of the screen, a column and the pixels from there on.
pub fn present(
    canvas: &mut Canvas,
    pointer: &mut PointerImage,
    tip: Option<Point>,
    mut store: impl FnMut(usize, usize, &[u32]),
) {
    let mut touched = false;
    let shown = pointer.shown;
    canvas.take_damage(|y, x, pixels| {
        touched |= shown.is_some_and(|at| pointer.covers(at, y, x..x + pixels.len()));
        store(y, x, pixels);
    });
    if tip != shown
        && let Some(before) = shown
    {
        pointer.restore(canvas, before, &mut store);
    }
    if let Some(at) = tip.filter(|_| touched || tip != shown) {
        pointer.draw_arrow(canvas, at, &mut store);
    }
    pointer.shown = tip;
}

impl PointerImage {
    /// Creates the picture for a screen of this size. The pointer is not on the screen yet.
    pub fn new(screen: Size) -> PointerImage {
        PointerImage {
            screen,
            scale: (screen.height as usize / 400).clamp(1, MOST),
            shown: None,
        }
    }

    /// Returns whether a pointer at a position covers any of some columns of a row.
    fn covers(&self, at: Point, y: usize, columns: core::ops::Range<usize>) -> bool {
        let (left, top) = (at.x as usize, at.y as usize);
        let height = ARROW.len() * self.scale;
        (top..top + height).contains(&y)
            && columns.start < left + ARROW_WIDTH * self.scale
            && columns.end > left
    }

    /// Restores the pixels of the canvas at a former position.
    fn restore(&self, canvas: &Canvas, at: Point, store: &mut impl FnMut(usize, usize, &[u32])) {
        let (left, top) = (at.x as usize, at.y as usize);
        let end = (left + ARROW_WIDTH * self.scale).min(self.screen.width as usize);
        let bottom = (top + ARROW.len() * self.scale).min(self.screen.height as usize);
        for y in top..bottom {
            store(y, left, &canvas.row(y)[left..end]);
        }
    }

    /// Draws the arrow over the pixels of the canvas.
    fn draw_arrow(&self, canvas: &Canvas, at: Point, store: &mut impl FnMut(usize, usize, &[u32])) {
        let (left, top) = (at.x as usize, at.y as usize);
        let end = (left + ARROW_WIDTH * self.scale).min(self.screen.width as usize);
        let mut line = [0; ARROW_WIDTH * MOST];
        let rows = ARROW
            .iter()
            .flat_map(|row| core::iter::repeat_n(row, self.scale));
        for (y, row) in (top..canvas.size().height as usize).zip(rows) {
            let line = &mut line[..end - left];
            line.copy_from_slice(&canvas.row(y)[left..end]);
            let inks = row
                .bytes()
                .flat_map(|ink| core::iter::repeat_n(ink, self.scale));
            for (pixel, ink) in line.iter_mut().zip(inks) {
                match ink {
                    b'#' => *pixel = EDGE,
                    b'.' => *pixel = INSIDE,
                    _ => {}
                }
            }
            store(y, left, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::mouse::Movement;
    use crate::input::pointer::Pointer;
    use embedded_graphics::draw_target::DrawTarget;
    use embedded_graphics::pixelcolor::Rgb888;
    use embedded_graphics::primitives::Rectangle;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const SCREEN: Size = Size::new(200, 100);

    fn moved(right: i32, down: i32) -> Movement {
        Movement {
            right,
            down,
            ..Movement::default()
        }
    }

    proptest! {
        /// After any drawing and any movement, the screen shows the canvas and the arrow over it.
        #[test]
        fn the_screen_is_the_canvas_and_an_arrow(
            steps in vec((-90..90i32, -60..60i32, -20..200i32, -20..100i32, 1..60u32, any::<u8>(), any::<bool>()), 1..30),
        ) {
            let (mut pixels, mut marks) = (vec![0; 200 * 100], vec![0; 100]);
            let mut canvas = Canvas::new(&mut pixels, &mut marks, SCREEN).unwrap();
            let (mut pointer, mut image) = (Pointer::new(SCREEN), PointerImage::new(SCREEN));
            let mut screen = vec![0; 200 * 100];
            for (right, down, x, y, size, shade, draws) in steps {
                if draws {
                    let area = Rectangle::new(Point::new(x, y), Size::new(size, size / 2));
                    let Ok(()) = canvas.fill_solid(&area, Rgb888::new(shade, 7, 9));
                } else {
                    pointer.shift(&moved(right, down));
                }
                present(&mut canvas, &mut image, pointer.at(), |y, x, pixels| {
                    screen[y * 200 + x..][..pixels.len()].copy_from_slice(pixels);
                });
                let mut expected: Vec<u32> = (0..100).flat_map(|y| canvas.row(y).to_vec()).collect();
                if let Some(at) = pointer.at() {
                    for (row, inks) in ARROW.iter().enumerate() {
                        for (column, ink) in inks.bytes().enumerate() {
                            let (x, y) = (at.x as usize + column, at.y as usize + row);
                            if x < 200 && y < 100 && ink != b' ' {
                                expected[y * 200 + x] = if ink == b'#' { EDGE } else { INSIDE };
                            }
                        }
                    }
                }
                prop_assert!(screen == expected);
            }
        }
    }

    /// On a large screen, the pointer is larger and crosses the screen as fast.
    #[test]
    fn it_grows_with_the_screen() {
        const LARGE: Size = Size::new(2560, 1600);
        let (width, height) = (2560, 1600);
        let (mut pixels, mut marks) = (vec![7; width * height], vec![0; height]);
        let mut canvas = Canvas::new(&mut pixels, &mut marks, LARGE).unwrap();
        let (mut pointer, mut image) = (Pointer::new(LARGE), PointerImage::new(LARGE));
        pointer.shift(&moved(3, -5));
        assert_eq!(pointer.at(), Some(Point::new(1286, 790)));
        let mut screen = vec![7; width * height];
        let mut show = |image: &mut PointerImage, canvas: &mut Canvas| {
            present(canvas, image, pointer.at(), |y, x, pixels| {
                screen[y * width + x..][..pixels.len()].copy_from_slice(pixels);
            });
            for (y, row) in screen.chunks(width).enumerate().skip(780).take(100) {
                for (x, &pixel) in row.iter().enumerate().skip(1280).take(80) {
                    let (right, down) = (x.checked_sub(1286), y.checked_sub(790));
                    let ink = right
                        .zip(down)
                        .and_then(|(right, down)| ARROW.get(down / 4)?.as_bytes().get(right / 4));
                    let expected = match ink {
                        Some(b'#') => EDGE,
                        Some(b'.') => INSIDE,
                        _ => canvas.row(y)[x],
                    };
                    assert_eq!(pixel, expected, "at {x}, {y}");
                }
            }
        };
        show(&mut image, &mut canvas);
        // Below its lowest rows only.
        let below = Rectangle::new(Point::new(1310, 850), Size::new(20, 9));
        let Ok(()) = canvas.fill_solid(&below, Rgb888::new(1, 2, 3));
        show(&mut image, &mut canvas);
    }

    #[test]
    fn at_rest_it_costs_nothing() {
        let (mut pixels, mut marks) = (vec![0; 200 * 100], vec![0; 100]);
        let mut canvas = Canvas::new(&mut pixels, &mut marks, SCREEN).unwrap();
        let (mut pointer, mut image) = (Pointer::new(SCREEN), PointerImage::new(SCREEN));
        pointer.shift(&moved(3, 3));
        present(&mut canvas, &mut image, pointer.at(), |_, _, _| {});
        present(&mut canvas, &mut image, pointer.at(), |y, _, _| {
            panic!("row {y} is stored again")
        });
        let far = Rectangle::new(Point::zero(), Size::new(9, 9));
        let Ok(()) = canvas.fill_solid(&far, Rgb888::new(1, 2, 3));
        present(&mut canvas, &mut image, pointer.at(), |y, _, _| {
            assert!(y < 9, "the pointer is stored again");
        });
    }
}
