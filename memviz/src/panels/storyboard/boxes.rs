//! The contents of the four boxes of the story.

use super::frame::Frame;
use super::story::Story;
use super::words::{BITS, BitWords, Bits, Flags, Touch, meaning};
use crate::graphics::styles::Styles;
use crate::graphics::surface::Surface;
use crate::graphics::text::width;
use crate::model::walk::End;
use crate::view::names::{Names, fit_path};
use mm::units::{Bytes, Count};

/// A guard page further away than this many bytes is unrelated to the fault.
const NEAR: u64 = 1 << 30;
/// Text cells of an entry with its frame. Narrower boxes show only the flags.
const ENTRY: usize = 36;

impl<S: Surface> Frame<'_, S> {
    /// Draws the access, and the error code of the CPU.
    pub fn touch(&mut self, story: &Story, names: &Names) -> Result<(), S::Error> {
        let Styles {
            text, dim, accent, ..
        } = *self.styles;
        let fault = &story.fault;
        self.title("1 ACCESS")?;
        self.line(&accent, Touch(fault))?;
        self.line(&text, format_args!("{:#018x}", fault.address.as_u64()))?;
        let instruction = fault.instruction.as_u64();
        match (names.function)(instruction) {
            Some(name) => {
                let name = fit_path(name, self.cells().saturating_sub("by ".len()));
                self.line(&dim, format_args!("by {name}"))?;
            }
            None => self.line(&dim, format_args!("by code at {instruction:#x}"))?,
        }
        if self.lines() < 4 + BITS.len() as u32 {
            self.line(&text, Bits(fault.code))?;
            return self.line(&dim, BitWords(fault.code));
        }
        for (bit, letter, set, clear) in BITS {
            let is_set = fault.code.contains(bit);
            let (style, words) = match is_set {
                true => (&text, set),
                false => (&dim, clear),
            };
            self.line(
                style,
                format_args!("{letter} {}  {words}", u8::from(is_set)),
            )?;
        }
        Ok(())
    }

    /// Draws the levels down to the end of the walk. If not all fit, the upper levels are omitted.
    pub fn walk(&mut self, story: &Story) -> Result<(), S::Error> {
        let Styles {
            text, dim, warning, ..
        } = *self.styles;
        self.title("2 WALK at the fault")?;
        let last = story.last_level();
        let has_frames = self.cells() >= ENTRY;
        let first = last.saturating_sub(self.lines() as usize - 2).max(1);
        for depth in first..story.then.positions.len() {
            let place = story.then.positions[depth];
            let level = place.level().map_or("", |level| level.words());
            let index = place.index();
            match story.then.entries[depth] {
                _ if depth > last => self.line(&dim, format_args!("{level:<4} [{index:>3}]"))?,
                None => self.line(
                    &warning,
                    format_args!("{level:<4} [{index:>3}] not present"),
                )?,
                Some(entry) => {
                    let style = if depth == last { &warning } else { &text };
                    let (frame, flags) = (entry.frame.as_u64(), Flags(entry));
                    match has_frames {
                        true => self.line(
                            style,
                            format_args!("{level:<4} [{index:>3}] {frame:#x} {flags}"),
                        )?,
                        false => {
                            self.line(style, format_args!("{level:<4} [{index:>3}] {flags}"))?;
                        }
                    }
                }
            }
        }
        let ended = story.then.entries[last];
        match ended {
            _ if story.then.event.is_none() => self.line(&dim, "evicted: tables of a later time"),
            None => self.line(&dim, "the walk ends: page fault"),
            Some(entry) if entry.is_table => self.line(&dim, "the walk continued"),
            Some(_) => self.line(&dim, "present, access not allowed"),
        }
    }

    /// Draws the region of the address and the cause.
    pub fn decision(&mut self, story: &Story, names: Names) -> Result<(), S::Error> {
        let Styles {
            text, dim, accent, ..
        } = *self.styles;
        let fault = &story.fault;
        self.title("3 DECISION")?;
        self.line(&accent, fault.cause.words())?;
        self.line(&text, meaning(fault.cause))?;
        match story.region {
            Some(region) => {
                let start = region.start.as_u64();
                let end = u128::from(start) + u128::from(region.bytes);
                let owner = self.styles.theme.tag(region.owner).words;
                let (policy, bytes) = (region.policy.words(), Bytes(region.bytes));
                self.line(&text, format_args!("{policy}, {bytes}, of {owner}"))?;
                // The line above has the size of the region.
                let range = format_args!("{start:#x}..{end:#x}");
                match width(range) <= self.cells() {
                    true => self.line(&dim, range)?,
                    false => self.line(&dim, format_args!("from {start:#x}"))?,
                }
            }
            None => self.line(&text, "in no region now")?,
        }
        let area = (names.area)(fault.address.as_u64());
        if !area.is_empty() {
            self.line(&dim, format_args!("in {area}"))?;
        }
        match (story.past_end, story.guard) {
            (Some((bytes, true)), _) => self.line(
                &accent,
                format_args!("{} below the guarded region", Bytes(bytes)),
            ),
            (Some((bytes, false)), _) => self.line(
                &accent,
                format_args!("{} past the guarded region", Bytes(bytes)),
            ),
            (None, Some((_, 0))) => {
                // A guard region may have many pages.
                let page = fault.address.align_down(mm::memory_map::FRAME_BYTES);
                self.line(&dim, format_args!("in guard page {page:#x}"))
            }
            (None, Some((guard, away))) if away < NEAR => {
                let guard = guard.as_u64();
                self.line(
                    &dim,
                    format_args!("nearest guard page {guard:#x}, {} away", Bytes(away)),
                )
            }
            (None, _) => Ok(()),
        }
    }

    /// Draws the outcome and its cost.
    pub fn outcome(&mut self, story: &Story, names: &Names) -> Result<(), S::Error> {
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
            None => self.line(&warning, "still in the handler")?,
            Some(end) => {
                self.line(&accent, end.outcome.words())?;
                self.line(&text, format_args!("cost {}", names.cost(end.nanoseconds)))?;
            }
        }
        let process = match fault.space {
            0 => None,
            number => Some(number),
        };
        match process {
            None => self.line(&dim, "in the kernel")?,
            Some(number) => self.line(&dim, format_args!("in process {number}"))?,
        }
        match story.now {
            Some(End::Mapped { physical, .. }) => {
                let frame = physical.align_down(mm::memory_map::FRAME_BYTES).as_u64();
                self.line(&text, format_args!("now: frame {frame:#x}"))?;
            }
            Some(End::NotPresent) => self.line(&text, "now: nothing is mapped there")?,
            Some(End::NoRoot) => self.line(&text, "now: its page tables are gone")?,
            None => self.line(&text, "now: unknown, too many tables")?,
        }
        if let Some(outer) = story.nested.0 {
            let outer = Count(outer + 1);
            self.line(&warning, format_args!("nested in fault {outer}"))?;
        }
        if let Some(inner) = story.nested.1 {
            let inner = Count(inner + 1);
            self.line(&warning, format_args!("fault {inner} was nested in it"))?;
        }
        Ok(())
    }
}
