//! Address spaces side by side: a column for each process, a row for each part of the address
//! space. Below them is the kernel's half, which all spaces share.
//!
//! ```text
//! ┌ ADDRESS SPACES  3 processes ──────────────── a cell is a page ─┐
//! │            14 family          15 family          ▶ 16 eat      │   ▶ the last events are about it
//! │ program    ■                  ■                  ■             │
//! │ mappings   ▫▫▫▫▫▫▫▫▫▫▫▫       ▫▫▫▫■▫▫▫▫▫▫▫       ■■■■■■■■■■    │   one scale for each row: [`plan`]
//! │            ▫▫▫▫▫▫▫▫           ▫▫▫▫▫▫▫▫           ■■░░░░░░░░    │   cells: [`strip`]
//! │ stack      ▒░░░░░░░░░░■       ▒░░░░░░░░░░■       ▒░░░░░░░░░■   │
//! │ ┌ direct map ┐ ┌ heap ─────┐ ┌ stacks ───┐ ┌ text ┐ …          │   [`kernel`]
//! │ ■ present  ▫ copy-on-write  ░ not accessed yet  ▒ guard page   │
//! └────────────────────────────────────────────────────────────────┘
//! ```
//! Addresses grow to the right and down. A column is drawn again when its address space has
//! changed: see [`Process::version`](crate::model::Process).

mod highlighted;
mod kernel;
mod pages;
mod plan;
mod strip;

use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, TextStyle};
use crate::input::keys::Arrow;
use crate::model::{Model, Process};
use crate::panels::help::entry::Entry::{self, Heading, Word};
use crate::panels::panel::{Panel, Scene, Setup};
use crate::panels::walk::address_of;
use crate::view::changed::Changed;
use crate::view::changes::Changes;
use crate::view::extent::Extent;
use crate::view::names::Names;
use crate::view::selection::Selection;
use crate::widgets;
use core::fmt;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use highlighted::Highlighted;
use mm::memory_map::FRAME_BYTES;
use mm::units::Count;
use pages::Pages;
use plan::{MOST_COLUMNS, Plan};
use x86_64::VirtAddr;

const TITLE: &str = "Address spaces";
/// Text cells of the count in the title.
const DETAIL: usize = 40;

/// The panel and the part of it that is on the screen.
#[derive(Clone, Debug)]
pub struct SpacesPanel {
    area: Rectangle,
    names: Names,
    plan: Plan,
    /// The content of each column, and of the kernel's half.
    drawn: [Option<Drawn>; MOST_COLUMNS],
    kernel: Option<u64>,
    highlighted: Highlighted,
    changes: Option<u64>,
    current: u32,
}

/// The content of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    version: u64,
    is_current: bool,
}

impl Panel for SpacesPanel {
    const NAME: &'static str = "address spaces";
    const HELP: &'static [Entry] = &[
        Heading("NUMBERS: ADDRESS SPACES"),
        Word("a cell", "a page; or 2, 4, 8 … pages if a row is too large"),
        Word("copy-on-write", "present; the first write copies its frame"),
        Word("not accessed", "the first access maps a frame"),
        Word("guard page", "never mapped, to detect overruns"),
        Word("selected", "the page, and all pages with the same frame"),
        Word("▶", "the last events were about this space"),
        Word(
            "kernel's half",
            "each part to its own scale; a cell shows its first page",
        ),
    ];

    fn new(setup: &Setup<'_>) -> SpacesPanel {
        let (area, names) = (setup.area, setup.names);
        SpacesPanel {
            area,
            names,
            plan: Plan::default(),
            drawn: [None; MOST_COLUMNS],
            kernel: None,
            highlighted: Highlighted::default(),
            changes: None,
            current: 0,
        }
    }

    fn shows(_: Changed) -> bool {
        true
    }

    fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        scene: &Scene<'_, '_>,
        _: &mut Changes<'_>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let Scene {
            styles,
            model,
            selection,
            ..
        } = *scene;
        let all = extent == Extent::All;
        let changes = model.processes.changes();
        let highlighted = Highlighted::of(model, selection);
        let is_same = self.changes == Some(changes) && self.current == model.space;
        if !all && is_same && self.highlighted == highlighted {
            return Ok(());
        }
        (self.changes, self.current) = (Some(changes), model.space);
        let content = widgets::content(styles, self.area);
        let plan = Plan::new(styles, content, model, highlighted.space, &self.names);
        let is_new = all || plan != self.plan;
        let before = core::mem::replace(&mut self.highlighted, highlighted);
        let highlights_changed = before != highlighted;
        if is_new {
            self.plan = plan;
            self.draw_frame(surface, styles)?;
        }
        for column in 0..self.plan.columns.len() {
            let number = self.plan.columns[column];
            let Some(process) = model.processes.get(number) else {
                continue;
            };
            let now = Drawn {
                version: process.version,
                is_current: number == model.space,
            };
            if is_new || highlights_changed || self.drawn[column] != Some(now) {
                self.drawn[column] = Some(now);
                self.draw_column(surface, styles, model, column, process, is_new)?;
            }
        }
        let version = model.processes.get(0).map_or(0, |kernel| kernel.version);
        if is_new || highlights_changed || self.kernel != Some(version) {
            self.kernel = Some(version);
            if !is_new {
                surface.fill_solid(&self.plan.kernel, styles.theme.panel)?;
            }
            let (plan, names) = (&self.plan, &self.names);
            kernel::draw(surface, styles, model, plan, &highlighted, names)?;
        }
        Ok(())
    }

    fn selection_at(&self, scene: &Scene<'_, '_>, point: Point) -> Option<Selection> {
        self.page_at(scene.styles, scene.model, point)
    }

    fn move_cursor(&self, arrow: Arrow, scene: &Scene<'_, '_>) -> Option<Selection> {
        self.steer(arrow, scene.model, scene.selection)
    }
}

impl SpacesPanel {
    /// Draws the panel, the labels and the legend.
    fn draw_frame<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        let note = widgets::note_beside(styles, self.area, TITLE, DETAIL, "→ ↓ addresses grow");
        widgets::panel(surface, styles, self.area, TITLE, "", note)?;
        let slot = widgets::detail_slot(styles, self.area, TITLE, DETAIL);
        styles.dim.draw(surface, slot, Shown(&self.plan))?;
        self.draw_labels(surface, styles)?;
        strip::draw_legend(surface, styles, self.plan.legend)
    }

    /// Draws the name of each row.
    fn draw_labels<S: Surface>(&self, surface: &mut S, styles: &Styles) -> Result<(), S::Error> {
        for row in &self.plan.rows {
            let at = Point::new(self.plan.label.x, row.rows.start);
            let slot = Slot::left(at, plan::LABEL - 1);
            styles.dim.draw(surface, slot, row.name)?;
        }
        Ok(())
    }

    /// Draws the address space of one process.
    fn draw_column<S: Surface>(
        &self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        column: usize,
        process: &Process,
        is_blank: bool,
    ) -> Result<(), S::Error> {
        let plan = &self.plan;
        let area = plan.column(styles, column);
        let cells = (area.size.width / styles.unit()) as usize;
        let is_highlighted = self.highlighted.space == Some(process.number);
        let theme = styles.theme;
        let style = match is_highlighted {
            true => TextStyle::new(styles.title.font, theme.ground, theme.accent),
            false => styles.title,
        };
        let head = Head {
            process,
            program: match process.is_live {
                true => (self.names.program)(process.program),
                false => "starts",
            },
            mark: match (process.number == model.space, is_highlighted) {
                (true, _) => "▶ ",
                // Keeps the text off the edge of the highlight.
                (false, true) => " ",
                (false, false) => "",
            },
        };
        style.draw(surface, Slot::left(area.top_left, cells), head)?;
        let below = area.top_left + Size::new(0, 2 * styles.unit());
        let noun = if process.pages == 1 { "page" } else { "pages" };
        let pages = format_args!("{} {noun}", Count(process.pages));
        styles.dim.draw(surface, Slot::left(below, cells), pages)?;
        for row in &plan.rows {
            let strip = strip::Strip {
                styles,
                model,
                highlighted: &self.highlighted,
                space: process.number,
                area: plan.strip(area, row),
                row,
                names: &self.names,
                is_blank,
            };
            strip.draw(surface)?;
        }
        Ok(())
    }

    /// Returns the page at a point of the screen.
    pub fn page_at(&self, styles: &Styles, model: &Model, point: Point) -> Option<Selection> {
        for (column, &space) in self.plan.columns.iter().enumerate() {
            let area = self.plan.column(styles, column);
            let is_in = (area.columns()).contains(&point.x) && area.rows().contains(&point.y);
            if !is_in {
                continue;
            }
            for row in &self.plan.rows {
                let place = self.plan.strip(area, row);
                if place.contains(point) {
                    let pages = Pages::new(model, space, row.name, &self.names);
                    let address = pages.at(place, row.pitch, row.shift, point)?;
                    return Some(Selection::Page { space, address });
                }
            }
            return Some(Selection::Process(space));
        }
        None
    }

    /// Moves the selection to the page before or after, or to the same page of the neighbouring
    /// space.
    pub fn steer(
        &self,
        arrow: Arrow,
        model: &Model,
        selection: Option<Selection>,
    ) -> Option<Selection> {
        let selected = selection.and_then(|selection| address_of(model, selection));
        let columns = &self.plan.columns;
        let Some((space, address)) = selected.filter(|(space, _)| columns.contains(space)) else {
            let space = match selection {
                Some(Selection::Process(number)) if columns.contains(&number) => number,
                _ => *columns.first()?,
            };
            let address = model.regions.of(space).next()?.start;
            return Some(Selection::Page { space, address });
        };
        let at = columns.iter().position(|&column| column == space)?;
        let page = address.align_down(FRAME_BYTES);
        let (space, address) = match arrow {
            Arrow::Left => (columns[at.saturating_sub(1)], page),
            Arrow::Right => (columns[(at + 1).min(columns.len() - 1)], page),
            Arrow::Up => (space, page_before(model, space, page).unwrap_or(page)),
            Arrow::Down => (space, page_after(model, space, page).unwrap_or(page)),
        };
        Some(Selection::Page { space, address })
    }
}

/// Returns the next page in a region.
fn page_after(model: &Model, space: u32, page: VirtAddr) -> Option<VirtAddr> {
    let next = page.as_u64() + FRAME_BYTES;
    let mut regions = model.regions.of(space);
    let region = regions.find(|region| region.last() >= next)?;
    Some(VirtAddr::new(next.max(region.start.as_u64())))
}

/// Returns the last page before this one in a region.
fn page_before(model: &Model, space: u32, page: VirtAddr) -> Option<VirtAddr> {
    let regions = model.regions.of(space);
    let before = regions.take_while(|region| region.start < page);
    let region = before.last()?;
    let last = region.last() & !(FRAME_BYTES - 1);
    Some(VirtAddr::new(last.min(page.as_u64() - FRAME_BYTES)))
}

/// Formats the number of spaces on the screen.
struct Shown<'p>(&'p Plan);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.columns.len();
        let noun = if shown == 1 { "process" } else { "processes" };
        write!(f, "{shown} {noun}")?;
        match self.0.hidden {
            0 => Ok(()),
            hidden => write!(f, ", {hidden} more"),
        }
    }
}

/// The head of a column.
struct Head<'p> {
    process: &'p Process,
    program: &'static str,
    mark: &'static str,
}

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { process, .. } = self;
        write!(f, "{}{} {}", self.mark, process.number, self.program)
    }
}
