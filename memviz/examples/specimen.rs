//! Draws the fonts, the palettes and the widgets into `target/specimen-*.png`.

mod picture;

use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::prelude::DrawTarget;
use embedded_graphics::primitives::Rectangle;
use memviz::graphics::canvas::Canvas;
use memviz::graphics::charset;
use memviz::graphics::font::{Font, Weight};
use memviz::graphics::styles::Styles;
use memviz::graphics::surface::Surface;
use memviz::graphics::text::{Slot, TextStyle};
use memviz::graphics::theme::Theme;
use memviz::widgets;
use mm::memory_map::MemoryKind;
use mm::paging::FaultCause;
use mm::units::{Bytes, Count, Nanoseconds, Percent};
use std::convert::Infallible;

fn main() {
    for theme in Theme::ALL {
        save(
            &format!("type-{}", theme.name),
            Size::new(1280, 800),
            |canvas| draw_type(canvas, theme),
        );
        save(
            &format!("palette-{}", theme.name),
            Size::new(1280, 800),
            |canvas| draw_palette(canvas, theme),
        );
        for (width, height, text) in [(1280, 800, 16), (800, 600, 12), (1920, 1080, 24)] {
            let name = format!("widgets-{}-{width}x{height}", theme.name);
            save(&name, Size::new(width, height), |canvas| {
                draw_widgets(canvas, theme, text)
            });
        }
    }
}

/// Every size and weight, and every character of the atlases.
fn draw_type(canvas: &mut Canvas, theme: &Theme) -> Result<(), Infallible> {
    canvas.clear(theme.panel)?;
    let mut at = Point::new(16, 16);
    for weight in [Weight::Regular, Weight::Bold] {
        for font in Font::sizes(weight) {
            let cell = font.cell();
            let style = TextStyle::new(font, theme.text, theme.panel);
            let slot = Slot::left(at, ((1248 - 16) / cell.width) as usize);
            let pangram =
                "0x0000_0fee_d000 Sphinx of black quartz, judge my vow: 1,234.5 KiB → {[(|µ✓✗…)]}";
            style.draw(canvas, slot, format_args!("{} {pangram}", cell.height))?;
            at.y += cell.height as i32 * 5 / 4;
        }
    }
    for height in [16, 20, 24] {
        let font = Font::fitting(Weight::Regular, height);
        let style = TextStyle::new(font, theme.text, theme.panel);
        let characters: Vec<char> = charset::characters().chain(['Ж']).collect();
        for row in characters.chunks(1232 / (height as usize / 2)) {
            let text: String = row.iter().collect();
            style.draw(canvas, Slot::left(at, row.len()), text)?;
            at.y += height as i32;
        }
        at.y += 8;
    }
    for (color, name) in [
        (theme.text, "text"),
        (theme.dim, "dim"),
        (theme.accent, "accent"),
        (theme.warning, "warning"),
    ] {
        let style = TextStyle::new(Font::fitting(Weight::Regular, 16), color, theme.panel);
        style.draw(
            canvas,
            Slot::left(at, 20),
            format_args!("{name} The quick fox"),
        )?;
        at.x += 200;
    }
    Ok(())
}

/// Roles, tags, regions, causes and heat, as map cells and as legend entries.
fn draw_palette(canvas: &mut Canvas, theme: &'static Theme) -> Result<(), Infallible> {
    canvas.clear(theme.ground)?;
    let styles = Styles::new(theme, 16);
    let owners: Vec<_> = (0..8).map(|bit| theme.owner(bit)).collect();
    let regions: Vec<_> = MemoryKind::ALL
        .iter()
        .map(|&kind| theme.region(kind))
        .collect();
    let causes: Vec<_> = FaultCause::ALL
        .iter()
        .map(|&cause| theme.fault(cause))
        .collect();
    for (column, (title, swatches)) in [
        ("OWNERS", owners.clone()),
        ("REGIONS", regions),
        ("CAUSES", causes),
    ]
    .iter()
    .enumerate()
    {
        let at = Point::new(8 + column as i32 * 424, 8);
        let area = Rectangle::new(at, Size::new(416, 344));
        widgets::panel(canvas, &styles, area, title, "letters and names", "key 3")?;
        let inner = widgets::content(&styles, area);
        for (row, &swatch) in swatches.iter().enumerate() {
            let at = inner.top_left + Point::new(0, row as i32 * 24);
            widgets::legend_entry(canvas, &styles, at, 40, swatch, Count(row as u64 * 12_345))?;
        }
    }
    let area = Rectangle::new(Point::new(8, 360), Size::new(840, 432));
    widgets::panel(
        canvas,
        &styles,
        area,
        "PHYSICAL FRAMES",
        "65,536 × 4 KiB",
        "1 cell = 1 frame",
    )?;
    let inner = widgets::content(&styles, area);
    let mut seed = 1u32;
    let (mut run, mut color) = (0, theme.free);
    for y in 0..inner.size.height / 6 {
        for x in 0..inner.size.width / 6 {
            if run == 0 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                run = 1 + (seed >> 20) % 40;
                color = match (seed >> 8) % 16 {
                    bit @ 0..8 => owners[bit as usize].color,
                    8 => theme.reserved,
                    _ => theme.free,
                };
            }
            run -= 1;
            let at = inner.top_left + Point::new(x as i32 * 6, y as i32 * 6);
            canvas.fill_solid(&Rectangle::new(at, Size::new(5, 5)), color)?;
        }
    }
    let area = Rectangle::new(Point::new(856, 360), Size::new(416, 432));
    widgets::panel(canvas, &styles, area, "HEAT", "", "cold → hot")?;
    let inner = widgets::content(&styles, area);
    let row: Vec<_> = (0..inner.size.width)
        .map(|x| theme.heat((x * 255 / (inner.size.width - 1)) as u8))
        .collect();
    canvas.repeat_row(inner.top_left, 48, &row)?;
    for (index, color) in [
        theme.free,
        theme.used,
        theme.reserved,
        theme.accent,
        theme.warning,
    ]
    .into_iter()
    .enumerate()
    {
        let at = inner.top_left + Point::new(index as i32 * 80, 64);
        canvas.fill_solid(&Rectangle::new(at, Size::new(72, 48)), color)?;
    }
    let at = inner.top_left + Point::new(0, 128);
    widgets::hatch(
        canvas,
        Rectangle::new(at, Size::new(64, 64)),
        theme.warning,
        theme.panel,
    )
}

/// The widgets in panels, in one size of text.
fn draw_widgets(canvas: &mut Canvas, theme: &'static Theme, text: u32) -> Result<(), Infallible> {
    canvas.clear(theme.ground)?;
    let styles = Styles::new(theme, text);
    let unit = styles.unit();
    let line = styles.line() as i32;
    let area = Rectangle::new(Point::new(8, 8), Size::new(66 * unit, 40 * unit));
    widgets::panel(
        canvas,
        &styles,
        area,
        "STATISTICS",
        "since boot",
        "Tab next panel",
    )?;
    let inner = widgets::content(&styles, area);
    let cells = (inner.size.width / unit) as usize;
    let mut at = inner.top_left;
    for (label, value) in [
        (
            "frames in all",
            format!("{}  {:>9}", Count(65_536), Bytes(256 << 20).to_string()),
        ),
        (
            "frames free",
            format!("{}  {:>9}", Count(48_211), Bytes(48_211 << 12).to_string()),
        ),
        (
            "free share",
            Percent {
                part: 48_211,
                whole: 65_536,
            }
            .to_string(),
        ),
        ("time in the fault handler", Nanoseconds(12_345).to_string()),
        (
            "a label that is much too long to stand beside its value in this panel",
            Count(7).to_string(),
        ),
    ] {
        widgets::labelled_value(canvas, &styles, at, cells, label, value)?;
        at.y += line;
    }
    let slot = Rectangle::new(at, Size::new(inner.size.width, 2 * unit));
    let parts = (0..5).map(|bit| (100 + 300 * bit as u64, theme.owner(bit).color));
    widgets::bar(canvas, slot, 6000, parts, theme.free)
}

fn save(name: &str, size: Size, draw: impl FnOnce(&mut Canvas) -> Result<(), Infallible>) {
    let mut pixels = vec![0; (size.width * size.height) as usize];
    let mut marks = vec![0; size.height as usize];
    let mut canvas = Canvas::new(&mut pixels, &mut marks, size).expect("the sizes agree");
    let Ok(()) = draw(&mut canvas);
    picture::save(&format!("specimen-{name}"), &pixels, size);
}
