//! Line charts as SVG: axes with round ticks, one line for each series, a legend.
//!
//! ```text
//! title
//! up │ ──────  series             ┌ legend
//!    │ - - -                      │ ── fifo
//!    └──┴──┴──┴── across          └ - - lru
//! ```
//! Series differ in colour and in dashes, so that a print without colours is readable.

use std::fmt::Write;

use crate::numbers::grouped;

pub struct Chart {
    pub title: String,
    /// Names of the axes.
    pub across: String,
    pub up: String,
    pub series: Vec<Series>,
}

pub struct Series {
    pub name: String,
    /// In ascending order of the first coordinate.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 540.0;
/// The area of the lines: left, top, right, bottom.
const AREA: [f64; 4] = [80.0, 60.0, 800.0, 480.0];
/// Colours that stay distinct for most colour deficiencies (Okabe and Ito 2008), and grey.
const COLOURS: [&str; 8] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#777777",
];
const DASHES: [&str; 3] = ["none", "9 4", "2 3"];

impl Chart {
    /// Returns the chart as an SVG document. Both axes start at 0, except that `across` starts at
    /// its smallest value.
    pub fn svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let across = Axis::new(
            points().map(|point| point.0).fold(f64::INFINITY, f64::min),
            points().map(|point| point.0).fold(0.0, f64::max),
        );
        let up = Axis::new(0.0, points().map(|point| point.1).fold(0.0, f64::max));
        let [left, top, right, bottom] = AREA;
        let x = |value: f64| left + across.fraction(value) * (right - left);
        let y = |value: f64| bottom - up.fraction(value) * (bottom - top);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"15\">\n\
             <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
        );
        let mut text = |x: f64, y: f64, anchor: &str, words: &str| {
            let words = escaped(words);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
            );
        };
        text(12.0, 28.0, "start", &self.title);
        text((left + right) / 2.0, HEIGHT - 14.0, "middle", &self.across);
        text(12.0, top - 12.0, "start", &self.up);
        for tick in across.ticks() {
            text(x(tick), bottom + 22.0, "middle", &grouped(tick as u64));
        }
        for tick in up.ticks() {
            text(left - 8.0, y(tick) + 5.0, "end", &grouped(tick as u64));
        }
        for tick in up.ticks() {
            let y = y(tick);
            let _ = writeln!(
                svg,
                "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#dddddd\"/>"
            );
        }
        for (number, series) in self.series.iter().enumerate() {
            series.draw(&mut svg, number, &x, &y);
        }
        svg.push_str("</svg>\n");
        svg
    }
}

impl Series {
    fn draw(
        &self,
        svg: &mut String,
        number: usize,
        x: &dyn Fn(f64) -> f64,
        y: &dyn Fn(f64) -> f64,
    ) {
        let style = format!(
            "fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\" stroke-dasharray=\"{}\"",
            COLOURS[number % COLOURS.len()],
            DASHES[number % DASHES.len()]
        );
        let line: String = self
            .points
            .iter()
            .enumerate()
            .map(|(at, point)| {
                let command = if at == 0 { 'M' } else { 'L' };
                format!("{command}{:.1} {:.1}", x(point.0), y(point.1))
            })
            .collect();
        let _ = writeln!(svg, "<path d=\"{line}\" {style}/>");
        for point in &self.points {
            let _ = writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{}\"/>",
                x(point.0),
                y(point.1),
                COLOURS[number % COLOURS.len()]
            );
        }
        let [_, top, right, _] = AREA;
        let row = top + 24.0 * number as f64;
        let (from, to) = (right + 24.0, right + 60.0);
        let _ = writeln!(svg, "<path d=\"M{from} {row}H{to}\" {style}/>");
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\">{}</text>",
            to + 8.0,
            row + 5.0,
            escaped(&self.name)
        );
    }
}

struct Axis {
    from: f64,
    to: f64,
    step: f64,
}

impl Axis {
    /// Chooses at most ten steps of 1, 2 or 5 times a power of ten, at least 1.
    fn new(from: f64, to: f64) -> Self {
        let from = if from.is_finite() { from } else { 0.0 };
        let span = (to - from).max(1.0);
        let power = 10f64.powf((span / 10.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| span / step <= 10.0)
            .unwrap_or(span)
            .max(1.0);
        Self {
            from,
            to: from + (span / step).ceil() * step,
            step,
        }
    }

    fn fraction(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        let steps = ((self.to - self.from) / self.step).round() as usize;
        (0..=steps).map(|number| self.from + number as f64 * self.step)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_has_a_line_and_a_legend_for_each_series_inside_its_area() {
        let series = |name: &str, points: &[(f64, f64)]| Series {
            name: name.into(),
            points: points.to_vec(),
        };
        let chart = Chart {
            title: "a < b".into(),
            across: "frames".into(),
            up: "faults".into(),
            series: vec![
                series("fifo", &[(2.0, 0.0), (8.0, 1000.0)]),
                series("lru", &[(2.0, 500.0), (8.0, 250.0)]),
            ],
        };
        let svg = chart.svg();
        assert!(svg.contains("a &lt; b") && svg.contains(">fifo<") && svg.contains(">lru<"));
        // The ends of the first line are two corners of the area.
        assert!(svg.contains("M80.0 480.0L800.0 60.0"), "{svg}");
        assert!(svg.contains("M80.0 270.0L800.0 375.0"), "{svg}");
    }

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        let axis = Axis::new(0.0, 1234.0);
        let ticks: Vec<f64> = axis.ticks().collect();
        assert_eq!(
            ticks,
            [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1200.0, 1400.0]
        );
        assert_eq!(Axis::new(3.0, 3.0).ticks().collect::<Vec<_>>(), [3.0, 4.0]);
    }
}
