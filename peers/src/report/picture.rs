//! The results of a contest as a picture in SVG: ratios to the best peer, on a logarithmic scale.
//!
//! ```text
//! fill          ──────▪──┤ off            │ is the best peer; to its left, memviz is faster
//!               ─────────┼──▪ on
//! ```

use crate::contest::{Contest, Side, Unit};
use crate::results::{Entry, Results};
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 880.0;
const TOP: f64 = 70.0;
const ROW: f64 = 34.0;

/// Draws the rows that are times.
pub fn svg(contest: &Contest, results: &Results) -> String {
    let is_time = |name: &str| {
        let row = contest.rows.iter().find(|row| row.name == name);
        row.is_some_and(|row| row.unit == Unit::Nanoseconds)
    };
    let rows: Vec<_> = results
        .rows
        .iter()
        .filter(|result| is_time(result.row))
        .collect();
    let sides = [Side::Ours, Side::OursTraced];
    let entries = rows
        .iter()
        .flat_map(|row| sides.iter().filter_map(|&side| row.of_side(side)));
    let most = entries.fold(2.0, |most: f64, entry| most.max(entry.ratio.most));
    let scale = Scale { least: 0.1, most };
    let height = TOP + ROW * rows.len() as f64 + 30.0;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="{LEFT}" y="22" font-size="16">{}</text>
<rect x="{LEFT}" y="34" width="12" height="12" fill="#0072b2"/><text x="{}" y="45">memviz, tracing off</text>
<rect x="{}" y="34" width="12" height="12" fill="#e69f00"/><text x="{}" y="45">memviz, tracing on</text>
"##,
        contest.title,
        LEFT + 18.0,
        LEFT + 170.0,
        LEFT + 188.0,
    );
    svg += &grid(&scale, rows.len());
    for (at, result) in rows.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        _ = writeln!(
            svg,
            r#"<text x="{}" y="{}" text-anchor="end">{}</text>"#,
            LEFT - 8.0,
            y + 20.0,
            result.row
        );
        for (side, colour, offset) in [
            (Side::Ours, "#0072b2", 5.0),
            (Side::OursTraced, "#e69f00", 18.0),
        ] {
            if let Some(entry) = result.of_side(side) {
                svg += &bar(&scale, entry, colour, y + offset);
            }
        }
    }
    svg + "</svg>\n"
}

/// Vertical lines at round ratios, with their numbers.
fn grid(scale: &Scale, rows: usize) -> String {
    let (mut svg, most) = (String::new(), scale.most);
    for tick in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0] {
        if tick > most {
            break;
        }
        let (x, end) = (scale.x(tick), TOP + ROW * rows as f64);
        let (colour, width) = if tick == 1.0 {
            ("#000000", 2)
        } else {
            ("#dddddd", 1)
        };
        _ = writeln!(
            svg,
            r#"<line x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{end}" stroke="{colour}" stroke-width="{width}"/>"#
        );
        _ = writeln!(
            svg,
            r#"<text x="{x:.1}" y="{}" text-anchor="middle">{tick}</text>"#,
            end + 18.0
        );
    }
    svg
}

/// A bar from the best peer to the ratio, a line for its spread, and the ratio as text.
fn bar(scale: &Scale, entry: &Entry, colour: &str, y: f64) -> String {
    let ratio = entry.ratio;
    let (one, x) = (scale.x(1.0), scale.x(ratio.median));
    let (from, width) = (one.min(x), (one - x).abs().max(1.0));
    let (least, most, middle) = (scale.x(ratio.least), scale.x(ratio.most), y + 5.0);
    format!(
        r##"<rect x="{from:.1}" y="{y}" width="{width:.1}" height="10" fill="{colour}"/>
<line x1="{least:.1}" y1="{middle}" x2="{most:.1}" y2="{middle}" stroke="#000000"/>
<text x="{:.1}" y="{}" font-size="10">{:.2}</text>
"##,
        one.max(most).max(x) + 4.0,
        y + 9.0,
        ratio.median
    )
}

/// A logarithmic scale of ratios.
struct Scale {
    least: f64,
    most: f64,
}

impl Scale {
    fn x(&self, ratio: f64) -> f64 {
        let share = (ratio.max(self.least) / self.least).ln() / (self.most * 1.3 / self.least).ln();
        LEFT + share * (RIGHT - LEFT)
    }
}
