//! The words of the five steps.

use crate::graphics::font::Weight;
use crate::graphics::surface::Surface;
use crate::graphics::text::{Slot, width};
use crate::graphics::type_scale::Role;
use crate::model::walk::End;
use crate::panels::figures::lines::Lines;
use crate::panels::figures::parts;
use crate::panels::storyboard::{BITS, Story, Touch, meaning};
use crate::view::names::{Names, fit_path};
use crate::widgets::badges;
use embedded_graphics::geometry::Point;
use mm::paging::{ErrorCode, FaultOutcome};
use mm::units::Bytes;

/// The access, and the bits of the error code.
pub fn touch<S: Surface>(
    lines: &mut Lines<'_, S>,
    story: &Story,
    names: &Names,
) -> Result<(), S::Error> {
    let fault = &story.fault;
    let theme = lines.styles.theme;
    lines.strong(Touch(fault))?;
    lines.digits(theme.accent, format_args!("{:#x}", fault.address))?;
    let instruction = fault.instruction.as_u64();
    match (names.function)(instruction) {
        Some(name) => lines.dim(format_args!("by {}", fit_path(name, 0)))?,
        None => lines.dim(format_args!("by code at {instruction:#x}"))?,
    }
    lines.text("error code of the CPU:")?;
    for (bit, letter, set, clear) in BITS {
        let is_set = fault.code.contains(bit);
        let words = if is_set { set } else { clear };
        let line = format_args!("{letter} {}  {words}", u8::from(is_set));
        match is_set {
            true => lines.text(line)?,
            false => lines.dim(line)?,
        }
    }
    Ok(())
}

/// The entries on the walk, as they were at the time of the fault.
pub fn walk<S: Surface>(lines: &mut Lines<'_, S>, story: &Story) -> Result<(), S::Error> {
    let theme = lines.styles.theme;
    let last = story.last_level();
    let mut cause = None;
    for depth in 1..story.then.positions.len() {
        let position = story.then.positions[depth];
        let level = position.level().map_or("", |level| level.words());
        let entry = story.then.entries[depth];
        let styles = lines.styles;
        let bold = styles.names(Role::Small, theme.text, theme.panel);
        let line = bold.face.line_height();
        let height = line.max(styles.scale.length(18));
        let Some(top) = lines.next(height) else {
            continue;
        };
        let middle = top + height as i32 / 2;
        let ink = if depth > last { theme.dim } else { theme.text };
        let name = styles.names(Role::Small, ink, theme.panel);
        let at = Point::new(lines.left, middle - line as i32 / 2);
        name.left(lines.surface, at, level)?;
        if depth > last {
            continue;
        }
        let digits = styles.digits(Role::Small, Weight::Regular, theme.dim, theme.panel);
        let cell = digits.font.cell();
        let index = parts::text::<8>(format_args!("[{}]", position.index()));
        let x = lines.left + styles.scale.length(46) as i32;
        let slot = Slot::left(
            Point::new(x, middle - cell.height as i32 / 2),
            width(&index),
        );
        digits.draw(lines.surface, slot, &index)?;
        let wide = badges::rights_width(styles) as i32;
        match entry {
            Some(entry) if lines.right - wide > x + 5 * cell.width as i32 => {
                let left = lines.right - wide;
                badges::rights(
                    lines.surface,
                    styles,
                    left,
                    middle,
                    entry.access,
                    theme.panel,
                )?;
            }
            Some(_) => {}
            None => cause = Some("▲ not present"),
        }
    }
    walk_end(lines, story, last, cause)
}

/// Says how the walk ended.
fn walk_end<S: Surface>(
    lines: &mut Lines<'_, S>,
    story: &Story,
    last: usize,
    cause: Option<&str>,
) -> Result<(), S::Error> {
    let theme = lines.styles.theme;
    let ended = story.then.entries[last];
    let styles = lines.styles;
    let warning = styles.names(Role::Small, theme.warning, theme.panel);
    match (cause, ended) {
        _ if story.then.event.is_none() => lines.dim("evicted: entries of a later time"),
        (Some(words), _) => {
            lines.mark(warning, words)?;
            lines.dim("the walk ends: page fault")
        }
        (None, Some(entry)) if entry.is_table => lines.dim("the walk continued"),
        (None, _) => {
            lines.mark(warning, "▲ not allowed")?;
            let user = entry_ring(story, last);
            lines.dim(format_args!("present, {user}"))
        }
    }
}

/// Which rings an entry allows.
fn entry_ring(story: &Story, depth: usize) -> &'static str {
    let entry = story.then.entries[depth];
    let is_user = entry.is_some_and(|entry| entry.access.contains(mm::paging::Access::USER));
    if is_user {
        "ring 3 allowed"
    } else {
        "ring 0 only"
    }
}

/// The cause, and the region that it follows from.
pub fn decide<S: Surface>(
    lines: &mut Lines<'_, S>,
    story: &Story,
    names: &Names,
) -> Result<(), S::Error> {
    let fault = &story.fault;
    lines.strong(fault.cause.words())?;
    lines.text(meaning(fault.cause))?;
    match story.region {
        Some(region) => {
            let owner = lines.styles.theme.tag(region.owner).words;
            let (policy, bytes) = (region.policy.words(), Bytes(region.bytes));
            lines.dim(format_args!("region: {policy}, {bytes}, of {owner}"))?;
        }
        None => lines.dim("no region at this address now")?,
    }
    let area = (names.area)(fault.address.as_u64());
    if !area.is_empty() {
        lines.dim(format_args!("in {area}"))?;
    }
    match story.past_end {
        Some((bytes, true)) => {
            lines.text(format_args!("{} below the guarded region", Bytes(bytes)))
        }
        Some((bytes, false)) => {
            lines.text(format_args!("{} past the guarded region", Bytes(bytes)))
        }
        None => Ok(()),
    }
}

/// What the handler did, and its cost.
pub fn act<S: Surface>(
    lines: &mut Lines<'_, S>,
    story: &Story,
    names: &Names,
) -> Result<(), S::Error> {
    let theme = lines.styles.theme;
    let Some(end) = story.fault.end else {
        return lines.strong("still in the handler");
    };
    lines.strong(end.outcome.words())?;
    let is_resolved = matches!(
        end.outcome,
        FaultOutcome::Mapped
            | FaultOutcome::Copied
            | FaultOutcome::MadeWritable
            | FaultOutcome::SwappedIn
    );
    match story.now {
        Some(End::Mapped { physical, .. }) if is_resolved => {
            let frame = physical.align_down(mm::memory_map::FRAME_BYTES);
            lines.text("the page has frame")?;
            lines.digits(theme.accent, format_args!("{frame:#x}"))?;
        }
        Some(End::NotPresent | End::NoRoot) if is_resolved => {
            lines.dim("the page is unmapped again now")?;
        }
        _ if !is_resolved => lines.text("nothing is mapped for this access")?,
        _ => {}
    }
    lines.dim(format_args!("cost: {}", names.cost(end.nanoseconds)))
}

/// What happened to the access.
pub fn retry<S: Surface>(lines: &mut Lines<'_, S>, story: &Story) -> Result<(), S::Error> {
    let Some(end) = story.fault.end else {
        return lines.dim("not yet");
    };
    let code = story.fault.code;
    let access = match (
        code.contains(ErrorCode::FETCH),
        code.contains(ErrorCode::WRITE),
    ) {
        (true, _) => "fetch",
        (false, true) => "write",
        (false, false) => "read",
    };
    match end.outcome {
        FaultOutcome::Mapped
        | FaultOutcome::Copied
        | FaultOutcome::MadeWritable
        | FaultOutcome::SwappedIn => {
            lines.strong(format_args!("the {access} succeeds"))?;
            lines.dim("the CPU runs the same instruction again")?;
        }
        FaultOutcome::AccessCaught => {
            lines.strong("no retry")?;
            lines.dim("a test access: the kernel gets an error and continues")?;
        }
        FaultOutcome::ProcessEnded => {
            lines.strong("no retry")?;
            lines.dim("the kernel ended the process and freed its memory")?;
        }
        FaultOutcome::Fatal => {
            lines.strong("no retry")?;
            lines.dim("the kernel stopped")?;
        }
    }
    match story.fault.space {
        0 => lines.dim("in the kernel")?,
        number => lines.dim(format_args!("in process {number}"))?,
    }
    if let Some(outer) = story.nested.0 {
        lines.text(format_args!("nested in fault {}", outer + 1))?;
    }
    if let Some(inner) = story.nested.1 {
        lines.text(format_args!("fault {} was nested in it", inner + 1))?;
    }
    Ok(())
}
