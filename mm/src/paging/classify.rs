//! The cause of a page fault.
//!
//! ```text
//!                      error code
//!         reserved bit ── yes ──► reserved bit set
//!              │ no
//!         page present ── yes ──► the access rights of the mapping: user, writable, executable
//!              │ no
//!         ring 3 in the kernel's half ── yes ──► user touched kernel
//!              │ no
//!         the entry names a swap slot ── yes ──► page in swap
//!              │ no
//!         region ── guard, demand-zero, stack ──► so named
//!              │ none, or no help
//!         first page ── yes ──► null pointer ── no ──► unmapped
//! ```

use super::region::Region;
use crate::vocabulary::faults::{ErrorCode, FaultCause};
use crate::vocabulary::pages::{Access, RegionPolicy};
use x86_64::VirtAddr;

/// Addresses below this one are a null pointer, or a field at a small offset from one.
const NULL_END: u64 = 4096;

/// The state of the page-table entry of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// Nothing: the page is not mapped.
    Absent,
    /// The content of the page is in a swap slot.
    Swapped,
    /// The page is mapped with these access rights.
    Mapped(Access),
}

impl From<Option<Access>> for PageState {
    fn from(mapping: Option<Access>) -> PageState {
        mapping.map_or(PageState::Absent, PageState::Mapped)
    }
}

/// Classifies a page fault.
///
/// `page` is the state of `address` in the page tables. `region` is the memory region that contains
/// it. If another CPU has removed the mapping since, or has allowed the access, the error code
/// alone decides.
pub fn classify(
    code: ErrorCode,
    address: VirtAddr,
    page: PageState,
    region: Option<&Region>,
) -> FaultCause {
    if code.contains(ErrorCode::RESERVED_BIT) {
        return FaultCause::ReservedBit;
    }
    let policy = region.map(|region| region.policy);
    if code.contains(ErrorCode::PROTECTION) {
        return against_rights(code, page, policy);
    }
    if code.contains(ErrorCode::USER) && is_kernel_half(address) {
        return FaultCause::UserTouchedKernel;
    }
    if page == PageState::Swapped {
        return FaultCause::Swapped;
    }
    match policy {
        Some(RegionPolicy::Guard) => FaultCause::Guard,
        Some(RegionPolicy::DemandZero) => FaultCause::DemandZero,
        Some(RegionPolicy::Stack) => FaultCause::StackGrowth,
        _ if address.as_u64() < NULL_END => FaultCause::Null,
        Some(RegionPolicy::Fixed | RegionPolicy::CopyOnWrite) | None => FaultCause::Unmapped,
    }
}

/// Classifies a fault on a present page: its access rights forbade the access.
fn against_rights(code: ErrorCode, page: PageState, policy: Option<RegionPolicy>) -> FaultCause {
    let by_user = code.contains(ErrorCode::USER);
    let writes = code.contains(ErrorCode::WRITE);
    let fetches = code.contains(ErrorCode::FETCH);
    let PageState::Mapped(allowed) = page else {
        return by_code_alone(by_user, writes, fetches);
    };
    let user_page = allowed.contains(Access::USER);
    let shared =
        allowed.contains(Access::COPY_ON_WRITE) || policy == Some(RegionPolicy::CopyOnWrite);
    if by_user && !user_page {
        FaultCause::UserTouchedKernel
    } else if fetches && user_page && !by_user {
        FaultCause::KernelTouchedUser
    } else if writes && !allowed.contains(Access::WRITE) {
        if shared {
            FaultCause::CopyOnWrite
        } else {
            FaultCause::WriteReadOnly
        }
    } else if fetches && !allowed.contains(Access::EXECUTE) {
        FaultCause::ExecuteNoExecute
    } else if user_page && !by_user {
        FaultCause::KernelTouchedUser
    } else {
        by_code_alone(by_user, writes, fetches)
    }
}

fn by_code_alone(by_user: bool, writes: bool, fetches: bool) -> FaultCause {
    match (writes, fetches, by_user) {
        (true, ..) => FaultCause::WriteReadOnly,
        (_, true, _) => FaultCause::ExecuteNoExecute,
        (.., true) => FaultCause::UserTouchedKernel,
        (.., false) => FaultCause::KernelTouchedUser,
    }
}

const fn is_kernel_half(address: VirtAddr) -> bool {
    address.as_u64() >> 63 != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::Tag;

    const KERNEL: u64 = 0xffff_9000_0000_0000;
    const USER: u64 = 0x40_0000;
    const READ: ErrorCode = ErrorCode::empty();
    const WRITE: ErrorCode = ErrorCode::WRITE;
    const FETCH: ErrorCode = ErrorCode::FETCH;

    fn in_region(code: ErrorCode, address: u64, policy: RegionPolicy) -> FaultCause {
        let region = Region {
            start: VirtAddr::new(address & !0xfff),
            bytes: 4096,
            policy,
            owner: Tag::USER,
        };
        classify(
            code,
            VirtAddr::new(address),
            PageState::Absent,
            Some(&region),
        )
    }

    fn unmapped(code: ErrorCode, address: u64) -> FaultCause {
        classify(code, VirtAddr::new(address), PageState::Absent, None)
    }

    fn mapped(code: ErrorCode, access: Access) -> FaultCause {
        let code = code | ErrorCode::PROTECTION;
        classify(code, VirtAddr::new(USER), PageState::Mapped(access), None)
    }

    #[test]
    fn a_page_that_is_not_there_is_named_after_its_region() {
        assert_eq!(
            in_region(WRITE, KERNEL, RegionPolicy::Guard),
            FaultCause::Guard
        );
        assert_eq!(
            in_region(READ, KERNEL, RegionPolicy::DemandZero),
            FaultCause::DemandZero
        );
        assert_eq!(
            in_region(WRITE, USER, RegionPolicy::Stack),
            FaultCause::StackGrowth
        );
        assert_eq!(
            in_region(READ, KERNEL, RegionPolicy::Fixed),
            FaultCause::Unmapped
        );
        assert_eq!(
            in_region(READ, USER, RegionPolicy::CopyOnWrite),
            FaultCause::Unmapped
        );
        assert_eq!(in_region(READ, 8, RegionPolicy::Fixed), FaultCause::Null);
        assert_eq!(
            in_region(READ, 8, RegionPolicy::DemandZero),
            FaultCause::DemandZero
        );
    }

    #[test]
    fn a_page_that_is_not_there_and_has_no_region_is_null_or_unmapped() {
        for code in [READ, WRITE, FETCH, WRITE | ErrorCode::USER] {
            assert_eq!(unmapped(code, 0), FaultCause::Null);
            assert_eq!(unmapped(code, 4095), FaultCause::Null);
            assert_eq!(unmapped(code, 4096), FaultCause::Unmapped);
        }
        assert_eq!(unmapped(READ, KERNEL), FaultCause::Unmapped);
    }

    #[test]
    fn ring_3_learns_nothing_about_the_kernel_s_half() {
        assert_eq!(
            unmapped(ErrorCode::USER, KERNEL),
            FaultCause::UserTouchedKernel
        );
        let guard = in_region(ErrorCode::USER, KERNEL, RegionPolicy::Guard);
        assert_eq!(guard, FaultCause::UserTouchedKernel);
        let own_guard = in_region(ErrorCode::USER, USER, RegionPolicy::Guard);
        assert_eq!(own_guard, FaultCause::Guard);
    }

    #[test]
    fn a_page_that_is_there_is_judged_by_its_rights() {
        let none = Access::empty();
        let user = ErrorCode::USER;
        assert_eq!(mapped(WRITE, none), FaultCause::WriteReadOnly);
        assert_eq!(
            mapped(WRITE | user, Access::USER),
            FaultCause::WriteReadOnly
        );
        assert_eq!(mapped(FETCH, Access::WRITE), FaultCause::ExecuteNoExecute);
        assert_eq!(
            mapped(FETCH | user, Access::USER),
            FaultCause::ExecuteNoExecute
        );
        for code in [READ, WRITE, FETCH] {
            assert_eq!(
                mapped(code | user, Access::all() - Access::USER),
                FaultCause::UserTouchedKernel
            );
            assert_eq!(mapped(code | user, none), FaultCause::UserTouchedKernel);
        }
    }

    #[test]
    fn ring_0_on_a_user_page_is_blamed_unless_the_rights_explain_it() {
        let all = Access::USER | Access::WRITE | Access::EXECUTE;
        for code in [READ, WRITE, FETCH] {
            assert_eq!(mapped(code, all), FaultCause::KernelTouchedUser);
        }
        assert_eq!(mapped(FETCH, Access::USER), FaultCause::KernelTouchedUser);
        assert_eq!(mapped(WRITE, Access::USER), FaultCause::WriteReadOnly);
        assert_eq!(
            mapped(WRITE, Access::USER | Access::COPY_ON_WRITE),
            FaultCause::CopyOnWrite
        );
    }

    #[test]
    fn a_write_to_a_shared_page_copies_it() {
        let write = WRITE | ErrorCode::USER;
        assert_eq!(
            mapped(write, Access::USER | Access::COPY_ON_WRITE),
            FaultCause::CopyOnWrite
        );
        let region = Region {
            start: VirtAddr::new(USER),
            bytes: 4096,
            policy: RegionPolicy::CopyOnWrite,
            owner: Tag::USER,
        };
        let code = write | ErrorCode::PROTECTION;
        let cause = classify(
            code,
            region.start,
            PageState::Mapped(Access::USER),
            Some(&region),
        );
        assert_eq!(cause, FaultCause::CopyOnWrite);
    }

    #[test]
    fn a_page_in_swap_is_named_so_unless_ring_3_may_not_know() {
        let swapped =
            |code, address| classify(code, VirtAddr::new(address), PageState::Swapped, None);
        assert_eq!(swapped(READ, USER), FaultCause::Swapped);
        assert_eq!(swapped(WRITE | ErrorCode::USER, USER), FaultCause::Swapped);
        assert_eq!(
            swapped(ErrorCode::USER, KERNEL),
            FaultCause::UserTouchedKernel
        );
    }

    #[test]
    fn a_reserved_bit_outweighs_everything() {
        let code = ErrorCode::RESERVED_BIT | ErrorCode::USER;
        assert_eq!(mapped(code, Access::all()), FaultCause::ReservedBit);
        assert_eq!(unmapped(code, KERNEL), FaultCause::ReservedBit);
    }

    #[test]
    fn without_a_mapping_the_code_alone_decides() {
        let gone = |code| {
            classify(
                code | ErrorCode::PROTECTION,
                VirtAddr::new(USER),
                PageState::Absent,
                None,
            )
        };
        assert_eq!(gone(WRITE), FaultCause::WriteReadOnly);
        assert_eq!(gone(FETCH), FaultCause::ExecuteNoExecute);
        assert_eq!(gone(ErrorCode::USER), FaultCause::UserTouchedKernel);
        assert_eq!(gone(READ), FaultCause::KernelTouchedUser);
    }
}
