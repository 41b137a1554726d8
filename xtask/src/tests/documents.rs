//! The lists and numbers in README.md and docs/ are those of the source.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory;
use memviz::dashboard::actions::action;
use memviz::input::keys::Key;
use memviz::view::board::Board;
use memviz::view::map_mode::MapMode;
use mm::event::Kind;

use crate::build;
use crate::lessons;
use crate::options::Options;

fn read(path: &str) -> String {
    let text = fs::read_to_string(build::root().join(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the rows of the table under this heading: the cells of each, without the row of dashes.
fn table(document: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, table) = document
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("no table begins with {heading}"));
    let rows = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        // A bar inside a cell is written with a backslash before it.
        let row = row.replace("\\|", "\0");
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().replace('\0', "|")).collect()
    })
    .collect()
}

/// Returns the words in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn policies_are_listed_in_their_order() {
    let document = read("docs/page-replacement.md");
    let rows = table(&document, "| Policy | Replaces | Needs |");
    let listed: Vec<&str> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let known = mm::reclaim::POLICIES.map(|policy| policy.name());
    assert_eq!(listed, known);
}

/// A lock that the table lacks was not thought about, and one of `spin` reports no endless wait.
#[test]
fn every_lock_is_the_kernels_own_and_is_listed() {
    let locks = read("docs/locks.md");
    let kernel = build::root().join("kernel/src");
    let mut folders = vec![kernel.clone()];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&kernel).expect("it is below");
            let name = name.to_str().expect("plain letters");
            let text = fs::read_to_string(&path).expect("it can be read");
            if name != "lock.rs" {
                let is_foreign = text.contains("spin::Mutex") || text.contains("spin::mutex");
                assert!(!is_foreign, "{name}: use crate::lock::Mutex");
            }
            let is_lock = |line: &str| line.contains("static ") && line.contains("Mutex<");
            if text.lines().any(is_lock) {
                let module = name.trim_end_matches(".rs").trim_end_matches("/mod");
                let module = module.replace('/', "::");
                assert!(
                    locks.contains(&format!("`{module}`")),
                    "{module} is missing"
                );
                found += 1;
            }
        }
    }
    assert!(found > 20, "{found} locks");
}

#[test]
fn lessons_are_listed_in_their_order_and_counted() {
    const NUMBERS: [&str; 31] = [
        "No",
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
        "Thirteen",
        "Fourteen",
        "Fifteen",
        "Sixteen",
        "Seventeen",
        "Eighteen",
        "Nineteen",
        "Twenty",
        "Twenty-one",
        "Twenty-two",
        "Twenty-three",
        "Twenty-four",
        "Twenty-five",
        "Twenty-six",
        "Twenty-seven",
        "Twenty-eight",
        "Twenty-nine",
        "Thirty",
    ];
    // The list of lessons comes last in its file, one module after the other.
    let list = read("kernel/src/lessons/scripts/mod.rs");
    let words: Vec<&str> = list
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let mut names = lessons::names().unwrap();
    names.sort_by_key(|name| {
        words
            .iter()
            .rposition(|word| *word == name.replace('-', "_"))
    });

    let rows = table(&read("docs/lessons.md"), "| Lesson | What it shows |");
    let listed: Vec<String> = rows.iter().map(|row| row[0].replace('`', "")).collect();
    assert_eq!(listed, names, "docs/lessons.md lists the lessons");
    let count = format!("{} lessons", NUMBERS[names.len()]);
    assert!(
        read("README.md").contains(&count),
        "README.md says “{count}”"
    );
}

#[test]
fn commands_of_the_shell_are_listed() {
    let mut commands = BTreeSet::new();
    for file in fs::read_dir(build::root().join("kernel/src/shell")).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for command in source.split("name: \"").skip(1) {
            let name = command.split('"').next().unwrap();
            let Some((_, rest)) = command.split_once("arguments: \"") else {
                continue;
            };
            let usage = format!("{name} {}", rest.split('"').next().unwrap());
            commands.insert(usage.trim().to_string());
        }
    }
    assert!(commands.len() > 15, "only {commands:?}");
    let rows = table(&read("docs/shell.md"), "| Command | What it does |");
    let cells = rows.iter().flat_map(|row| quoted(&row[0]));
    let listed: BTreeSet<String> = cells.map(str::to_string).collect();
    let difference: Vec<_> = listed.symmetric_difference(&commands).collect();
    assert!(
        difference.is_empty(),
        "docs/shell.md or the kernel lacks {difference:?}"
    );
}

/// Returns the string patterns of `match` arms with this indentation, with the arms between them.
fn arms(source: &str, indent: usize) -> Vec<(&str, &str)> {
    let start = format!("\n{}\"", " ".repeat(indent));
    let arms = source.split(start.as_str()).skip(1);
    arms.filter_map(|arm| arm.split_once("\" =>")).collect()
}

#[test]
fn words_of_the_command_line_are_listed() {
    let source = read("kernel/src/boot/options.rs");
    let (_, take) = source.split_once("fn take(").expect("the parser");
    let mut words = BTreeSet::new();
    for (key, arm) in arms(take, 12) {
        words.insert(key.to_string());
        let values = arms(arm, 20).into_iter().map(|(value, _)| value);
        words.extend(values.map(|value| format!("{key}={value}")));
    }
    let (_, fatal) = source.split_once("fn fatal(").expect("its values");
    let (fatal, _) = fatal.split_once("\n}").expect("its end");
    let values = arms(fatal, 8).into_iter().map(|(value, _)| value);
    words.extend(values.map(|value| format!("fatal={value}")));
    assert!(words.len() > 30, "only {words:?}");
    assert!(words.remove("log=info"), "the default is not listed");
    let page = read("docs/command-line.md");
    let mut listed = BTreeSet::new();
    for row in table(&page, "| Word | What it does |") {
        let mut names = quoted(&row[0]);
        // `fatal=WAY` has its values in the second cell, `map=a`, `b` in the first.
        if names == ["fatal=WAY"] {
            names.extend(
                quoted(&row[1])
                    .into_iter()
                    .filter(|word| !word.contains(' ')),
            );
        }
        let key = names[0].split('=').next().unwrap_or_default();
        if key == "ENHANCEMENT" {
            continue;
        }
        listed.insert(key.to_string());
        for name in names {
            let value = name.split('=').next_back().unwrap_or_default();
            if words
                .iter()
                .any(|word| word.starts_with(&format!("{key}=")))
                && value != "WAY"
            {
                listed.insert(format!("{key}={value}"));
            }
        }
    }
    let difference: Vec<_> = listed.symmetric_difference(&words).collect();
    assert!(
        difference.is_empty(),
        "docs/command-line.md or the kernel lacks {difference:?}"
    );
}

#[test]
fn keys_of_the_state_line_are_listed() {
    let source = read("memviz/src/dashboard/state/mod.rs");
    let (_, fields) = source.split_once("pub struct State<'d> {").expect("State");
    let fields = fields.split('}').next().unwrap_or_default().lines();
    let keys = fields.filter_map(|line| line.trim().split_once(": "));
    let keys: BTreeSet<&str> = keys.map(|(key, _)| key).collect();
    assert!(keys.len() > 30, "only {keys:?}");
    let rows = table(&read("docs/shell.md"), "| Key | Meaning |");
    let listed: BTreeSet<&str> = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let difference: Vec<_> = listed.symmetric_difference(&keys).collect();
    assert!(
        difference.is_empty(),
        "docs/shell.md or memviz lacks {difference:?}"
    );
}

#[test]
fn kinds_of_events_are_listed_and_counted() {
    let page = read("docs/architecture.md");
    let rows = table(&page, "| From | Kinds |");
    let listed: BTreeSet<&str> = rows.iter().flat_map(|row| quoted(&row[1])).collect();
    let kinds: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.words()).collect();
    let difference: Vec<_> = listed.symmetric_difference(&kinds).collect();
    assert!(
        difference.is_empty(),
        "docs/architecture.md or mm lacks {difference:?}"
    );
    let count = format!("There are {} kinds", kinds.len());
    assert!(page.contains(&count), "docs/architecture.md says “{count}”");
}

#[test]
fn keys_and_boards_are_listed() {
    let rows = table(&read("README.md"), "| Key | What it does |");
    let mut listed = BTreeSet::new();
    for name in rows.iter().flat_map(|row| quoted(&row[0])) {
        let key = match name {
            "←" => Key::Left,
            "→" => Key::Right,
            "," => Key::Character(','),
            "Esc" => Key::Escape,
            name => Key::named(&name.to_lowercase()).unwrap_or_else(|| panic!("no key is {name}")),
        };
        assert!(action(key).is_some(), "the key {name} does nothing");
        listed.insert(name.to_string());
    }
    for character in '!'..='~' {
        let is_listed = listed.contains(&character.to_ascii_lowercase().to_string());
        let acts = action(Key::Character(character)).is_some();
        assert!(
            is_listed || !acts,
            "README.md does not list the key {character}"
        );
    }
    let boards = Board::ALL.map(Board::label);
    let views = MapMode::ALL.map(MapMode::label);
    for (labels, what) in [(&boards[..], "boards"), (&views[..], "the frame map")] {
        let keys: Vec<String> = labels.iter().map(|(key, _)| key.to_string()).collect();
        let row = rows.iter().find(|row| quoted(&row[0]) == keys);
        let row = &row.unwrap_or_else(|| panic!("no row for {keys:?}"))[1];
        let names = row.split([',', ':']).rev().take(labels.len());
        let names: Vec<&str> = names.collect::<Vec<_>>().into_iter().rev().collect();
        assert!(row.contains(what), "{row}");
        for (name, (_, label)) in names.iter().zip(labels) {
            assert!(
                name.contains(&label[..3]),
                "{label} is not at its place in “{row}”"
            );
        }
    }
}

#[test]
fn recipes_are_commands_and_documents_name_recipes() {
    let justfile = read("Justfile");
    let recipes: BTreeSet<&str> = justfile
        .lines()
        .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
        .filter(|line| !line.starts_with("set ") && !line.contains(":="))
        .filter_map(|line| line.split([' ', ':']).next())
        .collect();
    let tool = Options::command();
    let commands: BTreeSet<&str> = tool.get_subcommands().map(|c| c.get_name()).collect();
    for command in &commands {
        assert!(
            recipes.contains(command),
            "the Justfile has no recipe for {command}"
        );
    }
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "docs/README.md",
        "docs/requirements.md",
        "docs/testing.md",
    ] {
        let text = read(page);
        // In a sentence, and as a line of an example.
        let named = ["`just ", "\njust "].map(|start| text.split(start).skip(1));
        for rest in named.into_iter().flatten() {
            let word = rest.split([' ', '`', '\n']).next().unwrap_or_default();
            assert!(recipes.contains(word), "{page}: no recipe is called {word}");
        }
    }
}
