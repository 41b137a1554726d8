//! The screen: the kernel stores rows of the back buffer in it and never reads it.
//!
//! Reading the framebuffer is slow on real machines and in emulators. So the
//! dashboard draws in a back buffer in RAM, and stores only changed rows here, in whole words.

use crate::boot;

/// The mapped framebuffer.
pub struct Screen {
    base: *mut u8,
    mode: boot::Framebuffer,
}

// SAFETY: the mapping belongs to this value alone, and any CPU may write it.
unsafe impl Send for Screen {}

impl Screen {
    /// # Safety
    /// All of the framebuffer is mapped at `base` for writing, forever, and no other code uses it.
    pub unsafe fn new(base: *mut u8, mode: boot::Framebuffer) -> Screen {
        Screen { base, mode }
    }

    /// Stores pixels (0x00RRGGBB) from this position on; pixels outside the screen are cut off.
    pub fn store(&mut self, x: u32, y: u32, pixels: &[u32]) {
        if x >= self.mode.width || y >= self.mode.height {
            return;
        }
        let count = pixels.len().min((self.mode.width - x) as usize);
        let offset = y as usize * self.mode.pitch as usize + x as usize * 4;
        // SAFETY: the row and the columns are inside the picture, by the two checks above.
        let target = unsafe { self.base.add(offset) }.cast::<u32>();
        if self.mode.shifts == [16, 8, 0] {
            // SAFETY: as above; memory and framebuffer do not overlap.
            unsafe { target.copy_from_nonoverlapping(pixels.as_ptr(), count) };
        } else {
            for (at, &pixel) in pixels[..count].iter().enumerate() {
                // SAFETY: as above.
                unsafe { target.add(at).write_volatile(self.encode(pixel)) };
            }
        }
    }

    /// Converts a pixel for a display with another order of colours.
    fn encode(&self, pixel: u32) -> u32 {
        let [red, green, blue] = self.mode.shifts;
        (pixel >> 16 & 0xff) << red | (pixel >> 8 & 0xff) << green | (pixel & 0xff) << blue
    }
}
