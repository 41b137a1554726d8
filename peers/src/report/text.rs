//! The results of a contest as a table in Markdown.

use crate::contest::{Contest, Row, Side, Unit};
use crate::results::{Entry, Results, RowResult};
use std::fmt::Write;

/// The table, and under it the means and the notes.
pub fn table(contest: &Contest, results: &Results, every: bool) -> String {
    let mut text = format!("## {}\n\n", contest.title);
    text += "| Work | Best peer | Floor | memviz, tracing off | memviz, tracing on |\n";
    text += "|---|---|---:|---|---|\n";
    for result in &results.rows {
        let Some(row) = contest.rows.iter().find(|row| row.name == result.row) else {
            continue;
        };
        let cell = |side, form: fn(&Row, &Entry) -> String| {
            result
                .of_side(side)
                .map_or("-".into(), |entry| form(row, entry))
        };
        let best = result.best().map_or("-".into(), |best| figure(row, best));
        _ = writeln!(
            text,
            "| {}: {} | {}: {best} | {} | {} | {} |",
            row.name,
            row.work,
            result.best,
            cell(Side::Floor, figure),
            cell(Side::Ours, with_ratio),
            cell(Side::OursTraced, with_ratio),
        );
    }
    for (side, words) in [(Side::Ours, "off"), (Side::OursTraced, "on")] {
        if let Some(mean) = results.mean(contest, side) {
            _ = writeln!(
                text,
                "\nGeometric mean, tracing {words}: {mean:.2} of the best peer."
            );
        }
    }
    if every {
        results
            .rows
            .iter()
            .for_each(|result| text += &all(contest, result));
    }
    for note in contest.notes {
        _ = writeln!(text, "\n{note}");
    }
    text.push('\n');
    text
}

/// Every contender of a row, the best first.
fn all(contest: &Contest, result: &RowResult) -> String {
    let Some(row) = contest.rows.iter().find(|row| row.name == result.row) else {
        return String::new();
    };
    let mut entries = result.entries.clone();
    entries.sort_by(|a, b| a.figure.total_cmp(&b.figure));
    let lines = entries
        .iter()
        .map(|entry| format!("  {:44} {}\n", entry.contender, with_ratio(row, entry)));
    format!("\n{}\n{}", row.name, lines.collect::<String>())
}

fn figure(row: &Row, entry: &Entry) -> String {
    match row.unit {
        Unit::Nanoseconds => format!("{:.2} ns", entry.figure),
        Unit::Percent => format!("{:.1} %", entry.figure),
    }
}

fn with_ratio(row: &Row, entry: &Entry) -> String {
    let ratio = entry.ratio;
    format!(
        "{} = **{:.2}** [{:.2}..{:.2}]",
        figure(row, entry),
        ratio.median,
        ratio.least,
        ratio.most
    )
}
