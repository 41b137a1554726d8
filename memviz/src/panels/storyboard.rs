//! A page fault as a story in four pictures: the touch, the walk, the decision, the outcome.
//!
//! ```text
//! ┌ FAULT STORY  fault 4,738 at 10.101 s ──────────────────────────────────────── ↑ ↓ in the table ┐
//! │ ┌ 1 TOUCH ───────────┐   ┌ 2 WALK ───────────────┐                                             │
//! │ │ ring 3 writes      │   │ PML4 [ 32]  → 0x1f000 │                                             │
//! │ │ 0x000010000005f000 │ ► │ PDPT [  0]  → 0x20000 │                                             │
//! │ │ P=1 W=1 U=1 …      │   │ PT   [ 95]  not there │                                             │
//! │ └────────────────────┘   └───────────────────────┘                                             │
//! │ ┌ 3 DECISION ────────┐   ┌ 4 OUTCOME ────────────┐     side by side where there is room         │
//! └─────────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//! It is the selected fault, or else the last one. The walk shows the page tables as the fault found them: see
//! [`Then`]. How far past the end a guard page was touched is counted from what it guards.

use super::faults::NameOf;
use super::{Extent, Names};
use crate::model::walk::End;
use crate::model::{Entry, Fault, Model};
use crate::selection::Selection;
use crate::styles::Styles;
use crate::surface::Surface;
use crate::text::{Slot, TextStyle};
use crate::theme::Theme;
use crate::timeline::Timeline;
use crate::timeline::then::Then;
use crate::units::{Bytes, Count, Moment, Nanoseconds};
use crate::widgets;
use core::fmt::{self, Display};
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;
use mm::paging::{Access, ErrorCode, FaultCause, Window, WindowPolicy};
use x86_64::VirtAddr;

const TITLE: &str = "FAULT STORY";
/// Text cells of a box, for four in a row.
const BOX: u32 = 34;
/// A guard page that is further away, in bytes, has nothing to do with a fault.
const NEAR: u64 = 1 << 30;
/// Text cells between two boxes, for an arrow.
const ARROW: u32 = 3;

/// Everything that the panel tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Story {
    /// Its number, counted from 0.
    pub number: u64,
    /// What happened.
    pub fault: Fault,
    /// The tables that it found.
    pub then: Then,
    /// What the address is for.
    pub window: Option<Window>,
    /// How far past the end of what is guarded, and whether that lies above the guard page.
    pub past_end: Option<(u64, bool)>,
    /// The nearest guard page: where it begins, and how far it is from the address; 0 inside.
    pub guard: Option<(VirtAddr, u64)>,
    /// The fault that was being handled when this one came, and the one that came while this one was handled.
    pub nested: (Option<u64>, Option<u64>),
}

impl Story {
    /// Of the selected fault, or of the last one.
    pub fn of(model: &Model, timeline: &Timeline, selection: Option<Selection>) -> Option<Story> {
        let last = model.faults.total().checked_sub(1)?;
        let number = match selection {
            Some(Selection::Fault(number)) => number,
            _ => last,
        };
        let fault = *model.faults.numbered(number)?;
        let (space, address) = (fault.space, fault.address);
        let window = model.windows.find(space, address).copied();
        let guards = |window: &Window| window.policy == WindowPolicy::Guard;
        let of_space = |space| model.windows.of(space).filter(|window| guards(window));
        let same_half = |window: &&Window| window.start.as_u64() >> 63 == address.as_u64() >> 63;
        let nearest = of_space(space).chain(of_space(0).filter(|_| space != 0));
        let nearest = nearest.filter(same_half).map(|guard| {
            let (start, end) = (guard.start.as_u64(), guard.last());
            let away = start.saturating_sub(address.as_u64());
            (guard.start, away.max(address.as_u64().saturating_sub(end)))
        });
        let inside = |inner: &Fault, outer: &Fault| {
            let ended = |fault: &Fault| fault.end.map_or(u64::MAX, |end| end.time);
            inner.cpu == outer.cpu && inner.time < ended(outer) && ended(inner) <= ended(outer)
        };
        let before = number.checked_sub(1);
        let before = before.filter(|&before| {
            let outer = model.faults.numbered(before);
            outer.is_some_and(|outer| inside(&fault, outer))
        });
        let after = model.faults.numbered(number + 1);
        let after = after.filter(|inner| inside(inner, &fault));
        Some(Story {
            number,
            fault,
            then: Then::of(timeline, model, number, &fault),
            window,
            past_end: window
                .filter(guards)
                .and_then(|guard| past_end(model, space, &guard, address)),
            guard: nearest.min_by_key(|&(_, away)| away),
            nested: (before, after.map(|_| number + 1)),
        })
    }

    /// The level at which the walk ended: 1 is the PML4's entry, 4 that of the page table.
    pub fn last_level(&self) -> usize {
        let way = &self.then.entries[1..];
        let missing = way
            .iter()
            .position(|entry| entry.is_none_or(|entry| !entry.is_table));
        missing.map_or(way.len(), |missing| missing + 1)
    }
}

/// How far an address in a guard page is from what the page guards: that is mapped, or will be, on one side of it.
fn past_end(model: &Model, space: u32, guard: &Window, address: VirtAddr) -> Option<(u64, bool)> {
    let is_guarded = |address: Option<u64>| {
        let address = VirtAddr::try_new(address?).ok()?;
        let window = model.windows.find(space, address);
        let has_window = window.is_some_and(|window| window.policy != WindowPolicy::Guard);
        let is_mapped = matches!(model.tables.walk(space, address).end, End::Mapped { .. });
        Some(has_window || is_mapped)
    };
    let (start, last) = (guard.start.as_u64(), guard.last());
    let above = is_guarded(last.checked_add(1)).unwrap_or(false);
    let below = is_guarded(start.checked_sub(1)).unwrap_or(false);
    match (above, below) {
        (true, _) => Some((last + 1 - address.as_u64(), true)),
        (false, true) => Some((address.as_u64() + 1 - start, false)),
        (false, false) => None,
    }
}

/// The panel and what it tells.
#[derive(Clone, Copy, Debug)]
pub struct StoryboardPanel {
    area: Rectangle,
    name_of: NameOf,
    names: Names,
    seen: Option<(u64, u64, Option<Selection>)>,
    told: Option<Story>,
}

impl StoryboardPanel {
    /// The panel in this place.
    pub fn new(area: Rectangle, name_of: NameOf, names: Names) -> StoryboardPanel {
        StoryboardPanel {
            area,
            name_of,
            names,
            seen: None,
            told: None,
        }
    }

    /// Draws the panel, if it has something else to tell.
    pub fn draw<S: Surface>(
        &mut self,
        surface: &mut S,
        styles: &Styles,
        model: &Model,
        timeline: &Timeline,
        selection: Option<Selection>,
        extent: Extent,
    ) -> Result<(), S::Error> {
        let selection = selection.filter(|selection| matches!(selection, Selection::Fault(_)));
        let seen = (timeline.cursor(), timeline.end(), selection);
        if self.seen.replace(seen) == Some(seen) && extent == Extent::Changed {
            return Ok(());
        }
        let story = Story::of(model, timeline, selection);
        if core::mem::replace(&mut self.told, story) == story && extent == Extent::Changed {
            return Ok(());
        }
        let Some(story) = story else {
            let detail = "none so far";
            return widgets::panel_anew(surface, styles, self.area, TITLE, detail, "", extent);
        };
        let (number, time) = (Count(story.number + 1), Moment(story.fault.time));
        let detail = format_args!("fault {number} at {time}");
        let note = "↑ ↓ in the table";
        widgets::panel_anew(surface, styles, self.area, TITLE, detail, note, extent)?;
        let content = widgets::content(styles, self.area);
        for (number, area) in boxes(styles, content).into_iter().enumerate() {
            let mut frame = Frame::new(surface, styles, area);
            match number {
                0 => frame.touch(&story, self.name_of)?,
                1 => frame.walk(&story)?,
                2 => frame.decision(&story, self.names)?,
                _ => frame.outcome(&story, model)?,
            }
            if number < 3 {
                arrow(surface, styles, area, content)?;
            }
        }
        Ok(())
    }
}

/// Four boxes in a row, or two by two.
fn boxes(styles: &Styles, content: Rectangle) -> [Rectangle; 4] {
    let unit = styles.unit();
    let columns = match content.size.width / unit {
        cells if cells >= 4 * BOX + 3 * ARROW => 4,
        _ => 2,
    };
    let rows = 4 / columns;
    let width = (content.size.width - (columns - 1) * ARROW * unit) / columns;
    let height = (content.size.height - (rows - 1) * unit) / rows;
    core::array::from_fn(|number| {
        let (column, row) = (number as u32 % columns, number as u32 / columns);
        let left = column * (width + ARROW * unit);
        let top = row * (height + unit);
        Rectangle::new(
            content.top_left + Size::new(left, top),
            Size::new(width, height),
        )
    })
}

/// From a box to the next one in its row.
fn arrow<S: Surface>(
    surface: &mut S,
    styles: &Styles,
    area: Rectangle,
    content: Rectangle,
) -> Result<(), S::Error> {
    let right = area.top_left.x + area.size.width as i32;
    if right + styles.unit() as i32 > content.top_left.x + content.size.width as i32 {
        return Ok(());
    }
    let at = Point::new(
        right + styles.unit() as i32,
        area.top_left.y + area.size.height as i32 / 2 - styles.unit() as i32,
    );
    styles.accent.draw(surface, Slot::left(at, 1), "→")
}

/// A box, being filled from the top.
struct Frame<'s, S> {
    surface: &'s mut S,
    styles: &'s Styles,
    area: Rectangle,
    line: u32,
}

impl<'s, S: Surface> Frame<'s, S> {
    fn new(surface: &'s mut S, styles: &'s Styles, area: Rectangle) -> Self {
        Frame {
            surface,
            styles,
            area,
            line: 0,
        }
    }

    fn theme(&self) -> &'static Theme {
        self.styles.theme
    }

    /// The outline, and the title in it.
    fn title(&mut self, title: &str) -> Result<(), S::Error> {
        widgets::outline(self.surface, self.area, 1, self.theme().dim)?;
        self.tell(&self.styles.title, title)
    }

    /// The next line, as far as there is room.
    fn tell(&mut self, style: &TextStyle, words: impl Display) -> Result<(), S::Error> {
        let unit = self.styles.unit();
        // Lines stand closer where there is little room.
        let pitch = match self.area.size.height >= unit + 9 * self.styles.line() {
            true => self.styles.line(),
            false => 2 * unit,
        };
        let top = unit / 2 + self.line * pitch;
        self.line += 1;
        if top + 2 * unit >= self.area.size.height {
            return Ok(());
        }
        let at = self.area.top_left + Size::new(unit, top);
        let cells = (self.area.size.width / unit).saturating_sub(2) as usize;
        style.draw(self.surface, Slot::left(at, cells), words)
    }

    fn has_room_for(&self, lines: u32) -> bool {
        let unit = self.styles.unit();
        unit / 2 + lines * 2 * unit < self.area.size.height
    }

    /// Who touched what, and what the CPU said.
    fn touch(&mut self, story: &Story, name_of: NameOf) -> Result<(), S::Error> {
        let Styles {
            text, dim, accent, ..
        } = *self.styles;
        let fault = &story.fault;
        self.title("1 TOUCH")?;
        self.tell(&accent, Touch(fault))?;
        self.tell(&text, format_args!("{:#018x}", fault.address.as_u64()))?;
        let instruction = fault.instruction.as_u64();
        match name_of(instruction) {
            Some(name) => self.tell(&dim, format_args!("by {name}"))?,
            None => self.tell(&dim, format_args!("by code at {instruction:#x}"))?,
        }
        if !self.has_room_for(4 + BITS.len() as u32) {
            self.tell(&text, Bits(fault.code))?;
            return self.tell(&dim, BitWords(fault.code));
        }
        for (bit, letter, set, clear) in BITS {
            let is_set = fault.code.contains(bit);
            let (style, words) = match is_set {
                true => (&text, set),
                false => (&dim, clear),
            };
            self.tell(
                style,
                format_args!("{letter} {}  {words}", u8::from(is_set)),
            )?;
        }
        Ok(())
    }

    /// The levels, down to the one where it ended.
    fn walk(&mut self, story: &Story) -> Result<(), S::Error> {
        let Styles {
            text, dim, warning, ..
        } = *self.styles;
        self.title("2 WALK, as the fault found it")?;
        let last = story.last_level();
        for depth in 1..story.then.places.len() {
            let place = story.then.places[depth];
            let level = place.level().map_or("", |level| level.words());
            let index = place.index();
            match story.then.entries[depth] {
                _ if depth > last => self.tell(&dim, format_args!("{level:<4} [{index:>3}]"))?,
                None => self.tell(
                    &warning,
                    format_args!("{level:<4} [{index:>3}] not present"),
                )?,
                Some(entry) => {
                    let style = if depth == last { &warning } else { &text };
                    let (frame, flags) = (entry.frame.as_u64(), Flags(entry));
                    self.tell(
                        style,
                        format_args!("{level:<4} [{index:>3}] {frame:#x} {flags}"),
                    )?;
                }
            }
        }
        let ended = story.then.entries[last];
        match ended {
            _ if story.then.event.is_none() => self.tell(&dim, "too long ago: as it was later"),
            None => self.tell(&dim, "nothing below: the CPU gives up"),
            Some(entry) if entry.is_table => self.tell(&dim, "the walk went on"),
            Some(_) => self.tell(&dim, "present, but it does not allow this"),
        }
    }

    /// What the handler found the address to be.
    fn decision(&mut self, story: &Story, names: Names) -> Result<(), S::Error> {
        let Styles {
            text, dim, accent, ..
        } = *self.styles;
        let fault = &story.fault;
        self.title("3 DECISION")?;
        self.tell(&accent, fault.cause.words())?;
        self.tell(&text, meaning(fault.cause))?;
        match story.window {
            Some(window) => {
                let (start, end) = (window.start.as_u64(), window.last());
                let owner = self.theme().tag(window.owner).words;
                let (policy, bytes) = (window.policy.words(), Bytes(window.bytes));
                self.tell(&text, format_args!("window: {policy}, {bytes}, of {owner}"))?;
                self.tell(&dim, format_args!("{start:#x} to {end:#x}"))?;
            }
            None => self.tell(&text, "in no window now")?,
        }
        let area = (names.area)(fault.address.as_u64());
        if !area.is_empty() {
            self.tell(&dim, format_args!("in {area}"))?;
        }
        match (story.past_end, story.guard) {
            (Some((bytes, true)), _) => self.tell(
                &accent,
                format_args!("{} below the end it guards", Bytes(bytes)),
            ),
            (Some((bytes, false)), _) => self.tell(
                &accent,
                format_args!("{} past the end it guards", Bytes(bytes)),
            ),
            (None, Some((guard, away))) if away < NEAR => {
                let guard = guard.as_u64();
                self.tell(
                    &dim,
                    format_args!("nearest guard page {guard:#x}, {} away", Bytes(away)),
                )
            }
            (None, _) => Ok(()),
        }
    }

    /// What was done, and what it cost.
    fn outcome(&mut self, story: &Story, model: &Model) -> Result<(), S::Error> {
        let Styles {
            text,
            dim,
            accent,
            warning,
            ..
        } = *self.styles;
        let fault = &story.fault;
        self.title("4 OUTCOME")?;
        match fault.end {
            None => self.tell(&warning, "still in the handler")?,
            Some(end) => {
                self.tell(&accent, end.outcome.words())?;
                self.tell(&text, format_args!("cost {}", Nanoseconds(end.nanoseconds)))?;
            }
        }
        let process = match fault.space {
            0 => None,
            number => Some(number),
        };
        match process {
            None => self.tell(&dim, "in the kernel")?,
            Some(number) => self.tell(&dim, format_args!("in process {number}"))?,
        }
        match model.tables.end_of(fault.space, fault.address) {
            End::Mapped { physical, .. } => {
                let frame = physical
                    .align_down(crate::model::regions::FRAME_BYTES)
                    .as_u64();
                self.tell(&text, format_args!("now: frame {frame:#x}"))?;
            }
            End::NotPresent => self.tell(&text, "now: nothing is mapped there")?,
            End::NoRoot if model.tables.missing() > 0 => {
                self.tell(&text, "now: unknown, too many tables")?;
            }
            End::NoRoot => self.tell(&text, "now: its page tables are gone")?,
        }
        if let Some(outer) = story.nested.0 {
            let outer = Count(outer + 1);
            self.tell(&warning, format_args!("came inside fault {outer}"))?;
        }
        if let Some(inner) = story.nested.1 {
            let inner = Count(inner + 1);
            self.tell(&warning, format_args!("fault {inner} came inside it"))?;
        }
        Ok(())
    }
}

/// The bits of the error code: which, its letter, and what it says when it is set or clear.
const BITS: [(ErrorCode, char, &str, &str); 5] = [
    (ErrorCode::PROTECTION, 'P', "not allowed", "not present"),
    (ErrorCode::WRITE, 'W', "a write", "a read"),
    (ErrorCode::USER, 'U', "in ring 3", "in ring 0"),
    (
        ErrorCode::RESERVED_BIT,
        'R',
        "a reserved bit is set",
        "no reserved bit",
    ),
    (ErrorCode::FETCH, 'I', "an instruction", "data"),
];

/// All bits in a line.
struct Bits(ErrorCode);

impl Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        BITS.iter().try_for_each(|&(bit, letter, ..)| {
            let is_set = u8::from(self.0.contains(bit));
            write!(f, "{letter}={is_set}  ")
        })
    }
}

/// What they say, in a line.
struct BitWords(ErrorCode);

impl Display for BitWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (bit, _, set, clear)) in BITS.into_iter().enumerate() {
            let is_set = self.0.contains(bit);
            // The last two matter only when they are set.
            if number < 3 || is_set {
                let separator = if number > 0 { ", " } else { "" };
                write!(f, "{separator}{}", if is_set { set } else { clear })?;
            }
        }
        Ok(())
    }
}

/// Who does what.
struct Touch<'f>(&'f Fault);

impl Display for Touch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.0.code;
        let ring = if code.contains(ErrorCode::USER) { 3 } else { 0 };
        let deed = match (
            code.contains(ErrorCode::FETCH),
            code.contains(ErrorCode::WRITE),
        ) {
            (true, _) => "runs code at",
            (false, true) => "writes to",
            (false, false) => "reads from",
        };
        write!(f, "ring {ring} {deed}")
    }
}

/// What an entry allows, in short.
struct Flags(Entry);

impl Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |access| self.0.access.contains(access);
        f.write_str(if has(Access::WRITE) { "rw" } else { "ro" })?;
        f.write_str(if has(Access::USER) {
            " user"
        } else {
            " kernel"
        })?;
        if !self.0.is_table && !has(Access::EXECUTE) {
            f.write_str(" nx")?;
        }
        if has(Access::COPY_ON_WRITE) {
            f.write_str(" cow")?;
        }
        Ok(())
    }
}

/// What a cause means for who touched the page.
fn meaning(cause: FaultCause) -> &'static str {
    match cause {
        FaultCause::Guard => "never mapped, or not any more",
        FaultCause::Null => "a pointer that was never set",
        FaultCause::DemandZero => "first touch: it needs a frame",
        FaultCause::CopyOnWrite => "first write: it needs a copy",
        FaultCause::WriteReadOnly => "it may only be read",
        FaultCause::ExecuteNoExecute => "it is data, not code",
        FaultCause::UserTouchedKernel => "the kernel's, not the program's",
        FaultCause::ReservedBit => "the page tables are damaged",
        FaultCause::Unmapped => "nothing belongs there",
        FaultCause::StackGrowth => "the stack needs another frame",
        FaultCause::KernelTouchedUser => "not without saying so (SMAP)",
    }
}
