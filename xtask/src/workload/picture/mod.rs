//! The heap over time as SVG: address up, requests across, one map for each strategy.
//!
//! ```text
//! first-fit  0 failures, utilisation 99.9 %
//!  end ┌──────────────────┐
//!      │   ████   ██████  │      a rectangle is a block: as high as it is long, as wide as it lives
//!      │█████████████     │
//!    0 └──────────────────┘
//!      1      ▲ request 7 refused
//! ```
//! The blocks of a long workload are drawn as a grid of cells. A cell shows how much of its part of
//! the arena is in live blocks.

use std::fmt::Write;

use super::lifetimes::Lifetime;
use crate::numbers::grouped;

/// One strategy's map.
pub struct HeapMap {
    pub title: String,
    pub lifetimes: Vec<Lifetime>,
    /// The request, from 1, that failed first; 0 if none did.
    pub first_failure: usize,
}

/// The common part of all maps.
pub struct HeapMaps {
    pub title: String,
    pub requests: usize,
    /// The addresses that are shown, from 0.
    pub bytes: u64,
    pub maps: Vec<HeapMap>,
}

/// More blocks than this number are drawn as cells.
const MOST_BLOCKS: usize = 4000;
const COLUMNS: usize = 240;
const ROWS: usize = 120;
const SHADES: u64 = 8;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 240.0;
const MARGIN: f64 = 48.0;
/// Maps beside each other.
const BESIDE: usize = 3;
/// Colours of blocks, by their number: neighbours differ.
const WORDS: &str = "black";
const WARNING: &str = "#b3261e";
const COLOURS: [&str; 6] = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00",
];

impl HeapMaps {
    /// Returns the maps as an SVG document.
    pub fn svg(&self) -> String {
        let across = self.maps.len().clamp(1, BESIDE);
        let down = self.maps.len().div_ceil(across);
        let (pitch_x, pitch_y) = (WIDTH + MARGIN, HEIGHT + 2.0 * MARGIN);
        let width = across as f64 * pitch_x + MARGIN;
        let height = down as f64 * pitch_y + MARGIN;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"sans-serif\" font-size=\"14\">\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
        );
        text(&mut svg, MARGIN, 26.0, "start", &self.title);
        for (number, map) in self.maps.iter().enumerate() {
            let left = MARGIN + (number % across) as f64 * pitch_x;
            let top = 1.5 * MARGIN + (number / across) as f64 * pitch_y;
            self.map(&mut svg, map, left, top);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn map(&self, svg: &mut String, map: &HeapMap, left: f64, top: f64) {
        let bottom = top + HEIGHT;
        text(svg, left, top - 8.0, "start", &map.title);
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
             fill=\"#f4f4f4\" stroke=\"#777777\"/>"
        );
        match map.lifetimes.len() <= MOST_BLOCKS {
            true => self.blocks(svg, map, left, bottom),
            false => self.cells(svg, map, left, bottom),
        }
        text(svg, left, bottom + 18.0, "start", "request 1");
        let last = grouped(self.requests as u64);
        text(svg, left + WIDTH, bottom + 18.0, "end", &last);
        text(svg, left - 4.0, bottom, "end", "0");
        let end = format!("{} KiB", grouped(self.bytes.div_ceil(1024)));
        text(svg, left + WIDTH, top - 8.0, "end", &end);
        self.failure(svg, map, left, bottom);
    }

    /// Marks the request that failed first.
    fn failure(&self, svg: &mut String, map: &HeapMap, left: f64, bottom: f64) {
        let Some(before) = map.first_failure.checked_sub(1) else {
            return;
        };
        let x = left + self.x(before);
        let top = bottom - HEIGHT;
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" \
             stroke=\"{WARNING}\" stroke-width=\"1.5\" stroke-dasharray=\"4 4\"/>"
        );
        let words = format!("▲ request {} refused", grouped(map.first_failure as u64));
        let middle = x.clamp(left + 150.0, left + WIDTH - 150.0);
        colored(svg, WARNING, middle, bottom + 18.0, "middle", &words);
    }

    /// Returns where a request stands across a map.
    fn x(&self, request: usize) -> f64 {
        request as f64 / self.requests.max(1) as f64 * WIDTH
    }

    fn blocks(&self, svg: &mut String, map: &HeapMap, left: f64, bottom: f64) {
        let x = |request: usize| self.x(request);
        let y = |bytes: u64| bytes as f64 / self.bytes.max(1) as f64 * HEIGHT;
        for block in &map.lifetimes {
            let (x_start, y_end) = (
                left + x(block.begin),
                bottom - y(block.offset + block.bytes),
            );
            let (width, height) = (x(block.end - block.begin).max(0.4), y(block.bytes).max(0.4));
            let colour = COLOURS[block.block % COLOURS.len()];
            let _ = writeln!(
                svg,
                "<rect x=\"{x_start:.2}\" y=\"{y_end:.2}\" width=\"{width:.2}\" \
                 height=\"{height:.2}\" fill=\"{colour}\" stroke=\"white\" stroke-width=\"0.3\"/>"
            );
        }
    }

    fn cells(&self, svg: &mut String, map: &HeapMap, left: f64, bottom: f64) {
        let grid = self.grid(map);
        let (width, height) = (WIDTH / COLUMNS as f64, HEIGHT / ROWS as f64);
        for (row, cells) in grid.chunks(COLUMNS).enumerate() {
            let mut column = 0;
            while column < COLUMNS {
                let shade = cells[column];
                let run = cells[column..].iter().take_while(|&&cell| cell == shade);
                let run = run.count();
                if shade > 0 {
                    let x = left + column as f64 * width;
                    let y = bottom - (row + 1) as f64 * height;
                    let wide = run as f64 * width;
                    let opacity = shade as f64 / SHADES as f64;
                    let _ = writeln!(
                        svg,
                        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" \
                         height=\"{height:.1}\" fill=\"#0072b2\" fill-opacity=\"{opacity:.2}\"/>"
                    );
                }
                column += run;
            }
        }
    }

    /// Returns the shade of each cell, by rows from address 0 on: the share of its bytes in live
    /// blocks at the request in the middle of its column.
    fn grid(&self, map: &HeapMap) -> Vec<u64> {
        let row_bytes = self.bytes.div_ceil(ROWS as u64).max(1);
        let request = |column: usize| (2 * column + 1) * self.requests / (2 * COLUMNS);
        let mut live = vec![0; ROWS * COLUMNS];
        for block in &map.lifetimes {
            let first = (0..COLUMNS).collect::<Vec<_>>();
            let begin = first.partition_point(|&column| request(column) < block.begin);
            let end = first.partition_point(|&column| request(column) < block.end);
            let mut at = block.offset;
            let block_end = (block.offset + block.bytes).min(row_bytes * ROWS as u64);
            while at < block_end {
                let row = at / row_bytes;
                let next = ((row + 1) * row_bytes).min(block_end);
                for column in begin..end {
                    live[row as usize * COLUMNS + column] += next - at;
                }
                at = next;
            }
        }
        let shade = |bytes: u64| (bytes * SHADES).div_ceil(row_bytes);
        live.into_iter().map(shade).collect()
    }
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    colored(svg, WORDS, x, y, anchor, words);
}

fn colored(svg: &mut String, color: &str, x: f64, y: f64, anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" \
         fill=\"{color}\">{words}</text>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps(lifetimes: Vec<Lifetime>) -> HeapMaps {
        let title = String::from("all");
        let maps = vec![HeapMap {
            title: title.clone(),
            lifetimes,
            first_failure: 121,
        }];
        HeapMaps {
            title,
            requests: 240,
            bytes: 12_000,
            maps,
        }
    }

    fn block(offset: u64, bytes: u64, begin: usize, end: usize) -> Lifetime {
        Lifetime {
            block: 0,
            offset,
            bytes,
            begin,
            end,
        }
    }

    #[test]
    fn a_block_is_as_high_as_it_is_long_and_as_wide_as_it_lives() {
        let svg = maps(vec![block(0, 6_000, 60, 120)]).svg();
        assert!(svg.contains("width=\"120.00\" height=\"120.00\""), "{svg}");
        assert!(svg.contains(">▲ request 121 refused<"), "{svg}");
        // Half of the requests come before it.
        assert!(svg.contains("<line x1=\"288.0\""), "{svg}");
        assert!(svg.ends_with("</svg>\n"));
    }

    #[test]
    fn a_cell_shows_the_share_of_its_bytes() {
        let maps = maps(vec![block(50, 100, 0, 120), block(150, 50, 120, 240)]);
        let grid = maps.grid(&maps.maps[0]);
        // Half of the first row of 100 B at first; half of the second one at all times.
        assert_eq!([grid[0], grid[119], grid[120]], [4, 4, 0]);
        assert_eq!([grid[COLUMNS], grid[COLUMNS + 239]], [4, 4]);
        assert_eq!(grid[2 * COLUMNS..].iter().sum::<u64>(), 0);
    }
}
