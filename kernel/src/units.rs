//! Sizes with units: B, KiB, MiB, GiB, TiB (powers of 1024).

use core::fmt;

/// A number of bytes, which formats itself with its unit, and with one decimal unless it is 0.
#[derive(Clone, Copy, Debug)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let mut unit = 0;
        while unit + 1 < UNITS.len() && self.0 >> (10 * (unit + 1)) > 0 {
            unit += 1;
        }
        let whole = self.0 >> (10 * unit);
        let tenth = if unit == 0 {
            0
        } else {
            (self.0 >> (10 * (unit - 1))) % 1024 * 10 / 1024
        };
        let mut text = heapless::String::<32>::new();
        let written = if tenth == 0 {
            fmt::write(&mut text, format_args!("{whole} {}", UNITS[unit]))
        } else {
            fmt::write(&mut text, format_args!("{whole}.{tenth} {}", UNITS[unit]))
        };
        written?;
        f.pad(&text)
    }
}
