//! A condition of a query, and its reading from words.

use super::moment::{Moment, MomentText};
use super::reach::reaches;
use core::cmp::Ordering;
use heapless::String;
use mm::event::{Kind, Payload};
use mm::paging::Access;

/// The maximum length of a word in bytes.
pub const WORD_BYTES: usize = 32;
/// The digits of a second down to nanoseconds.
const DIGITS: usize = 9;

/// A condition on an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Its text has this word. The kinds with a bit have it in their name.
    Word(String<WORD_BYTES>, u64),
    /// It is about this address.
    Address(u64),
    /// It names this process, or the address space of this process was active.
    Process(u32),
    /// It happened before, or at or after this time in nanoseconds since boot.
    Time(Ordering, u64),
    /// It sets a reference count that compares so with a number.
    References(Ordering, u32),
    /// It maps a page, or changes a page, so that these rights are allowed.
    Allows(Access),
}

impl Term {
    /// Returns the term of the first words, and the number of words that it has.
    pub fn read(words: &[&str]) -> Option<(Term, usize)> {
        let (&first, rest) = words.split_first()?;
        let second = rest.first().copied().unwrap_or_default();
        let number = || second.parse().ok();
        let compared = || Some((ordering(second)?, rest.get(1)?.parse().ok()?));
        Some(match first {
            "and" => return Term::read(rest).map(|(term, used)| (term, used + 1)),
            "writable" => (Term::Allows(Access::WRITE), 1),
            "executable" => (Term::Allows(Access::EXECUTE), 1),
            "process" if number().is_some() => (Term::Process(number()?), 2),
            "before" | "after" if time(second).is_some() => {
                let side = match first {
                    "before" => Ordering::Less,
                    _ => Ordering::Greater,
                };
                let has_unit = rest.get(1) == Some(&"s");
                (Term::Time(side, time(second)?), 2 + usize::from(has_unit))
            }
            "shared" | "references" if compared().is_some() => {
                let (order, count) = compared()?;
                (Term::References(order, count), 3)
            }
            _ => match address(first) {
                Some(address) => (Term::Address(address), 1),
                None => (Term::word(first)?, 1),
            },
        })
    }

    fn word(word: &str) -> Option<Term> {
        let kinds = Kind::ALL.iter().filter(|kind| kind.words().contains(word));
        let bits = kinds.fold(0, |bits, &kind| bits | 1 << kind as u8);
        Some(Term::Word(String::try_from(word).ok()?, bits))
    }

    /// Returns whether an event meets the condition; nothing if only its text can tell.
    pub fn meets(&self, moment: &Moment<'_>) -> Option<bool> {
        let payload = moment.event.payload;
        let is_known = |is_met| Some(is_met);
        match self {
            Term::Word(_, kinds) => (kinds >> payload.kind() as u8 & 1 == 1).then_some(true),
            Term::Address(address) => is_known(reaches(moment.event, *address)),
            Term::Process(number) => {
                is_known(moment.process == *number || names(&payload, *number))
            }
            Term::Time(Ordering::Less, time) => is_known(moment.event.time < *time),
            Term::Time(_, time) => is_known(moment.event.time >= *time),
            Term::References(order, count) => {
                is_known(references(&payload).is_some_and(|now| now.cmp(count) == *order))
            }
            Term::Allows(rights) => {
                is_known(allowed(&payload).is_some_and(|now| now.contains(*rights)))
            }
        }
    }

    /// Returns whether the text of an event has the word of this term. A word for kinds of events
    /// is not looked for in names of functions, nor in captions, which have many such words.
    pub fn is_in(&self, text: &MomentText) -> bool {
        match self {
            Term::Word(word, 0) => text.all().contains(word.as_str()),
            Term::Word(word, _) => text.own().contains(word.as_str()),
            _ => false,
        }
    }
}

/// Reads a hexadecimal address.
fn address(word: &str) -> Option<u64> {
    u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()
}

/// Reads seconds since boot, with digits after a point or without, as nanoseconds.
fn time(word: &str) -> Option<u64> {
    let seconds = word.strip_suffix('s').unwrap_or(word);
    let (whole, rest) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits = whole
        .bytes()
        .chain(rest.bytes().chain(core::iter::repeat(b'0')).take(DIGITS));
    let is_number = rest.len() <= DIGITS && !whole.is_empty();
    digits.fold(is_number.then_some(0), |sum: Option<u64>, digit| {
        let digit = char::from(digit).to_digit(10)?;
        sum?.checked_mul(10)?.checked_add(digit.into())
    })
}

fn ordering(word: &str) -> Option<Ordering> {
    Some(match word {
        "<" => Ordering::Less,
        "=" => Ordering::Equal,
        ">" => Ordering::Greater,
        _ => return None,
    })
}

/// Returns whether an event names a process.
fn names(payload: &Payload, process: u32) -> bool {
    match *payload {
        Payload::ProcessStart { number, .. }
        | Payload::ProcessEnd { number, .. }
        | Payload::ProcessState { number, .. }
        | Payload::SpaceSwitch { number, .. } => number == process,
        Payload::ReplayStart {
            process: number, ..
        } => number == process,
        _ => false,
    }
}

/// Returns the reference count that an event sets.
fn references(payload: &Payload) -> Option<u32> {
    match *payload {
        Payload::FrameReference { to, .. } => Some(to),
        Payload::SlotReference { to, .. } => Some(to.into()),
        _ => None,
    }
}

/// Returns the rights that a page has after an event.
fn allowed(payload: &Payload) -> Option<Access> {
    match *payload {
        Payload::Map { access, .. } => Some(access),
        Payload::Protect { to, .. } => Some(to),
        _ => None,
    }
}
