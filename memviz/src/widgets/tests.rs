//! Widgets drawn into a small picture.

use super::*;
use crate::graphics::canvas::Canvas;
use crate::graphics::styles::Styles;
use crate::graphics::text::TextStyle;
use crate::graphics::theme::Theme;
use crate::testing::texts::Texts;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::IntoStorage;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;
use proptest::prelude::*;

const A: Rgb888 = Rgb888::new(1, 0, 0);
const B: Rgb888 = Rgb888::new(0, 2, 0);
const REST: Rgb888 = Rgb888::new(0, 0, 3);

/// Draws into a picture of zeros, 120 × 40.
fn picture(draw: impl FnOnce(&mut Canvas)) -> Vec<u32> {
    let (mut pixels, mut marks) = (vec![0; 120 * 40], [0; 40]);
    draw(&mut Canvas::new(&mut pixels, &mut marks, Size::new(120, 40)).unwrap());
    pixels
}

fn count(pixels: &[u32], color: Rgb888) -> usize {
    pixels
        .iter()
        .filter(|&&pixel| pixel == color.into_storage())
        .count()
}

proptest! {
    #[test]
    fn a_bar_is_filled_to_scale(a in 0..2000u64, b in 0..2000u64, whole in 1..4000u64) {
        let area = Rectangle::new(Point::new(10, 5), Size::new(100, 3));
        let drawn = picture(|canvas| {
            let Ok(()) = bar(canvas, area, whole, [(a, A), (b, B)], REST);
        });
        let [a_pixels, b_pixels, rest] = [A, B, REST].map(|color| count(&drawn, color) as u64 / 3);
        prop_assert_eq!(a_pixels + b_pixels + rest, 100);
        prop_assert!((a_pixels > 0) == (a > 0));
        prop_assert!(a_pixels.abs_diff((a * 100 / whole).min(100)) <= 1);
        prop_assert!((a_pixels + b_pixels).abs_diff(((a + b) * 100 / whole).min(100)) <= 2);
    }
}

#[test]
fn a_panel_fills_its_rectangle_and_leaves_its_content_empty() {
    let styles = Styles::new(Theme::ALL[0], 12);
    let area = Rectangle::new(Point::new(3, 2), Size::new(110, 36));
    let drawn = picture(|canvas| {
        let Ok(()) = panel(
            canvas,
            &styles,
            area,
            "A TITLE",
            "a detail that is too long",
            "n",
        );
    });
    let content = content(&styles, area);
    assert_eq!(area.intersection(&content), content);
    for (index, &pixel) in drawn.iter().enumerate() {
        let at = Point::new(index as i32 % 120, index as i32 / 120);
        assert_eq!(pixel != 0, area.contains(at), "{at:?}");
        if content.contains(at) {
            assert_eq!(pixel, styles.theme.panel.into_storage());
        }
    }
}

#[test]
fn a_legend_entry_paints_all_of_its_cells() {
    let styles = Styles::new(Theme::ALL[0], 12);
    let entry = styles.theme.owner(0);
    let drawn = picture(|canvas| {
        let Ok(()) = legend_entry(canvas, &styles, Point::new(6, 8), 18, entry, "1,234");
    });
    let area = Rectangle::new(Point::new(6, 8), Size::new(18 * 6, 12));
    for (index, &pixel) in drawn.iter().enumerate() {
        let at = Point::new(index as i32 % 120, index as i32 / 120);
        assert_eq!(pixel != 0, area.contains(at), "{at:?}");
    }
}

/// Returns a table of `cells` text cells, in the middle of a picture.
fn table<const N: usize>(columns: &'static [Column; N], cells: u32) -> (Styles, Table<N>) {
    let styles = Styles::new(Theme::ALL[0], 12);
    let size = Size::new(cells * styles.unit(), 36);
    let area = Rectangle::new(Point::new(6, 2), size);
    (styles, Table::new(&styles, area, columns))
}

static COLUMNS: [Column; 4] = [
    Column::left("name", 6).narrow(4).least(3),
    Column::right("size", 4).drops(2),
    Column::right("a", 3).gap(2).drops(1),
    Column::left("word", 4).least(2).drops(3).grows(),
];

#[test]
fn columns_become_narrow_and_then_drop_out_by_priority() {
    let cells = |room| table(&COLUMNS, room).1.row(0).map(|slot| slot.cells);
    assert_eq!(cells(25), [6, 4, 3, 8]);
    assert_eq!(cells(21), [6, 4, 3, 4]);
    assert_eq!(cells(20), [6, 4, 3, 4], "the gap shrinks first");
    assert_eq!(cells(19), [4, 4, 3, 4]);
    assert_eq!(cells(17), [4, 4, 0, 7]);
    assert_eq!(cells(13), [4, 0, 0, 8]);
    assert_eq!(cells(9), [4, 0, 0, 4]);
    assert_eq!(cells(8), [4, 0, 0, 3]);
    assert_eq!(cells(6), [4, 0, 0, 0]);
    assert_eq!(cells(3), [3, 0, 0, 0], "what stays shrinks last");
    assert_eq!(cells(2), [2, 0, 0, 0], "nothing reaches beyond the table");
}

proptest! {
    #[test]
    fn columns_never_overlap(
        widths in proptest::array::uniform5((1..9usize, 1..9usize, 0..3usize, 0..6usize, any::<bool>())),
        room in 0..60u32,
    ) {
        let columns = widths.map(|(wide, narrow, gap, drops, grows)| {
            let column = Column::left("", wide).narrow(narrow.min(wide)).gap(gap).drops(drops);
            if grows { column.grows() } else { column }
        });
        let (styles, table) = table(Box::leak(Box::new(columns)), room);
        let mut end = 6;
        for slot in table.row(0).into_iter().filter(|slot| slot.cells > 0) {
            prop_assert!(slot.at.x >= end);
            end = slot.at.x + (slot.cells as u32 * styles.unit()) as i32;
        }
        prop_assert!(end <= 6 + (room * styles.unit()) as i32);
    }
}

#[test]
fn heads_are_aligned_with_their_cells() {
    let (styles, table) = table(&COLUMNS, 18);
    let drawn = picture(|canvas| {
        let Ok(()) = table.draw_header(canvas, &styles);
        for (slot, head) in table.row(0).into_iter().zip(["name", "size", "a", "word"]) {
            let Ok(()) = styles.dim.draw(canvas, slot, head);
        }
    });
    let line = |y: u32| &drawn[y as usize * 120..][..120];
    assert!((0..12).any(|y| line(2 + y).iter().any(|&pixel| pixel != 0)));
    for y in 2..14 {
        assert_eq!(line(y), line(y + styles.line()));
    }
}

#[test]
fn a_point_of_the_screen_is_in_the_row_that_is_drawn_there() {
    let (_, table) = table(&COLUMNS, 18);
    for row in 0..table.rows() {
        assert_eq!(table.row_at(table.row_start(row)), Some(row));
    }
    let before = table.row_start(0) - Point::new(0, 1);
    assert_eq!(table.row_at(before), None, "the header is no row");
    assert_eq!(table.row_at(table.row_start(0) - Point::new(1, 0)), None);
}

#[test]
fn rows_go_down_one_table_and_then_down_the_next() {
    let (styles, table) = table(&COLUMNS, 9);
    let table = table.side_by_side(2, 3, 10);
    assert_eq!(table.row_start(2).x, table.row_start(0).x);
    assert_eq!(table.row_start(3).y, table.row_start(0).y);
    assert_eq!(
        table.row(3)[0].at.x,
        table.row(0)[0].at.x + 10 * styles.unit() as i32
    );
    for row in [0, 1, 3, 4] {
        assert_eq!(table.row_at(table.row_start(row)), Some(row));
    }
    let gap = table.row_start(3) - Point::new(1, 0);
    assert_eq!(table.row_at(gap), None, "the gap between tables is no row");
    let marked = |row| {
        let drawn = picture(|canvas| {
            let Ok(()) = table.mark(canvas, &styles, Some(row));
        });
        let at = table.row_start(row) - Point::new(1, 0);
        drawn[(at.y * 120 + at.x) as usize]
    };
    let accent = styles.theme.accent.into_storage();
    assert_eq!([marked(1), marked(4)], [accent, accent]);
}

#[test]
fn a_highlighted_row_is_filled_from_end_to_end() {
    let (styles, table) = table(&COLUMNS, 10);
    let ground = TextStyle::new(styles.text.font, A, B);
    let drawn = picture(|canvas| {
        let Ok(()) = table.draw_whole_row(canvas, &ground, 0, "");
    });
    assert_eq!(count(&drawn, B), (10 * styles.unit() * 12) as usize);
    assert_eq!(
        drawn[table.row_start(0).y as usize * 120 + 6],
        B.into_storage()
    );
}

#[test]
fn a_label_keeps_a_gap_or_drops_out() {
    let fit = |cells| {
        let fitted = fit_label(cells, &["int. frag", "frag"], &[7, 5]);
        (fitted.label, fitted.value, fitted.form)
    };
    assert_eq!(fit(17), ("int. frag", 7, 0));
    assert_eq!(fit(16), ("frag", 11, 0));
    assert_eq!(fit(11), ("frag", 6, 1));
    assert_eq!(fit(9), ("", 9, 1));
    let styles = Styles::new(Theme::ALL[0], 12);
    let words = |cells| {
        let mut texts = Texts::new(Size::new(120, 40));
        let Ok(()) = labelled_value(&mut texts, &styles, Point::zero(), cells, "frag", "25.8 %");
        texts
            .all
            .into_iter()
            .map(|text| text.words)
            .collect::<Vec<_>>()
    };
    assert_eq!(words(11), ["frag", "25.8 %"]);
    assert_eq!(words(10), ["25.8 %"]);
}
