//! Paging out: which pages leave their frames, and their way to swap.
//!
//! ```text
//! limit of a process ──its policy──┐
//! machine ──clock over all pages───┴─► page ─► store, if written ─► unmap from all that map it
//! ```
//! A fork keeps addresses, so a shared frame is at the same page of each process that maps it: this
//! is the reverse mapping, and it costs one walk a process. The content of a page is in its frame
//! or in its slot, for all processes alike.
//!
//! The clock of the machine needs no memory: its hand goes from page to page in the page tables. A
//! page that was used since the hand passed is spared, once.

use super::address_space::{AddressSpace, Limit, Scan, content};
use super::error::SpaceError;
use super::table::CAPACITY;
use crate::lock::Mutex;
use crate::memory::paging::user_layout::PAGE_LIMIT;
use crate::memory::physical::frames::{self, FRAME};
use crate::memory::swap;
use core::sync::atomic::{AtomicUsize, Ordering};
use mm::paging::SwapSlot;
use mm::reclaim::{POLICIES, Policy};
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

/// The seed of the policy `random`, for limits.
const SEED: u64 = 1;
/// After so many rounds without a page the clock gives up: the first two clear the marks of use.
const ROUNDS: u32 = 3;

/// The next page that the clock of the machine looks at.
struct Hand {
    process: u32,
    page: VirtAddr,
}

/// The policy of limits: its number in the table of policies.
static POLICY: AtomicUsize = AtomicUsize::new(CLOCK);
const CLOCK: usize = 3;

/// Returns the policy of limits.
pub fn policy() -> &'static dyn Policy {
    POLICIES[POLICY.load(Ordering::Relaxed)]
}

static HAND: Mutex<Hand> = Mutex::new(Hand {
    process: 0,
    page: VirtAddr::zero(),
});

/// The address spaces that can share frames.
pub struct Spaces<'s>(heapless::Vec<&'s mut AddressSpace, CAPACITY>);

impl<'s> Spaces<'s> {
    /// All these spaces.
    pub fn of(spaces: impl Iterator<Item = &'s mut AddressSpace>) -> Spaces<'s> {
        Spaces(spaces.collect())
    }

    /// Makes a page of a process leave its frame: the page that the policy of its limit chooses.
    ///
    /// # Errors
    /// When the process has no limit or no page, or the page cannot be stored.
    pub fn page_out_for_limit(&mut self, process: u32) -> Result<(), SpaceError> {
        let space = self.get(process)?;
        let page = space.choose().ok_or(SpaceError::NoProcess)?;
        self.page_out(process, page)
    }

    /// Limits the resident pages of a process; pages beyond the limit leave. 0 removes the limit.
    ///
    /// # Errors
    /// When the limit is higher than the most pages of a process, or memory runs out; the limit
    /// before stays. When a page cannot leave; then the process has no limit.
    pub fn limit(
        &mut self,
        process: u32,
        frames: usize,
        policy: &'static dyn Policy,
    ) -> Result<(), SpaceError> {
        if frames == 0 {
            return self.get(process)?.set_limit(None);
        }
        if frames as u64 > PAGE_LIMIT {
            return Err(SpaceError::TooLarge(frames as u64 * FRAME));
        }
        let limit = Limit::new(frames, policy, SEED)?;
        self.get(process)?.set_limit(Some(limit))?;
        let mut from = VirtAddr::zero();
        while let Some(found) = self.get(process)?.first_that_can_leave(from) {
            from = found.page + FRAME;
            let is_full = |limit: &Limit| limit.is_full();
            while self.get(process)?.limit().as_deref().is_some_and(is_full) {
                if let Err(error) = self.page_out_for_limit(process) {
                    self.get(process)?.set_limit(None)?;
                    return Err(error);
                }
            }
            if let Some(limit) = self.get(process)?.limit() {
                limit.adopt(found.page);
            }
        }
        Ok(())
    }

    /// Makes this policy the one of all limits, of those that exist and of new ones. Returns false
    /// if it needs the future, which only a replay knows.
    pub fn set_policy(&mut self, policy: &'static dyn Policy) -> bool {
        let number = POLICIES
            .iter()
            .position(|other| other.name() == policy.name());
        let Some(number) = number.filter(|_| !policy.needs_future()) else {
            return false;
        };
        POLICY.store(number, Ordering::Relaxed);
        for limit in self.0.iter_mut().filter_map(|space| space.limit()) {
            limit.set_policy(policy);
        }
        true
    }

    /// Takes the frames from so many pages, by the clock of the machine. Returns how many left, and
    /// why a page could not leave.
    pub fn reclaim(&mut self, wanted: u64) -> (u64, Option<SpaceError>) {
        let mut left = 0;
        while left < wanted {
            let Some((process, page)) = self.next_unused() else {
                break;
            };
            if let Err(error) = self.page_out(process, page) {
                return (left, Some(error));
            }
            left += 1;
        }
        (left, None)
    }

    /// Moves the hand to the next page that was not used since the hand passed it.
    fn next_unused(&mut self) -> Option<(u32, VirtAddr)> {
        let mut hand = HAND.lock();
        let mut rounds = 0;
        while rounds < ROUNDS {
            let later = self.0.iter().map(|space| space.number());
            let Some(process) = later.filter(|&number| number >= hand.process).min() else {
                (hand.process, hand.page) = (0, VirtAddr::zero());
                rounds += 1;
                continue;
            };
            if process != hand.process {
                (hand.process, hand.page) = (process, VirtAddr::zero());
            }
            if let Some(page) = self.next_unused_of(process, &mut hand.page) {
                return Some((process, page));
            }
            (hand.process, hand.page) = (process + 1, VirtAddr::zero());
        }
        None
    }

    /// Moves the hand through the rest of a process.
    fn next_unused_of(&mut self, process: u32, hand: &mut VirtAddr) -> Option<VirtAddr> {
        let mut scan = Scan::default();
        let mut chosen = None;
        while let Some(found) = self.get(process).ok()?.first_that_can_leave(*hand) {
            *hand = found.page + FRAME;
            let used = self.take_use(process, found.page, found.frame);
            scan.pass(found.page, used);
            if !used {
                chosen = Some(found.page);
                break;
            }
        }
        scan.record(process);
        chosen
    }

    /// Returns whether a process used this frame since the last call for it.
    fn take_use(&mut self, process: u32, page: VirtAddr, frame: PhysFrame) -> bool {
        let users = self.users(process, page, frame);
        // Every mark is taken, so this does not stop at the first.
        users.fold(false, |used, space| space.take_use(page).is_some() | used)
    }

    /// Takes the frame from a page, in all processes that map it.
    ///
    /// # Errors
    /// When its content cannot be stored; nothing changes then.
    fn page_out(&mut self, process: u32, page: VirtAddr) -> Result<(), SpaceError> {
        let space = self.get(process)?;
        let mapping = space.lookup(page).ok_or(SpaceError::NoProcess)?;
        let frame = frames::frame_at(mapping.physical);
        let (mut users, mut is_written) = (0, false);
        for space in self.users(process, page, frame) {
            users += 1;
            is_written |= space.is_written(page);
        }
        let slot = match is_written {
            // SAFETY: the frame is mapped in these spaces, so it is allocated, and no process runs.
            true => Some(swap::store(unsafe { &*content(frame) })?),
            false => swap::copy_of(frame),
        };
        if let Some(slot) = slot {
            share(slot, users, is_written)?;
        }
        for space in self.users(process, page, frame) {
            space.leave(page, slot, is_written)?;
        }
        Ok(())
    }

    /// Returns the spaces that map a page of this process to this frame.
    fn users(
        &mut self,
        process: u32,
        page: VirtAddr,
        frame: PhysFrame,
    ) -> impl Iterator<Item = &mut &'s mut AddressSpace> {
        let is_shared = frames::references(frame) > 1;
        self.0
            .iter_mut()
            .filter(move |space| space.number() == process || is_shared && space.maps(page, frame))
    }

    fn get(&mut self, process: u32) -> Result<&mut AddressSpace, SpaceError> {
        let mut spaces = self.0.iter_mut();
        let found = spaces.find(|space| space.number() == process);
        found.map(|space| &mut **space).ok_or(SpaceError::NoProcess)
    }
}

/// Makes so many page-table entries users of a slot. A slot that was stored now has one user
/// already.
///
/// # Errors
/// When it has the most users; nothing changes then, and a slot that was stored now is free.
fn share(slot: SwapSlot, entries: u32, is_new: bool) -> Result<(), SpaceError> {
    let more = entries - u32::from(is_new);
    for number in 0..more {
        if let Err(error) = swap::share(slot) {
            (0..number + u32::from(is_new)).for_each(|_| swap::release(slot));
            return Err(error.into());
        }
    }
    Ok(())
}
