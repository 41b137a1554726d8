//! The screen: rows of the back buffer go in, nothing is ever read back.
//!
//! Reading the framebuffer is slow on real machines and in emulators. So the picture is made in a
//! back buffer in RAM, and only rows that changed are stored here, by whole words.

use crate::boot;

/// The framebuffer, mapped.
pub struct Screen {
    base: *mut u8,
    mode: boot::Framebuffer,
}

// SAFETY: the mapping belongs to this value alone, and any CPU may write it.
unsafe impl Send for Screen {}

impl Screen {
    /// # Safety
    /// `base` is where all of the framebuffer is mapped for writing, for good, and nobody else uses
    /// it.
    pub unsafe fn new(base: *mut u8, mode: boot::Framebuffer) -> Screen {
        Screen { base, mode }
    }

    /// Shows pixels (0x00RRGGBB) at this place; what stands out to the right or below is cut off.
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

    /// For a display whose colours stand in another order.
    fn encode(&self, pixel: u32) -> u32 {
        let [red, green, blue] = self.mode.shifts;
        (pixel >> 16 & 0xff) << red | (pixel >> 8 & 0xff) << green | (pixel & 0xff) << blue
    }
}
