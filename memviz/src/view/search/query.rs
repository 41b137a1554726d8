//! A query: conditions that an event must all meet.
//!
//! | Words | Events |
//! |---|---|
//! | `frame free` | with these words in their text |
//! | `kmalloc` | the same, or with it in the name of the calling function, or in their caption |
//! | `0x1000` | about this address |
//! | `process 3` | of this process |
//! | `shared > 2` | that set a reference count above 2 |
//! | `writable and executable` | that allow both for a page |
//! | `before 5 s`, `after 5 s` | at these times since boot |
//!
//! A word that kinds of events have in their name is not looked for in functions and captions.

use super::moment::{Lookups, Moment};
use super::term::Term;
use heapless::Vec;

/// The maximum number of words of a query.
const WORDS: usize = 24;
/// The maximum number of conditions.
const TERMS: usize = 12;

/// The conditions. Without any, no event matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    terms: Vec<Term, TERMS>,
}

/// The result for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// True if it meets all conditions.
    pub is_hit: bool,
    /// True if its text was written, which is most of the work.
    pub read_text: bool,
}

impl Query {
    /// Reads a query in lower case. Words beyond its capacity are dropped.
    pub fn new(text: &str) -> Query {
        let mut words = Vec::<&str, WORDS>::new();
        for word in text.split_whitespace() {
            for part in operators(word) {
                // The line is short; see above for the rest.
                let _ = words.push(part);
            }
        }
        let (mut query, mut rest) = (Query::default(), &words[..]);
        while let Some((term, used)) = Term::read(rest) {
            if query.terms.push(term).is_err() {
                break;
            }
            rest = &rest[used..];
        }
        query
    }

    /// Returns whether it has no condition.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Returns whether an event meets all conditions.
    pub fn answer(&self, moment: &Moment<'_>, lookups: &Lookups) -> Answer {
        let mut is_open = false;
        for term in &self.terms {
            match term.meets(moment) {
                Some(true) => {}
                Some(false) => {
                    return Answer {
                        is_hit: false,
                        read_text: false,
                    };
                }
                None => is_open = true,
            }
        }
        if !is_open || self.is_empty() {
            return Answer {
                is_hit: !self.is_empty(),
                read_text: false,
            };
        }
        let text = moment.text(lookups);
        let is_met = |term: &Term| term.meets(moment) == Some(true) || term.is_in(&text);
        Answer {
            is_hit: self.terms.iter().all(is_met),
            read_text: true,
        }
    }
}

/// Separates comparison signs from the words around them.
fn operators(word: &str) -> impl Iterator<Item = &str> {
    let sign = |text: &str| text.starts_with(['<', '=', '>']);
    let mut rest = word;
    core::iter::from_fn(move || {
        let end = match rest.chars().next()? {
            _ if sign(rest) => 1,
            _ => rest.find(['<', '=', '>']).unwrap_or(rest.len()),
        };
        let (part, after) = rest.split_at(end);
        rest = after;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mm::event::{Event, Payload};
    use mm::paging::{Access, PageSize};
    use mm::tag::Tag;
    use x86_64::{PhysAddr, VirtAddr};

    const LOOKUPS: Lookups = Lookups {
        function: &|address| (address == 0xffff_ffff_8000_1234).then_some("kernel::Demand::map"),
        caption: &|_| None,
    };

    fn event(payload: Payload) -> Event {
        Event {
            time: 3_000_000_000,
            cpu: 0,
            site: 0x8000_1234,
            payload,
        }
    }

    fn all() -> [Event; 4] {
        let (page, frame) = (VirtAddr::new(0x40_0000), PhysAddr::new(0x8000));
        let access = Access::WRITE | Access::EXECUTE;
        [
            Payload::FrameAllocate {
                first: frame,
                frames: 2,
                tag: Tag::USER,
            },
            Payload::Map {
                page,
                frame,
                size: PageSize::Size4KiB,
                access,
            },
            Payload::FrameReference {
                frame,
                from: 2,
                to: 3,
                tag: Tag::USER,
            },
            Payload::ProcessStart {
                number: 7,
                parent: 2,
                program: 0,
                started: 0,
            },
        ]
        .map(event)
    }

    /// Returns the indexes of the events that match, while the space of process 2 is active.
    fn found(text: &str) -> Vec<usize, 4> {
        let query = Query::new(text);
        let is_hit = |event| query.answer(&Moment { event, process: 2 }, &LOOKUPS).is_hit;
        let numbered = all();
        numbered
            .iter()
            .enumerate()
            .filter(|(_, event)| is_hit(event))
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn every_kind_of_condition_is_understood() {
        let cases: [(&str, &[usize]); 21] = [
            ("", &[]),
            ("frame", &[0, 2]),
            ("frame allocate", &[0]),
            ("allocate frame user", &[0]),
            ("user", &[0, 2]),
            ("nothing", &[]),
            ("0x8000", &[0, 1, 2]),
            ("0x9fff", &[0]),
            ("0xa000", &[]),
            ("0x400abc", &[1]),
            ("0xffffffff80001234", &[0, 1, 2, 3]),
            ("process 2", &[0, 1, 2, 3]),
            ("process 7", &[3]),
            ("process", &[3]),
            ("shared > 2", &[2]),
            ("references>3", &[]),
            ("writable and executable", &[1]),
            ("demand::map frame", &[0, 2]),
            ("before 3s", &[]),
            ("map before 3.25 s", &[1]),
            ("frame after 3 s", &[0, 2]),
        ];
        for (text, expected) in cases {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn the_text_is_written_only_if_kinds_and_numbers_leave_it_open() {
        let reads = |text: &str| {
            let [event, ..] = all();
            let moment = Moment {
                event: &event,
                process: 2,
            };
            Query::new(text).answer(&moment, &LOOKUPS).read_text
        };
        assert!(!reads("frame 0x8000") && !reads("user 0xa000") && reads("user 0x8000"));
    }

    #[test]
    fn a_long_query_is_cut_and_not_refused() {
        let long = "frame ".repeat(40);
        assert_eq!(found(&long), [0, 2]);
        assert!(found(&"x".repeat(90)).is_empty());
    }
}
