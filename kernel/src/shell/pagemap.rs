//! `pagemap`: all mapped ranges, and the page-table walk of one address.

use super::answer::say;
use super::command::{Command, Misused, address, cell, number};
use crate::memory::paging::translation::from_hardware;
use crate::memory::paging::walk::{self, Half, MappedPage};
use crate::memory::paging::{areas, kernel_space, regions};
use crate::process::TABLE;
use core::fmt;
use mm::paging::walk::{End, FlagWords};
use mm::paging::{Access, Region};
use mm::tag::Owners;
use mm::units::Bytes;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

pub const PAGEMAP: Command = Command {
    name: "pagemap",
    arguments: "[ADDRESS] [of PROCESS]",
    summary: "lists all mapped ranges; with an address, prints its page-table walk",
    run: |_, _, mut arguments| {
        let (mut at, mut process) = (None, None);
        while let Some(word) = arguments.next() {
            match word {
                "of" if process.is_none() => {
                    process = Some(number(arguments.next().ok_or(Misused)?)?);
                }
                _ if at.is_none() && process.is_none() => at = Some(address(word)?),
                _ => return Err(Misused),
            }
        }
        let Some(space) = Space::find(process) else {
            say!("no such process; \"ps\" lists the processes");
            return Ok(());
        };
        match at.map(VirtAddr::try_new) {
            None => ranges(&space),
            Some(Ok(at)) => decode(&space, at),
            Some(Err(error)) => {
                say!(
                    "{:#x} is not canonical: bits 48 to 63 must equal bit 47",
                    error.0
                );
            }
        }
        Ok(())
    },
};

/// The page tables to show: those of the kernel, or those of a process, which also contain the
/// kernel's half.
struct Space {
    root: PhysFrame,
    process: Option<u32>,
}

impl Space {
    fn find(process: Option<u64>) -> Option<Space> {
        let Some(number) = process else {
            return Some(Space {
                root: kernel_space::lock().root(),
                process: None,
            });
        };
        let number = u32::try_from(number).ok()?;
        let mut table = TABLE.lock();
        let root = table.get_mut(number)?.space.root();
        Some(Space {
            root,
            process: Some(number),
        })
    }

    /// Calls `visit` with each memory region of this half.
    fn for_each_region(&self, mut visit: impl FnMut(&Region)) {
        let mut table = TABLE.lock();
        match self.process.and_then(|number| table.get_mut(number)) {
            Some(process) => process.space.regions().iter().for_each(visit),
            None => regions::for_each(|region| visit(region)),
        }
    }
}

/// Prints the four levels of a walk, and its end.
fn decode(space: &Space, at: VirtAddr) {
    let walk = walk::decode(space.root, at);
    say!("{at:#018x}");
    for step in walk.steps() {
        let name = cell(format_args!("{}[{}]", step.table_name(), step.index));
        say!(
            "  {name:<10} {:#018x}  {}",
            step.entry.0,
            FlagWords(step.entry.flags())
        );
    }
    let table = walk.last().table_name();
    match walk.end {
        End::Mapped {
            physical,
            size,
            rights,
        } => {
            let access = Words(from_hardware(rights));
            say!(
                "  a page of {} in the {table}: physical {physical:#x}; all levels together allow {access}",
                Bytes(size.bytes())
            );
        }
        End::NotPresent => say!("  nothing is mapped: the entry of the {table} is not present"),
        End::ReservedBit => say!("  broken: the entry of the {table} has a reserved bit set"),
    }
    space.for_each_region(|region| {
        if region.contains(at) {
            say!(
                "  it lies in a region: {}, {}, of the {}",
                region.policy.words(),
                Bytes(region.bytes),
                Owners(region.owner)
            );
        }
    });
}

/// Adjacent pages with the same access rights.
#[derive(Clone, Copy)]
struct Range {
    start: VirtAddr,
    bytes: u64,
    pages: u64,
    access: Access,
}

impl Range {
    /// Adds a page if it continues the range. Returns whether it does.
    fn extend(&mut self, page: &MappedPage) -> bool {
        let continues = self.start.as_u64().wrapping_add(self.bytes) == page.page.as_u64()
            && self.access == page.access
            && areas::name(self.start.as_u64()) == areas::name(page.page.as_u64());
        if continues {
            self.bytes += page.size.bytes();
            self.pages += 1;
        }
        continues
    }

    fn say(&self) {
        let last = VirtAddr::new_truncate(self.start.as_u64() + (self.bytes - 1));
        let access = cell(Words(self.access));
        say!(
            "  {:#018x} - {last:#018x} {:>10} {:>7} pages  {access:<32} {}",
            self.start,
            Bytes(self.bytes),
            self.pages,
            areas::name(self.start.as_u64())
        );
    }
}

/// Prints all mapped ranges, then the memory regions.
fn ranges(space: &Space) {
    let half = if space.process.is_some() {
        Half::Lower
    } else {
        Half::Upper
    };
    let mut range: Option<Range> = None;
    let (mut pages, mut bytes) = (0, 0);
    walk::pages(space.root, half, &mut |page: MappedPage| {
        pages += 1;
        bytes += page.size.bytes();
        if !range.as_mut().is_some_and(|range| range.extend(&page)) {
            let next = Range {
                start: page.page,
                bytes: page.size.bytes(),
                pages: 1,
                access: page.access,
            };
            if let Some(range) = range.replace(next) {
                range.say();
            }
        }
    });
    if let Some(range) = range {
        range.say();
    }
    say!(
        "{pages} pages, {} mapped; the regions, and the meaning of a fault in each:",
        Bytes(bytes)
    );
    space.for_each_region(|region| {
        let last = region.start + (region.bytes - 1);
        say!(
            "  {:#018x} - {last:#018x} {:>10}  {}, of the {}",
            region.start,
            Bytes(region.bytes),
            region.policy.words(),
            Owners(region.owner)
        );
    });
}

/// The access rights of a mapping, in words.
struct Words(Access);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |flag, letter| if self.0.contains(flag) { letter } else { '-' };
        write!(
            f,
            "r{}{}",
            letter(Access::WRITE, 'w'),
            letter(Access::EXECUTE, 'x')
        )?;
        let words = [
            (Access::USER, "user"),
            (Access::GLOBAL, "global"),
            (Access::WRITE_COMBINING, "write-combining"),
            (Access::UNCACHED, "uncached"),
            (Access::COPY_ON_WRITE, "copy-on-write"),
        ];
        for (flag, word) in words {
            if self.0.contains(flag) {
                write!(f, " {word}")?;
            }
        }
        Ok(())
    }
}
