//! The mouse pointer: its position on the screen.

use crate::input::mouse::Movement;
use embedded_graphics::geometry::{Point, Size};

/// The pointer of a screen.
#[derive(Clone, Copy, Debug)]
pub struct Pointer {
    screen: Size,
    at: Point,
    /// Whether the mouse has not moved yet.
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
}
