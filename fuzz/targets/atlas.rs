//! Any file as a glyph atlas: refused, or it has the rows of all cells.
#![no_main]

use libfuzzer_sys::fuzz_target;
use memviz::graphics::{atlas, charset};

fuzz_target!(|bytes: &[u8]| {
    for height in charset::HEIGHTS.map(|height| height as u32) {
        if let Ok(coverage) = atlas::coverage(bytes, height) {
            let rows = height as usize * charset::CELLS.div_ceil(charset::COLUMNS);
            assert_eq!(
                coverage.len(),
                rows * height as usize / 4 * charset::COLUMNS
            );
        }
    }
});
