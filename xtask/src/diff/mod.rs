//! `diff`: what differs between two moments, of one run or of two.
//!
//! ```text
//! A ──► follower, up to a moment ──► state ─┐
//!                                           ├─► came, went, changed ──► table, JSON, picture
//! B ──► follower, up to a moment ──► state ─┘
//! ```
//! An object that is only in B came, one that is only in A went. So after the same work twice, a
//! leak is what came.

mod difference;
mod moments;
mod picture;
mod state;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::files;
use crate::numbers::grouped;
use crate::options::DiffOptions;
use difference::{Change, Difference, Object};
pub use moments::events_at;
use moments::state_at;
use state::{Kind, State};

/// The objects of each kind that the table names.
const NAMED: usize = 5;

/// Prints what differs. Returns whether anything does.
pub fn diff(options: &DiffOptions) -> Result<bool> {
    ensure!(
        options.at.len() <= 2,
        "--at is used once for both files, or once for each"
    );
    let a = state_at(&options.a, options.at.first())?;
    let b = state_at(&options.b, options.at.last())?;
    let differences: Vec<Difference> = Kind::ALL
        .into_iter()
        .map(|kind| Difference::new(kind, &a, &b))
        .collect();
    match options.json {
        true => println!("{}", as_json(&a, &b, &differences)?),
        false => print!("{}", table(&a, &b, &differences)),
    }
    if let Some(path) = &options.picture {
        files::replace_with(path, picture::svg(&a, &b, &differences).as_bytes())?;
        if !options.json {
            println!("picture {}", path.display());
        }
    }
    Ok(differences.iter().any(Difference::is_any))
}

/// Returns the counts of each kind, and the first objects that differ.
fn table(a: &State, b: &State, differences: &[Difference]) -> String {
    let mut text = format!("A  {}\nB  {}\n\n", a.moment, b.moment);
    let mut line = |cells: [&str; 6]| {
        let [kind, counts @ ..] = cells;
        let _ = write!(text, "{kind:<12}");
        for count in counts {
            let _ = write!(text, "{count:>10}");
        }
        text.push('\n');
    };
    line(["", "in A", "in B", "came", "went", "changed"]);
    for difference in differences {
        let Difference {
            in_a,
            in_b,
            came,
            went,
            changed,
            ..
        } = difference;
        let counts = [*in_a, *in_b, came.len(), went.len(), changed.len()];
        let [in_a, in_b, came, went, changed] = counts.map(|count| grouped(count as u64));
        let kind = difference.kind.words();
        line([kind, &in_a, &in_b, &came, &went, &changed]);
    }
    for difference in differences {
        let kind = difference.kind.words();
        let object = |object: &Object| format!("{}  {}", object.name, object.state);
        let change = |change: &Change| format!("{}  {} → {}", change.name, change.from, change.to);
        let came = difference.came.iter().map(object).collect();
        let went = difference.went.iter().map(object).collect();
        let changed = difference.changed.iter().map(change).collect();
        name_first(&mut text, &format!("{kind} that came"), came);
        name_first(&mut text, &format!("{kind} that went"), went);
        name_first(&mut text, &format!("{kind} that changed"), changed);
    }
    text
}

/// Appends the first objects of a list, and the number of the others.
fn name_first(text: &mut String, title: &str, objects: Vec<String>) {
    if objects.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}:");
    for object in objects.iter().take(NAMED) {
        let _ = writeln!(text, "  {object}");
    }
    if let Some(others) = objects
        .len()
        .checked_sub(NAMED)
        .filter(|&others| others > 0)
    {
        let _ = writeln!(text, "  {} more: --json lists them", grouped(others as u64));
    }
}

fn as_json(a: &State, b: &State, differences: &[Difference]) -> Result<String> {
    let moment = |state: &State| {
        let moment = &state.moment;
        json!({"file": moment.file, "events": moment.events, "time_ns": moment.time})
    };
    let mut all = json!({"a": moment(a), "b": moment(b)});
    for difference in differences {
        let value: Value = json!({
            "in_a": difference.in_a,
            "in_b": difference.in_b,
            "came": difference.came,
            "went": difference.went,
            "changed": difference.changed,
        });
        all[difference.kind.words()] = value;
    }
    Ok(serde_json::to_string_pretty(&all)?)
}
