//! The event ring through every interleaving of its threads, and every value that a relaxed load
//! may return.
//!
//! ```text
//! producer   claim ─► take the slot ─► fence ─► words ─► publish        N = 2: the third event
//! reader     sequence ─► words ─► fence ─► sequence again                overwrites the first
//! ```
//! The negative controls: without one of its orderings, the ring delivers a torn event.
#![cfg(test)]

mod event;

use loom::sync::Arc;
use loom::thread;

/// Tests for a ring from this file of the build.
macro_rules! ring {
    ($name:ident $(, $panic:literal)?) => {
        mod $name {
            #[allow(dead_code, reason = "the model uses a part of it")]
            #[allow(clippy::all, reason = "the source is checked where it stands")]
            mod ring {
                include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
            }

            use super::*;
            use crate::event::{Origin, Payload};

            fn push(ring: &ring::Ring<2>, number: u64) {
                ring.push(|| number, Origin, Payload(number));
            }

            /// Pops some events: they ascend, and with the lost ones they are all.
            fn pop(reader: &mut ring::Reader<'_, 2>, times: usize, pushed: u64) {
                let (mut newest, mut delivered) = (0, 0);
                for event in (0..times).filter_map(|_| reader.pop()) {
                    assert!(newest < event.number, "{newest} before {}", event.number);
                    newest = event.number;
                    delivered += 1;
                }
                assert!(delivered + reader.lost() <= pushed);
            }

            #[test]
            $(#[should_panic(expected = $panic)])?
            fn a_reader_of_a_lapped_slot_gets_whole_events() {
                loom::model(|| {
                    let ring = Arc::new(ring::Ring::new());
                    let producer = thread::spawn({
                        let ring = ring.clone();
                        move || (1..=3).for_each(|number| push(&ring, number))
                    });
                    pop(&mut ring.reader(), 2, 3);
                    producer.join().expect("the producer");
                });
            }
        }
    };
}

ring!(as_it_is);
ring!(no_release_fence, "published slots hold whole events");
ring!(no_acquire_fence, "published slots hold whole events");
ring!(relaxed_publish, "published slots hold whole events");
ring!(relaxed_read, "published slots hold whole events");
