//! The lines about pages, heap blocks, faults and processes.

use super::frames::{Allowed, FrameOwner, Space};
use super::lines::Lines;
use crate::graphics::theme::Theme;
use crate::model::heap::{GRANULE_BYTES, block_bytes};
use crate::model::walk::End;
use crate::model::{Block, Model};
use crate::view::highlights::fault;
use crate::view::names::{Names, fit_path};
use core::fmt;
use mm::paging::ErrorCode;
use mm::units::{Bytes, Count, Moment};
use x86_64::VirtAddr;

/// Adds the lines about a page, mapped or not.
pub fn add_page(
    lines: &mut Lines,
    theme: &Theme,
    model: &Model,
    names: &Names,
    space: u32,
    address: VirtAddr,
) {
    lines.add("address", format_args!("{address:#x} of {}", Space(space)));
    add_mapping(lines, theme, model, space, address);
    let area = (names.area)(address.as_u64());
    if !area.is_empty() {
        lines.add("area", area);
    }
    if let Some(region) = model.regions.find(space, address) {
        let (start, bytes) = (region.start, Bytes(region.bytes));
        lines.add("region", format_args!("{}, {bytes}", region.policy.words()));
        lines.add("from", format_args!("{start:#x}"));
    }
}

/// Adds the lines about the translation of an address.
fn add_mapping(lines: &mut Lines, theme: &Theme, model: &Model, space: u32, address: VirtAddr) {
    match model.tables.end_of(space, address) {
        End::Mapped {
            physical,
            size,
            access,
        } => {
            let bytes = Bytes(size.bytes());
            lines.add("leads to", format_args!("{physical:#x}, a page of {bytes}"));
            lines.add("allows", Allowed(access));
            let number = physical.as_u64() / mm::memory_map::FRAME_BYTES;
            let owner = FrameOwner::of(model, number as usize);
            match (owner, model.frames.get(number as usize)) {
                (FrameOwner::Owner(_), Some(frame)) => {
                    lines.add("references", frame.references());
                    lines.add_with("frame", owner.swatch(theme), owner);
                }
                _ => lines.add_with("frame", owner.swatch(theme), owner),
            }
        }
        End::NotPresent => lines.add("leads to", "nothing: not mapped"),
        End::NoRoot if space != 0 => lines.add("leads to", "nothing: its page tables are gone"),
        End::NoRoot => lines.add("leads to", "unknown: the tables are not known"),
    }
}

/// Adds the lines about a block of the heap and its buddy.
pub fn add_block(lines: &mut Lines, theme: &Theme, model: &Model, start: VirtAddr) {
    let Some((heap, block)) = block_at(model, start) else {
        lines.add("", "no block starts here now");
        return;
    };
    let bytes = Bytes(block.bytes());
    lines.add(
        "address",
        format_args!("{start:#x}, {bytes}, order {}", block.order),
    );
    let owner = block.owner.map(|owner| theme.owner(owner));
    match owner {
        Some(owner) => lines.add_with("owner", Some(owner), owner.words),
        None if block.is_cached => lines.add("owner", "none: cached for its size"),
        None => lines.add("owner", "none: free"),
    }
    add_mapping(lines, theme, model, 0, start);
    let offset = start - heap;
    let buddy = heap + (offset ^ block.bytes());
    let other = block_at(model, buddy).map(|(_, other)| other);
    match other {
        Some(other) if other.order == block.order => {
            let state = match other.owner {
                Some(_) => "live: no merge",
                None if other.is_cached => "cached: no merge yet",
                None => "free",
            };
            lines.add("buddy", format_args!("{buddy:#x}, {state}"));
        }
        _ if u64::from(block.order) + 1 == crate::model::ORDERS as u64 => {
            lines.add("buddy", "none: it is a whole chunk");
        }
        _ => lines.add("buddy", format_args!("{buddy:#x}, split: no merge")),
    }
}

/// Adds the lines about a block that was split.
pub fn add_split(lines: &mut Lines, model: &Model, start: VirtAddr, order: u8) {
    let bytes = block_bytes(order);
    lines.add(
        "address",
        format_args!("{start:#x}, {}, order {order}", Bytes(bytes)),
    );
    let (mut live, mut free, mut live_bytes, mut at) = (0, 0, 0, start);
    while let Some((_, block)) = block_at(model, at).filter(|_| at < start + bytes) {
        match block.owner {
            Some(_) => {
                live += 1;
                live_bytes += block.bytes();
            }
            None => free += 1,
        }
        at += block.bytes();
    }
    lines.add("inside", format_args!("{live} live blocks, {free} free"));
    let free_bytes = Bytes(bytes.saturating_sub(live_bytes));
    lines.add(
        "bytes",
        format_args!("{} live, {free_bytes} free", Bytes(live_bytes)),
    );
}

/// Returns the start of the heap, and its block at an address.
fn block_at(model: &Model, address: VirtAddr) -> Option<(VirtAddr, Block)> {
    let heap = model.heap.start()?;
    let offset = address.as_u64().checked_sub(heap.as_u64())?;
    let block = model.heap.block_at(offset as usize / GRANULE_BYTES)?;
    Some((heap, block))
}

/// Text cells of the function in the details of a fault.
const FUNCTION: usize = 32;

/// Adds the lines about a page fault.
pub fn add_fault(lines: &mut Lines, theme: &Theme, model: &Model, names: &Names, number: u64) {
    let Some(fault) = fault(&model.faults, number) else {
        lines.add("", "evicted from the list of faults");
        return;
    };
    let swatch = theme.fault(fault.cause);
    lines.add_with("cause", Some(swatch), fault.cause.words());
    let (address, space) = (fault.address, Space(fault.space));
    lines.add("address", format_args!("{address:#x} of {space}"));
    lines.add("access", Touch(fault.code));
    let instruction = fault.instruction.as_u64();
    match (names.function)(instruction) {
        Some(name) => lines.add("by", fit_path(name, FUNCTION)),
        None => lines.add("by", format_args!("{instruction:#x}")),
    }
    lines.add("time", Moment(fault.time));
    match fault.end {
        Some(end) => {
            let cost = names.cost(end.nanoseconds);
            let words = format_args!("{} after {cost}", end.outcome.words());
            lines.add("outcome", words);
        }
        None => lines.add("outcome", "in the handler"),
    }
    add_mapping(lines, theme, model, fault.space, fault.address);
}

/// Formats the bits of an error code.
struct Touch(ErrorCode);

impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is = |bit, yes, no| if self.0.contains(bit) { yes } else { no };
        let what = match self.0.contains(ErrorCode::FETCH) {
            true => "fetch",
            false => is(ErrorCode::WRITE, "write", "read"),
        };
        let ring = is(ErrorCode::USER, "ring 3", "ring 0");
        let page = is(ErrorCode::PROTECTION, "present", "not present");
        write!(f, "{what} from {ring}, page {page}")?;
        f.write_str(is(ErrorCode::RESERVED_BIT, ", reserved bit set", ""))
    }
}

/// Adds the lines about a process, or the kernel.
pub fn add_process(lines: &mut Lines, model: &Model, names: &Names, number: u32) {
    let Some(process) = model.processes.get(number) else {
        lines.add("", "exited; all its memory is freed");
        return;
    };
    if number > 0 {
        let program = (names.program)(process.program);
        lines.add("program", program);
        lines.add("parent", Space(process.parent));
        let seconds = Moment(process.started * 1_000_000);
        let state = process.state.words();
        lines.add("state", format_args!("{state}, since {seconds:.1}"));
    }
    let pages = Count(process.pages);
    lines.add(
        "pages",
        format_args!(
            "{pages}, {} shared, {} copied at the first write",
            process.shared, process.copy_on_write
        ),
    );
    lines.add("tables", Count(process.tables));
    lines.add("faults", Count(process.faults));
}
