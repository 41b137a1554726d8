//! The arenas of the last workload in the history: a fold over their events.
//!
//! ```text
//! arena open ─► lane ◄─ allocate, free, request 1 │ allocate, request 2 │ …    arena close
//! ```
//! Invariant: all lanes play the same workload, so an arena for another workload removes them. The
//! same history gives the same lanes, in the present and in the past.

use super::lane::{Change, Difference, Lane, is_of_arena};
use crate::timeline::Timeline;
use heapless::Vec;
use mm::event::{Event, Payload};
use mm::heap::CHUNK_BYTES;
use mm::heap::arena::WorkloadId;

/// The most arenas: one for each strategy that ships with the project.
pub const LANES: usize = 9;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkloadLog {
    /// The position up to which events are counted.
    end: u64,
    /// The position after the last event that changed something.
    changed: u64,
    workload: WorkloadId,
    /// The arenas, in the order in which they opened.
    pub lanes: Vec<Lane, LANES>,
}

impl WorkloadLog {
    /// Follows the cursor. Returns whether the log began anew.
    pub fn follow(&mut self, timeline: &Timeline) -> bool {
        let cursor = timeline.cursor();
        let is_later = self.changed <= cursor && self.end >= timeline.first();
        if !is_later {
            *self = WorkloadLog {
                end: timeline.first(),
                ..WorkloadLog::default()
            };
        }
        while self.end < cursor {
            if let Some(event) = timeline.get_if(self.end, is_of_arena)
                && self.add(timeline, &event)
            {
                self.changed = self.end + 1;
            }
            self.end += 1;
        }
        // No event of an arena stands between the cursor and the old end.
        self.end = cursor;
        !is_later
    }

    /// Returns the position after the last event that changed something.
    pub fn version(&self) -> u64 {
        self.changed
    }

    /// Returns the number of requests that the maps have room for.
    pub fn requests(&self) -> u32 {
        let made = self.lanes.iter().map(|lane| lane.counts.requests).max();
        self.workload.requests.max(made.unwrap_or_default()).max(1)
    }

    /// Adds the event at the end. Returns whether it changed something.
    fn add(&mut self, timeline: &Timeline, event: &Event) -> bool {
        match event.payload {
            Payload::ArenaOpen {
                start,
                workload,
                requests,
                chunks,
                strategy,
            } if requests > 0 => {
                let id = WorkloadId {
                    checksum: workload,
                    requests,
                };
                if self.workload != id {
                    self.lanes.clear();
                    self.workload = id;
                }
                if self.lanes.is_full() {
                    self.remove_first();
                }
                let bytes = (u64::from(chunks) * CHUNK_BYTES).max(1);
                let mut lane = Lane::new(start, bytes, strategy, self.end);
                lane.compared = self.lanes.first().map_or(0, |first| first.begin);
                // There is room: the oldest one was removed.
                let _ = self.lanes.push(lane);
                true
            }
            Payload::ArenaClose { start, .. } => match self.open_lane(start.as_u64()) {
                Some(at) => {
                    self.lanes[at].end = Some(self.end);
                    true
                }
                None => false,
            },
            _ => {
                let change = Change::of(event);
                let found =
                    change.and_then(|change| Some((change, self.open_lane(change.address())?)));
                let Some((change, at)) = found else {
                    return false;
                };
                self.lanes[at].change(change);
                if let Payload::ArenaRequest {
                    ticks,
                    detail,
                    kind,
                    size,
                    ..
                } = event.payload
                {
                    self.lanes[at].request(kind, ticks, detail, size);
                    self.compare(timeline, at);
                    self.lanes[at].placed = None;
                }
                true
            }
        }
    }

    /// Returns the open arena that has this address.
    fn open_lane(&self, address: u64) -> Option<usize> {
        let mut lanes = self.lanes.iter();
        lanes.position(|lane| lane.end.is_none() && lane.contains(address))
    }

    /// Removes the oldest arena. The others are not compared with the next one.
    fn remove_first(&mut self) {
        self.lanes.remove(0);
        for lane in &mut self.lanes {
            (lane.difference, lane.compared) = (None, u64::MAX);
        }
    }

    /// Compares the request that a lane has finished with that of the first lane.
    fn compare(&mut self, timeline: &Timeline, at: usize) {
        let Some((first, others)) = self.lanes.split_first_mut() else {
            return;
        };
        let Some(lane) = at.checked_sub(1).and_then(|other| others.get_mut(other)) else {
            return;
        };
        if lane.difference.is_some() {
            return;
        }
        // The end of the first lane, or the event that is being added.
        let end = first.end.unwrap_or(self.end);
        let mut placed = None;
        while lane.compared < end {
            let event = timeline.get_if(lane.compared, is_of_arena);
            lane.compared += 1;
            match event.as_ref().and_then(Change::of) {
                Some(Change::Allocate(block)) if first.contains(block.address) => {
                    placed = Some(block.address - first.start);
                }
                Some(Change::Request(arena)) if first.contains(arena) => {
                    if placed != lane.placed {
                        lane.difference = Some(Difference {
                            number: lane.counts.requests,
                            offsets: [placed, lane.placed],
                        });
                    }
                    return;
                }
                _ => {}
            }
        }
    }
}
