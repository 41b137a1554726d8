//! The mouse pointer: its position, and how it is drawn over the picture.
//!
//! ```text
//! canvas ──damage──► screen          the pointer is never drawn on the canvas, which restores what it covers
//!                      ▲
//!        pointer ──────┘             drawn after the damage, if it moved or something below it changed
//! ```
//! Invariant: after [`Pointer::show`], the screen shows the canvas and, unless it is hidden, the
//! pointer over it. `show` stores the pixels of the pointer at most twice. The pointer is light
//! with a dark edge, so it is visible on every colour.

use crate::graphics::canvas::Canvas;
use crate::input::mouse::Movement;
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

/// The pointer on a screen.
#[derive(Clone, Copy, Debug)]
pub struct Pointer {
    screen: Size,
    at: Point,
    /// Whether the mouse has not moved yet.
    hidden: bool,
    /// The scale: screen pixels for each pixel of the arrow.
    scale: usize,
    /// Screen pixels for each count of the mouse.
    speed: i32,
    /// The position on the screen.
    shown: Option<Point>,
}

impl Pointer {
    /// Creates a hidden pointer in the middle of a screen.
    pub fn new(screen: Size) -> Pointer {
        Pointer {
            screen,
            at: Point::new(screen.width as i32 / 2, screen.height as i32 / 2),
            hidden: true,
            scale: (screen.height as usize / 400).clamp(1, MOST),
            speed: (screen.width as i32 / 1280).max(1),
            shown: None,
        }
    }

    /// The position of its tip, or `None` while it is hidden.
    pub fn at(&self) -> Option<Point> {
        (!self.hidden).then_some(self.at)
    }

    /// Moves the pointer. Its tip stays on the screen.
    pub fn shift(&mut self, movement: &Movement) {
        let within = |place: i32, length: u32| place.clamp(0, length as i32 - 1);
        self.hidden = false;
        self.at = Point::new(
            within(self.at.x + movement.right * self.speed, self.screen.width),
            within(self.at.y + movement.down * self.speed, self.screen.height),
        );
    }

    /// Copies the damage of the canvas to the screen, and draws the pointer over it. `store`
    /// receives a row, a column and the pixels from there on.
    pub fn show(&mut self, canvas: &mut Canvas, mut store: impl FnMut(usize, usize, &[u32])) {
        let mut touched = false;
        let shown = self.shown;
        canvas.take_damage(|y, x, pixels| {
            touched |= shown.is_some_and(|at| self.covers(at, y, x..x + pixels.len()));
            store(y, x, pixels);
        });
        let wanted = self.at();
        if wanted != self.shown
            && let Some(before) = self.shown
        {
            self.restore(canvas, before, &mut store);
        }
        if let Some(at) = wanted.filter(|_| touched || wanted != self.shown) {
            self.draw_arrow(canvas, at, &mut store);
        }
        self.shown = wanted;
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
            let mut pointer = Pointer::new(SCREEN);
            let mut screen = vec![0; 200 * 100];
            for (right, down, x, y, size, shade, draws) in steps {
                if draws {
                    let area = Rectangle::new(Point::new(x, y), Size::new(size, size / 2));
                    let Ok(()) = canvas.fill_solid(&area, Rgb888::new(shade, 7, 9));
                } else {
                    pointer.shift(&moved(right, down));
                }
                pointer.show(&mut canvas, |y, x, pixels| {
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
        let mut pointer = Pointer::new(LARGE);
        pointer.shift(&moved(3, -5));
        assert_eq!(pointer.at(), Some(Point::new(1286, 790)));
        let mut screen = vec![7; width * height];
        let mut show = |pointer: &mut Pointer, canvas: &mut Canvas| {
            pointer.show(canvas, |y, x, pixels| {
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
        show(&mut pointer, &mut canvas);
        // Below its lowest rows only.
        let below = Rectangle::new(Point::new(1310, 850), Size::new(20, 9));
        let Ok(()) = canvas.fill_solid(&below, Rgb888::new(1, 2, 3));
        show(&mut pointer, &mut canvas);
    }

    #[test]
    fn it_is_hidden_until_it_moves_and_stays_on_the_screen() {
        let mut pointer = Pointer::new(SCREEN);
        assert_eq!(pointer.at(), None);
        pointer.shift(&moved(0, 0));
        assert_eq!(pointer.at(), Some(Point::new(100, 50)));
        pointer.shift(&moved(-300, 300));
        assert_eq!(pointer.at(), Some(Point::new(0, 99)));
    }

    #[test]
    fn at_rest_it_costs_nothing() {
        let (mut pixels, mut marks) = (vec![0; 200 * 100], vec![0; 100]);
        let mut canvas = Canvas::new(&mut pixels, &mut marks, SCREEN).unwrap();
        let mut pointer = Pointer::new(SCREEN);
        pointer.shift(&moved(3, 3));
        pointer.show(&mut canvas, |_, _, _| {});
        pointer.show(&mut canvas, |y, _, _| panic!("row {y} is stored again"));
        let far = Rectangle::new(Point::zero(), Size::new(9, 9));
        let Ok(()) = canvas.fill_solid(&far, Rgb888::new(1, 2, 3));
        pointer.show(&mut canvas, |y, _, _| {
            assert!(y < 9, "the pointer is stored again");
        });
    }
}
