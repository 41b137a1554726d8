//! `mm`'s ring: for interrupt handlers of one CPU, as in the kernel, and for threads.

use super::contender::{CAPACITY, RingContender, number};
use crate::contests::nested::Nested;
use mm::event::{Event, Origin, Payload};
use mm::ring::{Producers, Reader, Ring, Threads};
use mm::tag::Tag;
use x86_64::PhysAddr;

/// The ring of the kernel.
pub type OneCpu = Ours<Nested>;
/// The ring for threads.
pub type AnyCpu = Ours<Threads>;

/// The ring with its producers.
pub struct Ours<P: 'static> {
    ring: &'static Ring<CAPACITY, P>,
    reader: Reader<'static, CAPACITY, P>,
}

/// Producers with a name.
pub trait Named: Producers {
    /// The contender's name.
    const NAME: &'static str;
}

impl Named for Nested {
    const NAME: &'static str = "memviz, one CPU";
}

impl Named for Threads {
    const NAME: &'static str = "memviz, threads";
}

impl<P: Named> RingContender for Ours<P> {
    const NAME: &'static str = P::NAME;
    const IS_SHARED: bool = true;

    fn new() -> Self {
        let ring: &'static Ring<CAPACITY, P> = Box::leak(Box::new(Ring::new()));
        Ours {
            ring,
            reader: ring.reader(),
        }
    }

    #[inline(always)]
    fn push(&mut self, number: u64, time: impl FnOnce() -> u64) {
        let payload = Payload::FrameAllocate {
            first: PhysAddr::new_truncate(number << 12),
            frames: number,
            tag: Tag::USER,
        };
        self.ring.push(time, Origin::new(0, 0), payload);
    }

    fn drain(&mut self) -> Result<Vec<u64>, String> {
        let events = std::iter::from_fn(|| self.reader.pop());
        events.map(|event| whole(&event)).collect()
    }
}

fn whole(event: &Event) -> Result<u64, String> {
    match event.payload {
        Payload::FrameAllocate { first, frames, .. } => {
            number([event.time, frames & 0xff, first.as_u64(), frames])
        }
        other => Err(format!("another event: {other:?}")),
    }
}
