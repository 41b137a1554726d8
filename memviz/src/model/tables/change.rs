//! The change of a page-table entry by an event, and the position of the entry.

use super::position::{Entry, EntryPosition};
use crate::model::direction::Direction;
use mm::event::Payload;
use mm::paging::Access;

/// The change of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The entry becomes present.
    Put(Entry),
    /// The entry is removed.
    Take(Entry),
    /// The access of the entry changes.
    Protect { from: Access, to: Access },
}

impl Change {
    /// Returns the change by an event about page tables, and its position. An address in the lower
    /// half belongs to `space`.
    pub fn of(
        space: u32,
        payload: Payload,
        direction: Direction,
    ) -> Option<(EntryPosition, Change)> {
        let (position, entry, direction) = match payload {
            Payload::Map {
                page,
                frame,
                size,
                access,
            } => (
                EntryPosition::of_page(space, page, size),
                Entry::page(frame, access),
                direction,
            ),
            Payload::Unmap {
                page,
                frame,
                size,
                access,
            } => {
                let direction = direction.reversed();
                (
                    EntryPosition::of_page(space, page, size),
                    Entry::page(frame, access),
                    direction,
                )
            }
            Payload::TableLink {
                table,
                base,
                level,
                access,
            } => (
                EntryPosition::of_table(space, base, level),
                Entry::table(table, access),
                direction,
            ),
            Payload::TableUnlink {
                table,
                base,
                level,
                access,
            } => {
                let direction = direction.reversed();
                (
                    EntryPosition::of_table(space, base, level),
                    Entry::table(table, access),
                    direction,
                )
            }
            Payload::Protect {
                page,
                size,
                from,
                to,
            } => {
                let (from, to) = direction.ordered(from, to);
                let position = EntryPosition::of_page(space, page, size);
                return Some((position, Change::Protect { from, to }));
            }
            _ => return None,
        };
        let change = match direction {
            Direction::Forward => Change::Put(entry),
            Direction::Back => Change::Take(entry),
        };
        Some((position, change))
    }
}
