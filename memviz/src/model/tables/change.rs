//! What an event changes in the page tables, and where.

use super::position::{Entry, EntryPosition};
use crate::model::direction::Direction;
use mm::event::Payload;
use mm::paging::Access;

/// What an event changes at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing was there, and this is from now on.
    Put(Entry),
    /// The reverse.
    Take(Entry),
    /// The entry stays and allows something else.
    Protect { from: Access, to: Access },
}

impl Change {
    /// What an event about the tables changes, and where; what is in the lower half is about
    /// `space`.
    pub fn of(
        space: u32,
        payload: Payload,
        direction: Direction,
    ) -> Option<(EntryPosition, Change)> {
        let (place, entry, direction) = match payload {
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
                let place = EntryPosition::of_page(space, page, size);
                return Some((place, Change::Protect { from, to }));
            }
            _ => return None,
        };
        let change = match direction {
            Direction::Forward => Change::Put(entry),
            Direction::Back => Change::Take(entry),
        };
        Some((place, change))
    }
}
