//! Wrapping a text into lines.

/// Breaks a text at spaces into lines of at most `cells` characters. A longer word gets a line of
/// its own.
pub fn wrap(text: &str, cells: usize) -> impl Iterator<Item = &str> {
    wrap_fitting(text, move |line| line.chars().count() <= cells)
}

/// Breaks a text at spaces into lines that fit. A word that does not fit gets a line of its own.
pub fn wrap_fitting(text: &str, fits: impl Fn(&str) -> bool) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_start();
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = rest.match_indices(' ').map(|(at, _)| at);
        let line_fits = |&at: &usize| fits(&rest[..at]);
        let end = ends.chain([rest.len()]).take_while(line_fits).last();
        let first = || rest.find(' ').unwrap_or(rest.len());
        let (line, after) = rest.split_at(end.unwrap_or_else(first));
        rest = after.trim_start();
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wrapping_keeps_every_word_and_the_width(text in "([a-zµ]{1,9} ){0,20}", cells in 9usize..40) {
            let lines: Vec<&str> = wrap(&text, cells).collect();
            prop_assert!(lines.iter().all(|line| line.chars().count() <= cells));
            let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
            prop_assert_eq!(words(&lines.join(" ")), words(&text));
            for pair in lines.windows(2) {
                // The first word of the next line did not fit.
                let next = pair[1].split(' ').next().unwrap().chars().count();
                prop_assert!(pair[0].chars().count() + 1 + next > cells);
            }
        }
    }
}
