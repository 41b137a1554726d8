//! Rings that overwrite their oldest events: 16,384 events of 32 bytes.
//!
//! ```text
//! contender   the trait of a ring, and the rows     ours    mm's ring
//! peers       published crates, and plain stores
//! ```

mod contender;
mod ours;
mod peers;

use crate::contest::{Contender, Contest, Side};
use contender::RingContender;

/// The contest.
pub const CONTEST: Contest = Contest {
    name: "rings",
    title: "Rings: record an event and overwrite the oldest",
    notes: &[
        "memviz's ring encodes a typed event, counts its kind, lets interrupt handlers record at \
         any instruction, and tells the reader exactly how many events it lost. SeqRing has one \
         producer. RingBuf and e-ring cannot be read by other code while they are written.",
        "The ring in the columns is the kernel's, whose producers run on one CPU. The ring for \
         threads of any CPU has three locked instructions: see --every.",
    ],
    rows: &contender::ROWS,
    contenders: &[
        contender::<peers::Stores>(Side::Floor),
        contender::<peers::Sequenced>(Side::Peer),
        contender::<peers::RingBuffer>(Side::Peer),
        contender::<peers::Embedded>(Side::Peer),
        contender::<ours::OneCpu>(Side::OursTraced),
        contender::<ours::AnyCpu>(Side::OursTraced),
    ],
};

const fn contender<R: RingContender + 'static>(side: Side) -> Contender {
    Contender {
        name: R::NAME,
        side,
        check: contender::check::<R>,
        prepare: contender::prepare::<R>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_contender_is_correct() {
        for contender in CONTEST.contenders {
            assert_eq!((contender.check)(), Ok(()), "{}", contender.name);
        }
    }
}
