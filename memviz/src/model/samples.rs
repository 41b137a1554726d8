//! Samples of the model for the graphs, ten per second.
//!
//! ```text
//! ring     [ 3.2 s | 3.3 s | 3.4 s | 7.1 s | 7.2 s | … ]      the newest [`KEPT`]
//! events      812     840     840     840     851             the same count: nothing happened
//!                                       ▲
//! until(845) ───────────────────────────┘
//! ```
//! The model is sampled in the present only: while the picture shows the past, the graphs have a
//! gap. Times are those of the machine, so a repeated run has the same samples.
//!
//! Invariants: times and events ascend, so a number of events determines the samples that a picture
//! of the past shows. While no event happens, the second sample gets the new time and none is
//! added, so a pause takes no space.

use super::fold::Model;

/// The time between two samples, in nanoseconds.
pub const PERIOD: u64 = 100_000_000;
/// The capacity in samples: nearly seven minutes in which events happen.
pub const KEPT: usize = 4096;

/// The figures at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Nanoseconds since boot.
    pub time: u64,
    /// Frames with an owner.
    pub used_frames: u64,
    /// Pages in all page tables.
    pub pages: u64,
    /// Bytes that the owners of live heap blocks requested.
    pub heap_requested: u64,
    /// Bytes of live heap blocks.
    pub heap_allocated: u64,
    /// Events since boot.
    pub events: u64,
    /// Page faults since boot.
    pub faults: u64,
    /// Live processes.
    pub processes: u64,
}

/// The most recent samples.
#[derive(Debug)]
pub struct Samples<'m> {
    ring: &'m mut [Sample],
    total: u64,
    /// The time of the next sample.
    due: u64,
}

impl<'m> Samples<'m> {
    /// Creates an empty ring. Overwrites the buffer.
    pub fn new(ring: &'m mut [Sample]) -> Samples<'m> {
        Samples {
            ring,
            total: 0,
            due: 0,
        }
    }

    /// Takes a sample if one is due at `now`, after `events` events.
    pub fn tick(&mut self, now: u64, events: u64, model: &Model) {
        if now < self.due || self.ring.is_empty() {
            return;
        }
        self.due = (now / PERIOD + 1) * PERIOD;
        let heap = model.heap.totals();
        let sample = Sample {
            time: now,
            used_frames: model.frames.used(),
            pages: model.mappings.total(),
            heap_requested: heap.requested,
            heap_allocated: heap.live_bytes(),
            events,
            faults: model.faults.total(),
            processes: model.processes.live(),
        };
        let newest = self.all().since(0).next_back();
        let is_still = newest.is_some_and(|(last, before)| {
            last.events == events && before.is_some_and(|before| before.events == events)
        });
        self.total += u64::from(!is_still);
        let slot = self.slot(self.total - 1);
        self.ring[slot] = sample;
    }

    /// Returns all samples in the ring.
    pub fn all(&self) -> Window<'_> {
        self.until(u64::MAX)
    }

    /// Returns the samples that a picture shows after this number of events.
    pub fn until(&self, events: u64) -> Window<'_> {
        let oldest = self.total.saturating_sub(self.ring.len() as u64);
        let (mut low, mut high) = (oldest, self.total);
        while low < high {
            let middle = low.midpoint(high);
            match self.ring[self.slot(middle)].events <= events {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Window {
            ring: self.ring,
            oldest,
            end: low,
        }
    }

    fn slot(&self, number: u64) -> usize {
        (number % self.ring.len() as u64) as usize
    }
}

/// Samples up to a position in the history.
#[derive(Clone, Copy, Debug)]
pub struct Window<'s> {
    ring: &'s [Sample],
    oldest: u64,
    end: u64,
}

impl<'s> Window<'s> {
    /// Returns the number of samples from boot to the last one of the window.
    pub fn total(&self) -> u64 {
        self.end
    }

    /// Returns the samples from number `first` on, oldest first, each with its predecessor.
    pub fn since(
        &self,
        first: u64,
    ) -> impl DoubleEndedIterator<Item = (Sample, Option<Sample>)> + use<'s> {
        let (ring, oldest) = (self.ring, self.oldest);
        let get = move |number: u64| ring[(number % ring.len() as u64) as usize];
        (first.max(oldest)..self.end).map(move |number| {
            let before = number.checked_sub(1).filter(|&before| before >= oldest);
            (get(number), before.map(get))
        })
    }

    /// Returns the newest sample.
    pub fn last(&self) -> Option<Sample> {
        self.since(0).next_back().map(|(sample, _)| sample)
    }

    /// Returns the time before which samples were dropped, in nanoseconds since boot; 0 if none
    /// were.
    pub fn kept_since(&self) -> u64 {
        match self.oldest {
            0 => 0,
            _ => self
                .since(0)
                .next()
                .map_or(u64::MAX, |(sample, _)| sample.time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::watched::with_model;
    use crate::view::map::View;
    use mm::event::{Event, Payload};
    use mm::paging::{Access, TableLevel};
    use mm::tag::Tag;
    use x86_64::{PhysAddr, VirtAddr};

    /// Late ones do not make the next ones late, and each figure is what its name says.
    #[test]
    fn moments_stay_on_the_beat_and_figures_are_the_model_s() {
        let view = View {
            first: 0,
            shift: 4,
            cells: 10,
        };
        let heap = VirtAddr::new(0xffff_c000_0000_0000);
        let payloads = [
            Payload::HeapGrow {
                start: heap,
                bytes: 1 << 20,
            },
            Payload::HeapAllocate {
                block: heap,
                granules: 4,
                from: 14,
                requested: 200,
                owner: Tag::USER,
            },
            Payload::TableLink {
                table: PhysAddr::zero(),
                base: VirtAddr::zero(),
                level: TableLevel::Pml4,
                access: Access::empty(),
            },
        ];
        with_model(400, 1 << 20, view, |model| {
            for payload in payloads {
                let (time, cpu, site) = (1, 0, 0);
                model.apply(&Event {
                    time,
                    cpu,
                    site,
                    payload,
                });
            }
            let mut ring = [Sample::default(); 5];
            let mut samples = Samples::new(&mut ring);
            for (events, hundredths) in (3..).zip([0, 199, 200, 299, 300]) {
                samples.tick(hundredths * PERIOD / 100, events, model);
            }
            let times: Vec<_> = samples
                .all()
                .since(0)
                .map(|(sample, _)| sample.time * 100 / PERIOD)
                .collect();
            assert_eq!(times, [0, 199, 200, 300]);
            let last = samples.all().last().unwrap();
            assert_eq!((last.heap_requested, last.heap_allocated), (200, 256));
            // The kernel is there, but lives in no process.
            assert_eq!((model.processes.all().len(), last.processes), (1, 0));
        });
    }

    #[test]
    fn one_a_period_and_the_last_ones_are_kept() {
        let view = View {
            first: 0,
            shift: 4,
            cells: 10,
        };
        with_model(400, 1 << 20, view, |model| {
            let mut ring = [Sample::default(); 5];
            let mut samples = Samples::new(&mut ring);
            for moment in 0..100u64 {
                samples.tick(moment * PERIOD / 4 + 1, moment, model);
            }
            assert_eq!(samples.all().total(), 25);
            let events = |first| -> Vec<_> {
                let found = samples.all().since(first);
                found
                    .map(|(sample, before)| (sample.events, before.map(|before| before.events)))
                    .collect()
            };
            assert_eq!(events(23), [(92, Some(88)), (96, Some(92))]);
            assert_eq!(events(0).len(), 5);
            assert_eq!(events(0)[0], (80, None));
            assert_eq!(samples.all().last().unwrap().events, 96);
            // After a pause there is one sample: the missing ones are not made up.
            samples.tick(100 * PERIOD, 1000, model);
            assert_eq!(samples.all().total(), 26);
            // The past ends earlier; what the ring dropped is not kept.
            let times = |events: u64| samples.until(events).last().map(|sample| sample.events);
            assert_eq!(
                [1000, 999, 92, 91, 83].map(times),
                [Some(1000), Some(96), Some(92), Some(88), None]
            );
            assert_eq!(
                samples.until(91).kept_since(),
                samples.all().since(0).next().unwrap().0.time
            );
            assert_eq!(samples.until(0).kept_since(), u64::MAX);
        });
    }

    #[test]
    fn a_pause_takes_no_space() {
        let view = View {
            first: 0,
            shift: 4,
            cells: 10,
        };
        with_model(400, 1 << 20, view, |model| {
            let mut ring = [Sample::default(); 5];
            let mut samples = Samples::new(&mut ring);
            for moment in 0..100 {
                samples.tick(moment * PERIOD, if moment < 90 { 7 } else { 8 }, model);
            }
            let times: Vec<_> = samples
                .all()
                .since(0)
                .map(|(sample, _)| sample.time / PERIOD)
                .collect();
            assert_eq!(times, [0, 89, 90, 99]);
            assert_eq!(samples.until(7).last().unwrap().time, 89 * PERIOD);
            assert_eq!(samples.all().kept_since(), 0);
        });
    }
}
