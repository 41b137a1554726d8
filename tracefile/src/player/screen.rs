//! The pixels of a picture, in memory of their own.

use embedded_graphics::geometry::{Point, Size};
use memviz::dashboard::Dashboard;
use memviz::graphics::canvas::Canvas;
use memviz::graphics::present::{PointerImage, present};
use memviz::view::terminal::Terminal;

/// A back buffer, and the pointer over it.
pub struct Screen {
    pixels: Vec<u32>,
    marks: Vec<u64>,
    pointer: PointerImage,
    size: Size,
}

impl Screen {
    /// Creates a black screen of this size.
    pub fn new(size: Size) -> Screen {
        Screen {
            pixels: vec![0; size.width as usize * size.height as usize],
            marks: vec![0; size.height as usize],
            pointer: PointerImage::new(size),
            size,
        }
    }

    /// Returns the size in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Draws the next picture, with the tip of the pointer at `tip` or without a pointer. `store`
    /// receives a row, a column and the pixels from there on that changed, `0x00RRGGBB` each.
    pub fn draw(
        &mut self,
        dashboard: &mut Dashboard<'_>,
        terminal: &Terminal,
        tip: Option<Point>,
        store: impl FnMut(usize, usize, &[u32]),
    ) {
        let canvas = Canvas::new(&mut self.pixels, &mut self.marks, self.size);
        let mut canvas = canvas.expect("the buffers have the size of the screen");
        let Ok(()) = dashboard.draw(&mut canvas);
        let Ok(()) = dashboard.draw_shell(&mut canvas, terminal);
        present(&mut canvas, &mut self.pointer, tip, store);
    }
}
