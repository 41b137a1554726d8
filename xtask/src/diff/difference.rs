//! The objects of a kind that came, went or changed between two states.

use serde::Serialize;

use super::state::{Key, Kind, Objects, State};

/// The objects of a kind that differ.
pub struct Difference {
    pub kind: Kind,
    pub in_a: usize,
    pub in_b: usize,
    pub came: Vec<Object>,
    pub went: Vec<Object>,
    pub changed: Vec<Change>,
}

/// An object of one of the states.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Object {
    pub name: String,
    pub state: String,
}

/// An object whose state differs.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    pub name: String,
    pub from: String,
    pub to: String,
}

impl Difference {
    pub fn new(kind: Kind, a: &State, b: &State) -> Difference {
        let (a, b) = (a.of(kind), b.of(kind));
        let only_in = |one: &Objects, other: &Objects| {
            let missing = one.iter().filter(|(key, _)| !other.contains_key(*key));
            let object = |(key, state): (&Key, &String)| Object {
                name: kind.name(*key),
                state: state.clone(),
            };
            missing.map(object).collect()
        };
        let change = |(key, from): (&Key, &String)| {
            let to = b.get(key).filter(|to| *to != from)?;
            Some(Change {
                name: kind.name(*key),
                from: from.clone(),
                to: to.clone(),
            })
        };
        Difference {
            kind,
            in_a: a.len(),
            in_b: b.len(),
            came: only_in(b, a),
            went: only_in(a, b),
            changed: a.iter().filter_map(change).collect(),
        }
    }

    /// Returns whether any object differs.
    pub fn is_any(&self) -> bool {
        !(self.came.is_empty() && self.went.is_empty() && self.changed.is_empty())
    }
}
