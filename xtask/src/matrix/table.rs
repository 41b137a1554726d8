//! The table of `docs/machines.md`, between two marks.

use anyhow::{Context, Result};

use super::cells::Cell;
use super::outcome::Outcome;
use crate::{build, files};

const PAGE: &str = "docs/machines.md";
const BEGIN: &str = "<!-- The table below is made by `just matrix`. -->\n";
const END: &str = "<!-- End of the table. -->\n";

/// Replaces the table of the page.
pub fn write(rows: &[(&Cell, Outcome)]) -> Result<()> {
    let path = build::root().join(PAGE);
    let page = std::fs::read_to_string(&path).context(PAGE)?;
    let page = replaced(&page, &table(rows))?;
    files::replace_with(&path, page.as_bytes())?;
    println!("{PAGE} has the table of {} machines", rows.len());
    Ok(())
}

fn table(rows: &[(&Cell, Outcome)]) -> String {
    let mut table =
        String::from("\n| CPU | Machine | Memory | Way in | Result |\n|---|---|---|---|---|\n");
    for (cell, outcome) in rows {
        table += &format!("{} {outcome} |\n", start(cell));
    }
    table + "\n"
}

/// The row of a machine, up to its result.
fn start(cell: &Cell) -> String {
    let [cpu, machine, memory, firmware] = cell.columns();
    format!("| `{cpu}` | `{machine}` | {memory} | {firmware} |")
}

/// The page with another table between the marks.
fn replaced(page: &str, table: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("no mark before the table")?;
    let (_, after) = rest.split_once(END).context("no mark after the table")?;
    Ok([before, BEGIN, table, END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::cells::cells;

    #[test]
    fn the_page_has_a_row_for_each_machine() {
        let page = std::fs::read_to_string(build::root().join(PAGE)).unwrap();
        let (_, rest) = page.split_once(BEGIN).unwrap();
        let (table, _) = rest.split_once(END).unwrap();
        let rows: Vec<&str> = table
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        let cells = cells();
        assert_eq!(rows.len(), cells.len(), "run `just matrix`");
        for (row, cell) in rows.iter().zip(&cells) {
            assert!(row.starts_with(&start(cell)), "{row}: run `just matrix`");
        }
    }

    #[test]
    fn only_the_table_is_replaced() {
        let page = format!("before\n{BEGIN}old\n{END}after\n");
        let new = replaced(&page, "new\n").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}new\n{END}after\n"));
        assert!(replaced("no marks", "new\n").is_err());
    }
}
