//! Each check finds the violations that it is for.

use super::files::Text;
use super::{columns, editorconfig, functions, lengths, limits, words};

#[test]
fn long_files_are_found_unless_excepted() {
    let texts = [
        Text::new("a.rs", &"\n".repeat(401)),
        Text::new("b.rs", &"\n".repeat(400)),
        Text::new("c.md", &"\n".repeat(500)),
    ];
    let found = lengths::files(&texts, &[]);
    assert_eq!(found, ["a.rs: 401 lines, 400 are allowed"]);
    assert!(lengths::files(&texts, &[("a.rs", "a table")]).is_empty());
    let found = lengths::files(&texts, &[("a.rs", "a table"), ("b.rs", "was long")]);
    assert_eq!(found, ["b.rs needs no exception"]);
}

#[test]
fn long_functions_are_found_wherever_they_are() {
    let body = |lines: usize| format!("() {{{}}}", "\n".repeat(lines - 1));
    let (fits, long) = (body(60), body(61));
    let text = format!(
        "/// A comment\nfn short{fits} mod m {{ fn one{long} }} impl A {{ fn two{long} }}
         trait T {{ fn three{long} fn four(); }} fn five() {{ fn six{long} }}"
    );
    let texts = [Text::new("a.rs", &text)];
    let found = functions::long(&texts, &[]).unwrap();
    let names: Vec<&str> = found
        .iter()
        .map(|line| line.split(' ').nth(3).unwrap())
        .collect();
    assert_eq!(names, ["one", "two", "three", "five", "six"]);
    let exceptions = [
        ("a.rs", "one", "why"),
        ("a.rs", "two", "why"),
        ("a.rs", "three", "why"),
        ("a.rs", "five", "why"),
        ("b.rs", "six", "why"),
    ];
    let found = functions::long(&texts, &exceptions).unwrap();
    assert_eq!(
        found,
        [
            "a.rs: the function six has 61 lines, 60 are allowed",
            "b.rs: six needs no exception"
        ]
    );
}

#[test]
fn wide_comments_are_found_by_characters() {
    let wide = |mark: &str, last: &str| format!("{mark}{}{last}\n", "–".repeat(99 - mark.len()));
    let file = |path: &str, text: &str| columns::wide_comments(&[Text::new(path, text)]).len();
    assert_eq!(file("a.rs", &wide("/// ", "–")), 0);
    assert_eq!(file("a.rs", &wide("/// ", "––")), 1);
    assert_eq!(file("a.rs", &wide("    //! ", "––")), 1);
    assert_eq!(file("a.rs", &format!("let a = 1; {}", wide("// ", ""))), 1);
    // A picture may be wider, but not without end, and only up to the end of its block.
    let picture = |rest: &str| format!("//! ```text\n{}//! ```\n{rest}", wide("//! ", "––"));
    assert_eq!(file("a.rs", &picture("")), 0);
    assert_eq!(file("a.rs", &picture(&wide("//! ", "––"))), 1);
    let endless = format!("//! ```text\n//! {}\n", "–".repeat(122));
    assert_eq!(file("a.rs", &endless), 1);
    // Code is rustfmt's business.
    assert_eq!(
        file("a.rs", &format!("let a = \"{} // b\";\n", "–".repeat(100))),
        0
    );
    assert_eq!(file("a.toml", &wide("# ", "––")), 1);
    assert_eq!(file("a.md", &wide("# ", "––")), 0);
}

#[test]
fn white_space_is_found_where_the_configuration_forbids_it() {
    let config = "root = true\n[*]\nend_of_line = lf\ninsert_final_newline = true\n\
                  trim_trailing_whitespace = true\nindent_style = space\n\
                  [*.{md,txt}]\ntrim_trailing_whitespace = false\n[Makefile]\nindent_style = tab\n";
    let check = |path: &str, text: &str| {
        let texts = [Text::new(".editorconfig", config), Text::new(path, text)];
        editorconfig::violations(&texts).unwrap()
    };
    assert!(check("a.rs", "a\n    b\n").is_empty());
    assert_eq!(check("a.rs", "a\r\n"), ["a.rs:1: the line ends with CR LF"]);
    assert_eq!(
        check("a.rs", "a\nb \n"),
        ["a.rs:2: blanks at the end of the line"]
    );
    assert_eq!(check("a.rs", "\ta\n"), ["a.rs:1: indented by a tab"]);
    assert_eq!(
        check("a.rs", "a\nb"),
        ["a.rs:2: no newline at the end of the file"]
    );
    assert!(check("a.md", "a \n").is_empty());
    assert!(check("x/Makefile", "\ta\n").is_empty());
    let unknown = Text::new(".editorconfig", "[*]\nspelling = en\n");
    assert!(editorconfig::violations(&[unknown]).is_err());
}

#[test]
fn banned_words_are_found_in_names_and_comments() {
    let found = |path: &str, text: &str| words::banned(&[Text::new(path, text)]).len();
    assert_eq!(
        found("a.rs", "// Ghosts: an event that Somebody evicted.\n"),
        2
    );
    assert_eq!(found("a.rs", "enum CrimeKind {}\nfn mend_fault() {}\n"), 2);
    assert_eq!(found("a.rs", "say!(\"it is hung into the list\");\n"), 1);
    assert_eq!(found("a.md", "The twin of a block.\n"), 1);
    assert_eq!(found("a.rs", "// An amendment between blocks.\n"), 0);
    assert_eq!(found("CHANGELOG.md", "`crimes` is `corruptions`.\n"), 0);
}

#[test]
fn long_sentences_are_found() {
    let found = |path: &str, text: &str| words::long_sentences(&[Text::new(path, text)]);
    let (fits, long) = ("word ".repeat(30), "word ".repeat(31));
    assert!(found("a.md", &format!("{fits}. {fits}; {fits}\n")).is_empty());
    let lines = long.replace("word word word word ", "word word word word\n/// ");
    let wrong = found("a.rs", &format!("fn a() {{}}\n/// {lines}\nfn b() {{}}\n"));
    assert!(
        wrong[0].starts_with("a.rs:2: 31 words: word word"),
        "{wrong:?}"
    );
    // Items, tables, headings and code are not parts of a sentence. A name has one word.
    assert!(
        found(
            "a.md",
            &format!("- {fits}\n- {fits}\n\n| {long} |\n\n# {long}\n")
        )
        .is_empty()
    );
    assert!(
        found(
            "a.md",
            &format!("```text\n{long}\n```\n`{long}` {}\n", "x.y ".repeat(29))
        )
        .is_empty()
    );
    assert_eq!(found("a.rs", &format!("let a = 1; {long}\n")), [""; 0]);
}

#[test]
fn capacities_without_a_row_and_rows_without_a_capacity_are_found() {
    let source = "
        struct A { a: [u8; 3], b: Vec<u8, ROOM>, c: Option<[u64; { 2 * ROOM }]>, d: [u8; N] }
        static B: Mutex<[u8; OWNERS]> = x(heapless::String::<40>::new());
        fn f(local: [u8; 99]) -> Map<A, N> {}
        #[cfg(test)] mod tests { struct C(Vec<u8, 7>); }";
    let texts = [
        Text::new("mm/src/a.rs", source),
        Text::new("mm/src/tests/b.rs", source),
        Text::new("mm/src/c.rs", "struct D([u8; OWNERS]);"),
    ];
    let list = "\n## One element for each value\n`OWNERS`\n";
    let row = "| `mm/src/a.rs` | `ROOM`, `2 * ROOM`, `40` | refused |";
    let wrong = |rows: &str| limits::wrong(&texts, &format!("{rows}{list}")).unwrap();
    assert!(wrong(row).is_empty());
    assert_eq!(
        wrong(&row.replace(", `2 * ROOM`", "")),
        ["mm/src/a.rs: `2 * ROOM` is not in docs/limits.md"]
    );
    assert_eq!(
        wrong(&format!("{row}\n| `mm/src/c.rs` | `OWNERS` |")),
        ["docs/limits.md: mm/src/c.rs has no capacity"]
    );
}
