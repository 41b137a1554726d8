//! The buddy heap as a tree: a chunk of 1 MiB, and what was split off it, order by order.
//!
//! ```text
//! ┌ BUDDY TREE  chunk 3 of 16, 0xffffc00000300000 ────────────────────┐
//! │ ▄▄ ▃▃ ██ ▁▁ ▁▁                               all chunks, how full │
//! │   1 MiB ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  split       │
//! │ 512 KiB ░░░░░░░░░░░░░░░░░░░░░░░░░░│▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓  │
//! │ 256 KiB ██████████▞▞│░░░░░░░░░░░░░                 buddy, free    │
//! │ …        H 200 KiB   live, with what nobody asked for             │
//! │ allocate: 8 KiB for 5 KiB, after 3 splits from 64 KiB             │
//! └───────────────────────────────────────────────────────────────────┘
//! ```
//! A row has all blocks of an order, to scale: below each one its two halves, if it was split. What is too small to be drawn is
//! summed up: a cell is filled as far as the blocks of that order in it are live. One story is told, that of the selected block,
//! or else of the last operation: the blocks that hold it are outlined, and at each step the buddy is named.
//! The panel is drawn whole whenever the heap has changed.

use super::Extent;
use super::heap::story::{self, Deed, Node, Operation};
use crate::input::Arrow;
use crate::model::heap::block_bytes;
use crate::model::{Block, Heap, Model, ORDERS, OWNERS};
use crate::selection::Selection;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::{Slot, TextStyle};
use crate::theme::Theme;
use crate::timeline::Timeline;
use crate::units::{Bytes, Count, Moment, Percent};
use crate::widgets;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

/// The order of a chunk.
const LARGEST: u8 = ORDERS as u8 - 1;
const CHUNK: Node = Node {
    granule: 0,
    order: LARGEST,
};
/// Text cells of the sizes at the left.
const LABEL: u32 = 8;
/// Lines of text below the tree.
const LINES: u32 = 3;
/// Blocks that are narrower are summed up, in pixels.
const NARROWEST: u32 = 3;

/// The panel and what of it is on the screen.
#[derive(Clone, Copy, Debug)]
pub struct TreePanel {
    area: Rectangle,
    /// Number of the chunk that is shown.
    chunk: usize,
    drawn: Option<Drawn>,
}

/// What decides about the picture, but for the heap itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Drawn {
    operation: Option<Operation>,
    selected: Option<Node>,
    bytes: u64,
}

impl TreePanel {
    /// The panel in this place.
    pub fn new(area: Rectangle) -> TreePanel {
        TreePanel {
            area,
            chunk: 0,
            drawn: None,
        }
    }

    /// Draws the panel, if something changed.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        timeline: &Timeline,
        selection: Option<Selection>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let heap = &model.heap;
        let now = Drawn {
            operation: Operation::last(timeline, heap),
            selected: heap.selected_node(selection),
            bytes: heap.totals().bytes,
        };
        let same = self.drawn.replace(now) == Some(now) && !model.changed.heap;
        if same && extent == Extent::Changed {
            return Ok(());
        }
        let content = widgets::content(styles, self.area);
        let shown = now
            .selected
            .or(now.operation.map(|operation| operation.node));
        let chunk = shown.map_or(0, |node| node.granule >> LARGEST);
        self.chunk = chunk;
        let chunks = heap.totals().bytes / block_bytes(LARGEST);
        let start = heap.address(chunk << LARGEST);
        let detail = match chunks {
            0 => Either::A("no heap yet"),
            _ => Either::B(format_args!("chunk {} of {chunks}, {start:#x}", chunk + 1)),
        };
        widgets::panel_anew(
            surface,
            styles,
            self.area,
            "BUDDY TREE",
            detail,
            "← → ↑ ↓ walk",
            extent,
        )?;
        if chunks == 0 {
            return Ok(());
        }
        let mut tree = Tree::new(surface, styles, heap, content, chunk);
        tree.chunks(chunks as usize)?;
        tree.labels()?;
        tree.node(Node {
            granule: chunk << LARGEST,
            ..CHUNK
        })?;
        match (now.selected, now.operation) {
            (Some(node), _) => {
                tree.path(node, LARGEST, true)?;
                tree.tell_node(timeline, node)
            }
            (None, Some(operation)) => {
                tree.path(operation.node, operation.highest, false)?;
                tree.tell_operation(&operation)
            }
            (None, None) => Ok(()),
        }
    }

    /// What stands at a point of the screen: a block, or one that was split.
    pub fn node_at(&self, styles: &Styles, heap: &Heap, point: Point) -> Option<Selection> {
        let content = widgets::content(styles, self.area);
        let places = Places::new(styles, content, self.chunk);
        let granule = places.granule_at(point)?;
        let block = heap.block_at(granule)?;
        let order = places.order_at(point)?;
        let node = match block.order > order {
            true => return None,
            false => Node {
                granule: granule >> order << order,
                order,
            },
        };
        Some(selection_of(heap, node))
    }

    /// An arrow key: from block to block, up to what held it, down to its lower half.
    pub fn steer(
        &self,
        arrow: Arrow,
        heap: &Heap,
        timeline: &Timeline,
        selection: Option<Selection>,
    ) -> Option<Selection> {
        let Some(node) = heap.selected_node(selection) else {
            let last = Operation::last(timeline, heap).map(|operation| operation.node);
            let node = last.unwrap_or(Node {
                granule: 0,
                order: 0,
            });
            return heap
                .block_at(node.granule)
                .map(|block| selection_of(heap, block.into()));
        };
        let next = match arrow {
            Arrow::Up => node.parent(),
            Arrow::Down => node
                .order
                .checked_sub(1)
                .map(|order| Node { order, ..node }),
            Arrow::Left => node.granule.checked_sub(1).map(|granule| Node {
                granule: granule >> node.order << node.order,
                ..node
            }),
            Arrow::Right => Some(Node {
                granule: node.granule + node.granules(),
                ..node
            }),
        };
        let next = next
            .filter(|next| next.granule < heap.granules())
            .unwrap_or(node);
        // Beside a block lies a block.
        let leaf = matches!(arrow, Arrow::Left | Arrow::Right) && is_block(heap, node);
        let inside = match arrow {
            Arrow::Left => next.granule + next.granules() - 1,
            _ => next.granule,
        };
        let block = heap.block_at(inside).map(Node::from);
        let found = if leaf {
            block
        } else {
            block
                .filter(|block| block.order >= next.order)
                .or(Some(next))
        };
        found.map(|node| selection_of(heap, node))
    }
}

fn selection_of(heap: &Heap, node: Node) -> Selection {
    let start = heap.address(node.granule);
    match is_block(heap, node) {
        true => Selection::Block(start),
        false => Selection::Split {
            start,
            order: node.order,
        },
    }
}

fn is_block(heap: &Heap, node: Node) -> bool {
    heap.block_at(node.granule).map(Node::from) == Some(node)
}

/// Where everything in a chunk stands.
#[derive(Clone, Copy)]
struct Places {
    chunk: usize,
    /// The upper left corner of the rows.
    rows: Point,
    /// Pixels of a chunk.
    width: u32,
    /// From one row to the next.
    pitch: u32,
}

impl Places {
    fn new(styles: &Styles, content: Rectangle, chunk: usize) -> Places {
        let unit = styles.unit();
        let above = 3 * unit;
        let below = LINES * styles.line() + unit;
        let pitch = content.size.height.saturating_sub(above + below) / ORDERS as u32;
        Places {
            chunk,
            rows: content.top_left + Size::new(LABEL * unit, above),
            width: content.size.width.saturating_sub(LABEL * unit),
            pitch: pitch.max(4),
        }
    }

    /// The pixels of a place in the row of its order.
    fn place(&self, node: Node) -> Rectangle {
        let x = |granule: usize| {
            let granule = granule - (self.chunk << LARGEST);
            ((granule as u64 * u64::from(self.width)) >> LARGEST) as u32
        };
        let (left, right) = (x(node.granule), x(node.granule + node.granules()));
        let top = u32::from(LARGEST - node.order) * self.pitch;
        Rectangle::new(
            self.rows + Size::new(left, top),
            Size::new(right - left, self.pitch - 1),
        )
    }

    fn granule_at(&self, point: Point) -> Option<usize> {
        let left = u32::try_from(point.x - self.rows.x).ok()?;
        let inside = (u64::from(left) << LARGEST) / u64::from(self.width);
        (left < self.width).then_some((self.chunk << LARGEST) + inside as usize)
    }

    fn order_at(&self, point: Point) -> Option<u8> {
        let row = u32::try_from(point.y - self.rows.y).ok()? / self.pitch;
        u32::from(LARGEST).checked_sub(row).map(|order| order as u8)
    }
}

/// A chunk, being drawn.
struct Tree<'s, 'm, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    heap: &'s Heap<'m>,
    content: Rectangle,
    places: Places,
}

impl<'s, 'm, S: Surface> Tree<'s, 'm, S> {
    fn new(
        surface: &'s mut S,
        styles: &'s Styles,
        heap: &'s Heap<'m>,
        content: Rectangle,
        chunk: usize,
    ) -> Self {
        Tree {
            surface,
            styles,
            heap,
            content,
            places: Places::new(styles, content, chunk),
        }
    }

    fn theme(&self) -> &'static Theme {
        self.styles.theme
    }

    /// How full every chunk is; this one is outlined.
    fn chunks(&mut self, chunks: usize) -> Result<(), S::Error> {
        let unit = self.styles.unit();
        let height = 2 * unit;
        let slot = Slot::left(self.content.top_left, LABEL as usize);
        self.styles.dim.draw(self.surface, slot, "chunks")?;
        let pitch = (self.places.width / chunks as u32).clamp(3, 6 * unit);
        let granules = 1 << LARGEST;
        for chunk in 0..chunks.min((self.places.width / pitch) as usize) {
            let left = LABEL * unit + chunk as u32 * pitch;
            let at = self.content.top_left + Size::new(left, 0);
            let cell = Rectangle::new(at, Size::new(pitch - 1, height));
            let live = self
                .heap
                .live_bytes_in(chunk * granules..(chunk + 1) * granules);
            let filled = (live * u64::from(height)).div_ceil(block_bytes(LARGEST)) as u32;
            let (free, used) = (self.theme().free, self.theme().used);
            self.surface.fill_solid(&cell, free)?;
            let lower = at + Size::new(0, height - filled);
            let size = Size::new(pitch - 1, filled);
            self.surface
                .fill_solid(&Rectangle::new(lower, size), used)?;
            if chunk == self.places.chunk {
                let thickness = (unit / 4).max(2);
                widgets::outline(self.surface, cell, thickness, self.theme().accent)?;
            }
        }
        Ok(())
    }

    /// The sizes, as many as there is room for.
    fn labels(&mut self) -> Result<(), S::Error> {
        let cell = self.styles.text.font.cell();
        let every = cell.height.div_ceil(self.places.pitch).max(1) as usize;
        for order in (0..ORDERS).rev().step_by(every) {
            let row = (ORDERS - 1 - order) as u32 * self.places.pitch + self.places.pitch / 2;
            let top = (3 * self.styles.unit() + row).saturating_sub(cell.height / 2);
            let at = self.content.top_left + Size::new(0, top);
            let bytes = Bytes(block_bytes(order as u8));
            let slot = Slot::right(at, LABEL as usize - 1);
            self.styles.dim.draw(self.surface, slot, bytes)?;
        }
        Ok(())
    }

    /// Draws a place, and all below it.
    fn node(&mut self, node: Node) -> Result<(), S::Error> {
        let Some(block) = self.heap.block_at(node.granule) else {
            return Ok(());
        };
        let place = self.places.place(node);
        if block.order == node.order {
            return self.block(&block, place);
        }
        let narrow = place.size.width < 2 * NARROWEST;
        self.surface
            .fill_solid(&inner(place), self.theme().outline)?;
        if node.order == LARGEST {
            self.write(place, "split", self.theme().text, self.theme().outline)?;
        }
        let order = node.order - 1;
        if narrow {
            return self.sums(node);
        }
        self.node(Node { order, ..node })?;
        self.node(Node {
            granule: node.granule + (1 << order),
            order,
        })
    }

    fn block(&mut self, block: &Block, place: Rectangle) -> Result<(), S::Error> {
        let theme = self.theme();
        let inside = inner(place);
        let Some(owner) = block.owner else {
            self.surface.fill_solid(&inside, theme.free)?;
            return self.write(place, "free", theme.text, theme.free);
        };
        let swatch = theme.owner(owner);
        self.surface.fill_solid(&inside, swatch.color)?;
        let width = inside.size.width;
        let wasted = (block.waste() * u64::from(width) / block.bytes()) as u32;
        if wasted >= 2 {
            let at = inside.top_left + Size::new(width - wasted, 0);
            let tail = Rectangle::new(at, Size::new(wasted, inside.size.height));
            let pitch = (self.styles.unit() / 2).max(4);
            widgets::stripes(self.surface, tail, pitch, swatch.color, theme.panel)?;
        }
        let asked = Rectangle::new(
            place.top_left,
            Size::new(place.size.width - wasted, place.size.height),
        );
        let words = format_args!("{} {}", swatch.letter, Bytes(block.requested.into()));
        match asked.size.width / self.styles.unit() {
            0..12 => self.write(asked, swatch.letter, theme.ground, swatch.color),
            _ => self.write(asked, words, theme.ground, swatch.color),
        }
    }

    /// Words in the middle of a place, if there is room for them.
    fn write(
        &mut self,
        place: Rectangle,
        words: impl Display,
        ink: Rgb888,
        ground: Rgb888,
    ) -> Result<(), S::Error> {
        let cell = self.styles.text.font.cell();
        let cells = crate::text::width(&words);
        let width = cells as u32 * cell.width;
        if place.size.width < width + cell.width || place.size.height < cell.height {
            return Ok(());
        }
        let (left, top) = (
            (place.size.width - width) / 2,
            (place.size.height - cell.height) / 2,
        );
        let style = TextStyle::new(self.styles.text.font, ink, ground);
        style.draw(
            self.surface,
            Slot::left(place.top_left + Size::new(left, top), cells),
            words,
        )
    }

    /// The rows below a place that is too narrow to be halved: a column each, filled as far as the blocks there are live.
    fn sums(&mut self, node: Node) -> Result<(), S::Error> {
        let mut live = [0; ORDERS];
        let mut free = [0; ORDERS];
        let mut owners = [0; OWNERS];
        let mut at = node.granule;
        while at < node.granule + node.granules()
            && let Some(block) = self.heap.block_at(at)
        {
            let order = usize::from(block.order);
            match block.owner {
                Some(owner) => {
                    live[order] += 1;
                    owners[owner] += block.granules().len();
                }
                None => free[order] += 1,
            }
            at = block.granules().end;
        }
        let most = owners.iter().max().copied().unwrap_or(0);
        let owner = owners
            .iter()
            .position(|&granules| granules == most)
            .unwrap_or(0);
        let theme = self.theme();
        let mut below = false;
        for order in 0..node.order {
            let (live, free) = (live[usize::from(order)], free[usize::from(order)]);
            let row = self.places.place(Node {
                order,
                granule: node.granule,
            });
            let column = self.places.place(node);
            let at = Point::new(column.top_left.x, row.top_left.y);
            let place = inner(Rectangle::new(
                at,
                Size::new(column.size.width, self.places.pitch - 1),
            ));
            let Size { width, height } = place.size;
            if live + free == 0 {
                if below {
                    self.surface.fill_solid(&place, theme.outline)?;
                }
                continue;
            }
            below = true;
            let filled = (live * height).div_ceil(live + free);
            let upper = Rectangle::new(place.top_left, Size::new(width, height - filled));
            self.surface.fill_solid(&upper, theme.free)?;
            let lower = place.top_left + Size::new(0, height - filled);
            let lower = Rectangle::new(lower, Size::new(width, filled));
            self.surface.fill_solid(&lower, theme.owner(owner).color)?;
        }
        Ok(())
    }

    /// Outlines a place, those that hold it up to an order, and the buddy of each.
    fn path(&mut self, node: Node, highest: u8, selected: bool) -> Result<(), S::Error> {
        let theme = self.theme();
        let thickness = (self.styles.unit() / 4).max(2);
        for holder in node.ancestors().take_while(|holder| holder.order < highest) {
            let Some(buddy) = holder.buddy() else { break };
            let place = self.least(self.places.place(buddy));
            widgets::outline(self.surface, place, thickness.div_ceil(2), theme.text)?;
            let is_leaf = is_block(self.heap, buddy);
            let block = self.heap.block_at(buddy.granule);
            let (words, ground) = match block.and_then(|block| block.owner) {
                Some(_) if is_leaf => continue,
                None if is_leaf => ("free buddy", theme.free),
                _ => ("buddy, split", theme.outline),
            };
            self.write(place, words, theme.text, ground)?;
        }
        for holder in node
            .ancestors()
            .take_while(|holder| holder.order <= highest)
        {
            let place = self.least(self.places.place(holder));
            let color = if holder == node || !selected {
                theme.accent
            } else {
                theme.text
            };
            widgets::outline(self.surface, place, thickness, color)?;
        }
        Ok(())
    }

    /// At least so wide that an outline can be seen, and inside the row.
    fn least(&self, place: Rectangle) -> Rectangle {
        let width = place.size.width.max(self.styles.unit() / 2 + 3);
        let right = self.places.rows.x + self.places.width as i32;
        let left = place.top_left.x.min(right - width as i32);
        Rectangle::new(
            Point::new(left, place.top_left.y),
            Size::new(width, place.size.height),
        )
    }

    fn line_at(&self, line: u32) -> Point {
        let below = LINES * self.styles.line();
        let top = self.content.size.height.saturating_sub(below) + line * self.styles.line();
        self.content.top_left + Size::new(0, top)
    }

    /// A line of text below the tree.
    fn line(&mut self, line: u32, style: &TextStyle, words: impl Display) -> Result<(), S::Error> {
        let cells = (self.content.size.width / self.styles.unit()) as usize;
        let slot = Slot::left(self.line_at(line), cells);
        style.draw(self.surface, slot, words)
    }

    fn tell_operation(&mut self, operation: &Operation) -> Result<(), S::Error> {
        let (text, dim) = (self.styles.text, self.styles.dim);
        let (start, number) = (
            self.heap.address(operation.node.granule),
            Count(operation.number + 1),
        );
        self.line(0, &text, operation)?;
        self.line(1, &dim, format_args!("block {start:#x}, event {number}"))?;
        self.legend(2)
    }

    /// What the colours say.
    fn legend(&mut self, line: u32) -> Result<(), S::Error> {
        let (unit, theme) = (self.styles.unit(), self.theme());
        let entries = [
            (theme.free, "free"),
            (theme.outline, "split"),
            (theme.used, "striped: more than was asked for"),
            (theme.accent, "what happened, and the buddies"),
        ];
        let mut at = self.line_at(line);
        let right = self.content.top_left.x + self.content.size.width as i32;
        for (number, (color, words)) in entries.into_iter().enumerate() {
            let width = (words.len() as u32 + 3) * unit;
            if at.x + width as i32 > right {
                break;
            }
            let swatch = Rectangle::new(at, Size::new(3 * unit / 2, 2 * unit));
            match number {
                2 => widgets::stripes(self.surface, swatch, (unit / 2).max(4), color, theme.panel)?,
                3 => widgets::outline(self.surface, swatch, (unit / 4).max(2), color)?,
                _ => self.surface.fill_solid(&swatch, color)?,
            }
            let slot = Slot::left(at + Size::new(2 * unit, 0), words.len());
            self.styles.dim.draw(self.surface, slot, words)?;
            at.x += (width + unit) as i32;
        }
        Ok(())
    }

    fn tell_node(&mut self, timeline: &Timeline, node: Node) -> Result<(), S::Error> {
        let (text, dim) = (self.styles.text, self.styles.dim);
        let block = self.heap.block_at(node.granule);
        let block = block.filter(|block| Node::from(*block) == node);
        let (size, start) = (Bytes(node.bytes()), self.heap.address(node.granule));
        match block.map(|block| (block, block.owner)) {
            None => {
                let bytes = self
                    .heap
                    .live_bytes_in(node.granule..node.granule + node.granules());
                let live = Bytes(bytes);
                self.line(
                    0,
                    &text,
                    format_args!("{size} at {start:#x}: split, {live} of it live"),
                )?;
            }
            Some((_, None)) => self.line(0, &text, format_args!("{size} at {start:#x}: free"))?,
            Some((block, Some(owner))) => {
                let (asked, waste) = (Bytes(block.requested.into()), Bytes(block.waste()));
                let percent = Percent {
                    part: block.waste(),
                    whole: block.bytes(),
                };
                let owner = self.theme().owner(owner).words;
                let words = format_args!(
                    "{size} at {start:#x}: {owner}, asked for {asked}, waste {waste} ({percent})"
                );
                self.line(0, &text, words)?;
            }
        }
        let buddy = Buddy {
            heap: self.heap,
            node,
        };
        self.line(1, &text, buddy)?;
        match story::origin(timeline, self.heap, node) {
            Some((operation, time)) => {
                let (number, time) = (Count(operation.number + 1), Moment(time));
                let large = Bytes(block_bytes(operation.highest));
                let made = match operation.deed {
                    Deed::Allocate { .. } => "split off",
                    Deed::Free => "merged to",
                    Deed::Grow => "new:",
                };
                self.line(
                    2,
                    &dim,
                    format_args!("{made} {large} at {time}, event {number}"),
                )
            }
            None if node.parent().is_none() => self.line(2, &dim, "a chunk: the heap grew by it"),
            None => self.line(2, &dim, "made before what the history still has"),
        }
    }
}

/// Whether a block can merge, in words.
struct Buddy<'h, 'm> {
    heap: &'h Heap<'m>,
    node: Node,
}

impl Display for Buddy<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(buddy) = self.node.buddy() else {
            return f.write_str("the largest order has no buddy");
        };
        write!(f, "buddy {:#x} is ", self.heap.address(buddy.granule))?;
        let is_free = self
            .heap
            .block_at(self.node.granule)
            .is_some_and(|block| block.owner.is_none());
        let is_free = is_free && is_block(self.heap, self.node);
        match self.heap.block_at(buddy.granule) {
            Some(block) if Node::from(block) != buddy => {
                let live = self
                    .heap
                    .live_blocks_in(buddy.granule..buddy.granule + buddy.granules());
                let plural = if live == 1 { "" } else { "s" };
                write!(
                    f,
                    "split: {} live block{plural} in it keep the two apart",
                    Count(live)
                )
            }
            Some(block) if block.owner.is_some() && is_free => {
                f.write_str("live: they merge when it is given back")
            }
            Some(block) if block.owner.is_some() => f.write_str("live, too"),
            _ => f.write_str("free: they merge when this one is given back"),
        }
    }
}

/// A place without the line that parts it from the next.
fn inner(place: Rectangle) -> Rectangle {
    let Size { width, height } = place.size;
    let line = u32::from(width >= NARROWEST);
    Rectangle::new(place.top_left, Size::new(width - line, height))
}

/// One of two things that can be shown.
enum Either<A, B> {
    A(A),
    B(B),
}

impl<A: Display, B: Display> Display for Either<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Either::A(words) => words.fmt(f),
            Either::B(words) => words.fmt(f),
        }
    }
}
