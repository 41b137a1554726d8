//! The sizes of words in figures, by the height of the screen.
//!
//! ```text
//! height          600   800  1080  2160      projector: nothing below 3 % of the height
//! axis … caption  11–17 12–22 16–30 32–60    20–30 24–38 33–52
//! ```
//! Every size is one of [`FACE_SIZES`](crate::graphics::charset::FACE_SIZES).

/// The use of words, which determines their size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ticks and units.
    Axis,
    /// Labels and second words.
    Small,
    /// Names in boxes.
    Body,
    /// Answers, reasons, legends, heads of columns.
    Label,
    /// Titles and questions.
    Title,
    /// Captions.
    Caption,
}

/// The sizes of all roles, in pixels of the em.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeScale([u32; 6]);

impl TypeScale {
    /// Returns the sizes for a screen of this height.
    pub fn new(height: u32, projector: bool) -> TypeScale {
        TypeScale(match (projector, height) {
            (false, ..700) => [11, 12, 12, 13, 14, 17],
            (false, 700..940) => [12, 13, 14, 15, 17, 22],
            (false, 940..1600) => [15, 17, 20, 20, 22, 30],
            (false, _) => [30, 35, 38, 38, 46, 60],
            (true, ..700) => [20, 20, 20, 22, 24, 30],
            (true, 700..940) => [24, 24, 26, 26, 30, 38],
            (true, 940..1600) => [35, 35, 35, 38, 46, 52],
            (true, _) => [60; 6],
        })
    }

    /// Returns the size for a role.
    pub fn size(&self, role: Role) -> u32 {
        self.0[role as usize]
    }

    /// Returns a length that is this long on a screen 800 pixels high, at the sizes of this scale.
    pub fn length(&self, pixels: u32) -> u32 {
        (pixels * self.size(Role::Body) / 14).max(1)
    }
}

impl Default for TypeScale {
    fn default() -> TypeScale {
        TypeScale::new(800, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphics::charset::FACE_SIZES;

    #[test]
    fn every_size_has_an_atlas_and_roles_ascend() {
        for projector in [false, true] {
            for height in [600, 768, 800, 1080, 1440, 2160] {
                let TypeScale(sizes) = TypeScale::new(height, projector);
                assert!(sizes.is_sorted(), "{height}: {sizes:?}");
                for size in sizes {
                    assert!(FACE_SIZES.contains(&(size as usize)), "{height}: {size}");
                }
            }
        }
    }

    /// At 2160 pixels the largest atlas has 60 pixels, 2.8 %.
    #[test]
    fn on_a_projector_nothing_is_below_three_percent() {
        for height in [600, 720, 768, 800, 1080] {
            let scale = TypeScale::new(height, true);
            assert!(scale.size(Role::Axis) * 100 >= height * 3, "{height}");
            assert!(scale.size(Role::Caption) * 100 >= height * 4, "{height}");
        }
    }
}
