//! What the kernel does when a process needs a frame and gets none.
//!
//! ```text
//! the limit of the process is reached ──► one of its pages leaves
//! few frames are free ──► pages of all processes leave ──none──► the largest process ends
//! ```
//! An operation that failed has changed nothing. So it runs again afterwards, and never waits.

use super::address_space::AddressSpace;
use super::error::SpaceError;
use super::paging_out::Spaces;
use super::table::{End, State, Table};
use crate::memory::physical::watermarks;
use crate::memory::swap;

/// Does an operation on the space of a process, and makes room as often as it needs.
///
/// # Errors
/// When the operation fails for another reason, or no room can be made.
pub fn with_room<T>(
    table: &mut Table,
    process: u32,
    mut operation: impl FnMut(&mut AddressSpace) -> Result<T, SpaceError>,
) -> Result<T, SpaceError> {
    loop {
        let found = table.get_mut(process).ok_or(SpaceError::NoProcess)?;
        match operation(&mut found.space) {
            Err(error) if error.is_shortage() => make_room(table, process, error)?,
            result => return result,
        }
    }
}

/// Makes pages leave their frames, or ends a process.
///
/// # Errors
/// When the process that needs the room is the one that has to end, with the reason.
#[cold]
pub fn make_room(table: &mut Table, process: u32, why: SpaceError) -> Result<(), SpaceError> {
    if let SpaceError::LimitReached(_) = why {
        return Spaces::of(table.spaces()).page_out_for_limit(process);
    }
    match reclaim(table) {
        Ok(()) => Ok(()),
        Err(refused) => end_largest(table, process, why, refused.unwrap_or(why)),
    }
}

/// Makes pages leave until enough frames are free for processes.
///
/// # Errors
/// When too few pages can leave, with the reason if there is one.
fn reclaim(table: &mut Table) -> Result<(), Option<SpaceError>> {
    if !swap::is_on() {
        return Err(None);
    }
    let (left, error) = Spaces::of(table.spaces()).reclaim(watermarks::missing().max(1));
    // A page that is stored in a frame frees none, so frames are counted, not pages.
    match left > 0 && !watermarks::is_low() {
        true => Ok(()),
        false => Err(error),
    }
}

/// Ends the process with the most pages, and frees them at once.
///
/// # Errors
/// When that is the process that needs the room: it must end by itself.
fn end_largest(
    table: &mut Table,
    process: u32,
    why: SpaceError,
    refused: SpaceError,
) -> Result<(), SpaceError> {
    let size = |space: &AddressSpace| space.pages() + space.swapped_pages();
    let live = table
        .iter()
        .filter(|other| !matches!(other.state, State::Ended(_)));
    // Among equals, the one that needs the room.
    let largest = live.max_by_key(|other| (size(&other.space), other.number == process));
    let Some(number) = largest.map(|other| other.number) else {
        return Err(why);
    };
    let victim = table.get_mut(number).ok_or(why)?;
    log::warn!(
        "out of memory: process {number} ({}) ends, because it has the most pages: {} resident, {} in swap; {refused}",
        victim.program.name(),
        victim.space.pages(),
        victim.space.swapped_pages()
    );
    if number == process {
        return Err(why);
    }
    victim.space.free_pages();
    victim.set_state(State::Ended(End::OutOfMemory));
    Ok(())
}
