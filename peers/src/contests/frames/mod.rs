//! Frame allocators: single frames and runs of a power of two, in 4 GiB.
//!
//! ```text
//! contender   the trait of a frame allocator    work    the rows
//! ours        mm's, without and with events     peers/  one file a published crate
//! check       overlap, alignment, loss, merging
//! ```

mod check;
mod contender;
mod ours;
mod peers;
mod work;

use crate::contest::{Contender, Contest, Side};
use contender::FrameContender;

/// The contest.
pub const CONTEST: Contest = Contest {
    name: "frames",
    title: "Frames: 4 GiB of single frames and runs",
    notes: &[
        "memviz keeps what no peer keeps: reference counts, tags, counts by owner, refused \
         requests, and a check that finds every double free. Its metadata lies beside the memory.",
        "Left out on all sides: locks, zeroing, interrupts. memviz in its kernel adds a spin lock \
         and zeroing.",
        "free-list and range-alloc search linearly, so they sit out the rows with memory in \
         pieces; bitmap-allocator searches for runs linearly.",
    ],
    rows: &work::ROWS,
    contenders: &[
        contender::<peers::stack::Stack>(Side::Floor),
        contender::<peers::bitmap_allocator::Bits>(Side::Peer),
        contender::<peers::range_alloc::Ranges>(Side::Peer),
        contender::<peers::free_list::Pages>(Side::Peer),
        contender::<peers::buddy_system::Buddy>(Side::Peer),
        contender::<peers::buddy_slab::BuddySlab>(Side::Peer),
        contender::<peers::frame_alloc::Summary>(Side::Peer),
        contender::<peers::frame_alloc::Depot>(Side::Peer),
        contender::<peers::offset_allocator::Offsets>(Side::Peer),
        contender::<ours::Silent>(Side::Ours),
        contender::<ours::Traced>(Side::OursTraced),
    ],
};

const fn contender<F: FrameContender + 'static>(side: Side) -> Contender {
    Contender {
        name: F::NAME,
        side,
        check: check::check::<F>,
        prepare: work::prepare::<F>,
    }
}
