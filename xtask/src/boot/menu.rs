//! Limine's boot menu, `limine.conf`: selects the entry of a mode, with its own command line and no
//! timeout.

use anyhow::{Context, Result};

/// Returns the menu without a timeout. Its default is the entry for the command line's `mode`, with
/// this command line and its `resolution`. An unknown mode selects the first entry.
pub fn start_at_once(menu: &str, cmdline: &str) -> Result<String> {
    let entries: Vec<&str> = menu.lines().filter(|line| line.starts_with('/')).collect();
    let word = |key: &str| {
        cmdline
            .split_whitespace()
            .rfind(|word| word.starts_with(key))
    };
    let mode = word("mode=");
    let resolution = word("resolution=").and_then(|word| word.strip_prefix("resolution="));
    let chosen = entry_of(menu, mode.unwrap_or("mode=demo")).unwrap_or(1);
    let title = entries
        .get(chosen - 1)
        .context("limine.conf has no entry")?;

    let mut text = String::new();
    let mut inside = false;
    for line in menu.lines() {
        if line.starts_with('/') {
            inside = line == *title;
        }
        let changed = match option(line) {
            Some("timeout") => Some("timeout: 0".to_string()),
            Some("default_entry") => Some(format!("default_entry: {chosen}")),
            Some("cmdline") if inside => Some(format!("    cmdline: {cmdline}")),
            Some("resolution") if inside => {
                resolution.map(|size| format!("    resolution: {size}"))
            }
            _ => None,
        };
        text += changed.as_deref().unwrap_or(line);
        text.push('\n');
    }
    Ok(text)
}

/// Returns the number of the entry whose command line has this word, counted from 1.
fn entry_of(menu: &str, word: &str) -> Option<usize> {
    let mut number = 0;
    for line in menu.lines() {
        number += usize::from(line.starts_with('/'));
        if option(line) == Some("cmdline") && line.split_whitespace().any(|other| other == word) {
            return Some(number);
        }
    }
    None
}

/// Returns the option that a line sets.
fn option(line: &str) -> Option<&str> {
    line.split_once(':').map(|(option, _)| option.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: &str = include_str!("../../../limine.conf");

    #[test]
    fn every_mode_has_its_entry() {
        for (mode, entry) in [("demo", 1), ("classroom", 2), ("selftest", 3), ("shell", 4)] {
            assert_eq!(entry_of(MENU, &format!("mode={mode}")), Some(entry));
        }
        assert_eq!(entry_of(MENU, "mode=bogus"), None);
    }

    #[test]
    fn only_the_chosen_entry_changes() {
        let menu = start_at_once(MENU, "mode=classroom resolution=800x600").unwrap();
        assert!(menu.contains("\ntimeout: 0\n") && menu.contains("\ndefault_entry: 2\n"));
        let lines = |text: &str| text.lines().map(str::to_string).collect::<Vec<_>>();
        let changed: Vec<_> = lines(&menu)
            .into_iter()
            .filter(|line| !lines(MENU).contains(line))
            .collect();
        assert_eq!(
            changed,
            [
                "timeout: 0",
                "default_entry: 2",
                "    resolution: 800x600",
                "    cmdline: mode=classroom resolution=800x600"
            ]
        );
        assert_eq!(lines(&menu).len(), lines(MENU).len());
    }

    #[test]
    fn the_last_mode_counts_and_demo_is_the_default() {
        let chosen = |cmdline| start_at_once(MENU, cmdline).unwrap();
        assert!(chosen("mode=demo mode=selftest").contains("default_entry: 3"));
        assert!(chosen("seed=1").contains("default_entry: 1"));
        assert!(chosen("mode=bogus").contains("default_entry: 1"));
        assert!(start_at_once("timeout: 5\n", "").is_err());
    }
}
