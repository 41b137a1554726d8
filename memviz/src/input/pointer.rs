//! The mouse pointer: its position on the screen.

use crate::input::mouse::Movement;
use embedded_graphics::geometry::{Point, Size};

/// The pointer of a screen.
#[derive(Clone, Copy, Debug)]
pub struct Pointer {
    screen: Size,
    at: Point,
    /// True if the mouse has not moved yet.
    hidden: bool,
    /// Screen pixels for each count of the mouse.
    speed: i32,
}

impl Pointer {
    /// Creates a hidden pointer in the middle of a screen.
    pub fn new(screen: Size) -> Pointer {
        Pointer {
            screen,
            at: Point::new(screen.width as i32 / 2, screen.height as i32 / 2),
            hidden: true,
            speed: (screen.width as i32 / 1280).max(1),
        }
    }

    /// Returns the position of its tip, or `None` while it is hidden.
    pub fn at(&self) -> Option<Point> {
        (!self.hidden).then_some(self.at)
    }

    /// Moves the pointer. Its tip stays on the screen.
    pub fn shift(&mut self, movement: &Movement) {
        let within = |place: i32, length: u32| place.clamp(0, length as i32 - 1);
        self.hidden = false;
        let at = match movement.to {
            Some([x, y]) => {
                let pixel = |part: u16, length: u32| ((u32::from(part) * length) >> 16) as i32;
                Point::new(pixel(x, self.screen.width), pixel(y, self.screen.height))
            }
            None => self.at + Point::new(movement.right, movement.down) * self.speed,
        };
        self.at = Point::new(
            within(at.x, self.screen.width),
            within(at.y, self.screen.height),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Size = Size::new(200, 100);

    fn moved(right: i32, down: i32) -> Movement {
        Movement {
            right,
            down,
            ..Movement::default()
        }
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
    fn an_absolute_position_reaches_every_edge() {
        let mut pointer = Pointer::new(SCREEN);
        let mut at = |x, y| {
            pointer.shift(&Movement {
                to: Some([x, y]),
                ..Movement::default()
            });
            pointer.at().map(|point| (point.x, point.y))
        };
        assert_eq!(at(0, 0), Some((0, 0)));
        assert_eq!(at(u16::MAX - 1, u16::MAX - 1), Some((199, 99)));
        assert_eq!(at(1 << 15, 1 << 14), Some((100, 25)));
    }
}
