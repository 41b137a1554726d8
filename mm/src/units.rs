//! Formats for numbers: grouped digits, a unit, at most one decimal.
//!
//! | Value | shown |
//! |---|---|
//! | `Count(48211)` | `48,211` |
//! | `Short(8211)`, `Short(48_211)` | `8,211`, `48 k` |
//! | `Bytes(268_435_456)` | `256 MiB` |
//! | `Bytes(1536)` | `1.5 KiB`, or `2 KiB` with `{:.0}` |
//! | `Nanoseconds(1_234)` | `1.2 µs` |
//! | `Rate(2_150)` | `2.2 k/s` |
//! | `Moment(12_345_678_901)` | `12.345 s`, or `12.3 s` with `{:.1}` |
//! | `Address(0x1f_f000)` | `0x00000000001ff000` |
//! | `Percent { part: 1, whole: 8 }` | `12.5 %`, or `13 %` with `{:.0}` |
//!
//! Values are rounded to the nearest, except moments. An exact value shows no decimal.

use core::fmt;

/// A plain number, in groups of three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u64);

/// A plain number in at most five characters, as long as it is below a thousand billions: from
/// 10,000 on in thousands, then in millions and billions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short(pub u64);

/// A size, in the largest binary unit that it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

/// A duration, in the largest unit that it fills, seconds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nanoseconds(pub u64);

/// A number per second, in powers of a thousand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub u64);

/// A time in nanoseconds since boot. It is shown in seconds and rounded down, so it is never in
/// the future.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(pub u64);

/// An address with all its 16 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address(pub u64);

/// A share of a whole. Each share of an empty whole is 0 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent {
    /// The share.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut divisor = 1;
        while self.0 / divisor >= 1000 {
            divisor *= 1000;
        }
        write!(f, "{}", self.0 / divisor)?;
        while divisor > 1 {
            divisor /= 1000;
            write!(f, ",{:03}", self.0 / divisor % 1000)?;
        }
        Ok(())
    }
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            count @ ..10_000 => Count(count).fmt(f),
            count @ ..1_000_000 => write!(f, "{} k", count / 1_000),
            count @ ..1_000_000_000 => write!(f, "{} M", count / 1_000_000),
            count => write!(f, "{} G", count / 1_000_000_000),
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 7] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        let precision = f.precision();
        let Some(width) = f.width() else {
            return write_scaled(self.0, 1024, &UNITS, precision, f);
        };
        let mut text = Text::default();
        write_scaled(self.0, 1024, &UNITS, precision, &mut text)?;
        // `Formatter::pad` would treat the precision as a length.
        let spaces = width.saturating_sub(text.length);
        let (before, after) = match f.align() {
            Some(fmt::Alignment::Left) => (0, spaces),
            _ => (spaces, 0),
        };
        write!(f, "{:before$}{}{:after$}", "", text.as_str(), "")
    }
}

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["ns", "µs", "ms", "s"];
        write_scaled(self.0, 1000, &units, f.precision(), f)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["/s", "k/s", "M/s", "G/s"];
        write_scaled(self.0, 1000, &units, f.precision(), f)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(3).clamp(1, 9);
        let fraction = self.0 % 1_000_000_000 / 10u64.pow(9 - digits as u32);
        write!(f, "{}.{fraction:0digits$} s", self.0 / 1_000_000_000)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = u128::from(self.whole.max(1));
        if f.precision() == Some(0) {
            return write!(f, "{} %", (u128::from(self.part) * 100 + whole / 2) / whole);
        }
        let tenths = (u128::from(self.part) * 1000 + whole / 2) / whole;
        write!(f, "{}.{} %", tenths / 10, tenths % 10)
    }
}

/// Writes `value` in the largest of `units` that it fills. Each unit is `step` times the previous
/// one. A precision of 0 leaves the decimal out.
fn write_scaled(
    value: u64,
    step: u64,
    units: &[&str],
    precision: Option<usize>,
    f: &mut dyn fmt::Write,
) -> fmt::Result {
    let (step, value) = (u128::from(step), u128::from(value));
    let parts = if precision == Some(0) { 1 } else { 10 };
    let rounded = |size| (value * parts + size / 2) / size;
    let (mut unit, mut size) = (0, 1);
    // If rounding would show a full `step` of this unit, the next unit is used.
    while unit + 1 < units.len() && rounded(size) >= parts * step {
        unit += 1;
        size *= step;
    }
    match rounded(size) {
        _ if value.is_multiple_of(size) => write!(f, "{} {}", value / size, units[unit]),
        whole if parts == 1 => write!(f, "{whole} {}", units[unit]),
        tenths => write!(f, "{}.{} {}", tenths / 10, tenths % 10, units[unit]),
    }
}

/// A short ASCII text.
#[derive(Default)]
struct Text {
    bytes: [u8; 16],
    length: usize,
}

impl Text {
    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_002_003, "1,002,003"),
        ] {
            assert_eq!(Count(value).to_string(), text);
        }
        assert_eq!(Count(u64::MAX).to_string(), "18,446,744,073,709,551,615");
    }

    #[test]
    fn short_counts_have_five_characters() {
        for (value, text) in [
            (9_999, "9,999"),
            (10_000, "10 k"),
            (999_999, "999 k"),
            (1_000_000, "1 M"),
            (2_000_000_000, "2 G"),
        ] {
            assert_eq!(Short(value).to_string(), text);
        }
    }

    #[test]
    fn sizes_use_the_largest_unit_that_they_fill() {
        for (value, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            ((1 << 20) - 1, "1.0 MiB"),
            (256 << 20, "256 MiB"),
            ((256 << 20) - 4096, "256.0 MiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            assert_eq!(Bytes(value).to_string(), text);
        }
    }

    #[test]
    fn sizes_are_padded() {
        let size = Bytes((1 << 20) - 600);
        assert_eq!(
            format!("{size:>12}|{size:<12}|"),
            "  1023.4 KiB|1023.4 KiB  |"
        );
        assert_eq!(format!("{size:>10.0}|{size:2}"), "  1023 KiB|1023.4 KiB");
        assert_eq!(format!("{:12}", Bytes(u64::MAX)), "    16.0 EiB");
    }

    #[test]
    fn precision_zero_leaves_decimals_out() {
        for (value, text) in [
            (1023, "1023 B"),
            (1536, "2 KiB"),
            ((1 << 20) - 600, "1023 KiB"),
            ((1 << 20) - 400, "1 MiB"),
        ] {
            assert_eq!(format!("{:.0}", Bytes(value)), text);
        }
        let [half, all] = [Percent { part: 1, whole: 8 }, Percent { part: 9, whole: 9 }];
        assert_eq!(format!("{half:.0}, {all:.0}"), "13 %, 100 %");
    }

    #[test]
    fn rates_and_moments() {
        assert_eq!(
            [Rate(512), Rate(2_150)].map(|rate| rate.to_string()),
            ["512 /s", "2.2 k/s"]
        );
        assert_eq!(Moment(12_345_678_901).to_string(), "12.345 s");
        assert_eq!(format!("{:.1}", Moment(61_099_000_000)), "61.0 s");
    }

    #[test]
    fn durations_and_shares() {
        for (value, text) in [(999, "999 ns"), (1_234, "1.2 µs"), (999_960, "1.0 ms")] {
            assert_eq!(Nanoseconds(value).to_string(), text);
        }
        assert_eq!(Nanoseconds(90_000_000_000).to_string(), "90 s");
        assert_eq!(Percent { part: 1, whole: 8 }.to_string(), "12.5 %");
        assert_eq!(Percent { part: 0, whole: 0 }.to_string(), "0.0 %");
        assert_eq!(
            Percent {
                part: u64::MAX,
                whole: u64::MAX
            }
            .to_string(),
            "100.0 %"
        );
    }
}
