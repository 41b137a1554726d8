//! Words that the project does not use, and sentences that are too long.
//!
//! Words are searched in the whole text of a file: in names, strings and comments. Sentences are
//! those of comments and of Markdown; code, pictures, tables and headings have none.

use super::files::Text;

/// Words of a sentence. Authors aim at 25.
const WORDS: usize = 30;

/// Private metaphors and indefinite persons, each with a plain term to use instead.
const BANNED: &[(&str, &str)] = &[
    ("crime", "corruption"),
    ("crimes", "corruptions"),
    ("dearest", "most expensive"),
    ("ghost", "evicted event"),
    ("ghosts", "evicted events"),
    ("mend", "resolve, fix"),
    ("mends", "resolves, fixes"),
    ("mended", "resolved, fixed"),
    ("twin", "buddy"),
    ("twins", "buddies"),
    ("spoil", "corrupt"),
    ("spoils", "corrupts"),
    ("recital", "lesson"),
    ("senseless", "invalid"),
    ("whoever", "name the subject"),
    ("whatever", "name the subject"),
    ("somebody", "name the subject"),
    ("someone", "name the subject"),
    ("nobody", "name the subject"),
    ("anybody", "name the subject"),
    ("disagreement", "mismatch"),
    ("disagreements", "mismatches"),
    ("hung into", "linked into"),
    ("in vain", "ignored"),
    ("of late", "recently"),
    ("by lot", "seeded random numbers"),
    ("his own", "its own, private"),
];

/// Files that name such words: the list itself, its tests, and the history of names.
const EXCEPT: [&str; 3] = [
    "xtask/src/lint/form/words.rs",
    "xtask/src/lint/form/tests.rs",
    "CHANGELOG.md",
];

/// Returns the words of the list, with the line and what to say instead.
pub fn banned(texts: &[Text]) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_checked = |text: &&Text| is_prose(text) && !EXCEPT.contains(&text.path.as_str());
    for text in texts.iter().filter(is_checked) {
        for (line, number) in text.text.lines().zip(1..) {
            let words = format!(" {} ", words(line).join(" "));
            for (word, instead) in BANNED {
                if words.contains(&format!(" {word} ")) {
                    wrong.push(format!("{}:{number}: “{word}”: {instead}", text.path));
                }
            }
        }
    }
    wrong
}

/// Returns sentences of more than `WORDS` words, each with the line on which its paragraph begins.
pub fn long_sentences(texts: &[Text]) -> Vec<String> {
    let mut wrong = Vec::new();
    let is_checked = |text: &&Text| is_prose(text) && text.path != "CHANGELOG.md";
    for text in texts.iter().filter(is_checked) {
        for (first, paragraph) in paragraphs(text) {
            for sentence in paragraph.split_inclusive(['.', ':', ';', '!', '?']) {
                let count = sentence.split_whitespace().filter(|word| has_letter(word));
                let count = count.count();
                if count > WORDS {
                    let start: String = sentence.trim().chars().take(40).collect();
                    wrong.push(format!("{}:{first}: {count} words: {start} …", text.path));
                }
            }
        }
    }
    wrong
}

fn is_prose(text: &Text) -> bool {
    text.is_rust() || text.path.ends_with(".md")
}

fn has_letter(word: &str) -> bool {
    word.chars().any(char::is_alphanumeric)
}

/// Returns the words of a line in lower case. A name is divided at `_` and at its capitals.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in line.chars() {
        let is_start = was_lower && character.is_uppercase();
        if is_start || !character.is_alphabetic() {
            words.push(String::new());
        }
        if character.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        was_lower = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the paragraphs of prose, each with its first line. An item of a list is a paragraph.
/// Code in backquotes counts as one word.
fn paragraphs(text: &Text) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    let mut in_block = false;
    for (line, number) in text.text.lines().zip(1..) {
        let line = line.trim();
        let prose = match text.is_rust() {
            true => line
                .strip_prefix("//")
                .map(|rest| rest.trim_start_matches(['/', '!'])),
            false => Some(line),
        };
        in_block &= prose.is_some();
        let line = prose.unwrap_or("").trim();
        let is_fence = line.starts_with("```");
        in_block ^= is_fence;
        let is_prose = !in_block && !is_fence && !line.is_empty() && !line.starts_with(['|', '#']);
        let is_item = line.starts_with("- ")
            || line
                .split_once(". ")
                .is_some_and(|(start, _)| is_number(start));
        if !is_prose || is_item {
            found.extend(open.take());
        }
        if is_prose {
            let (_, paragraph) = open.get_or_insert((number, String::new()));
            paragraph.push(' ');
            paragraph.push_str(line);
        }
    }
    found.extend(open);
    for (_, paragraph) in &mut found {
        *paragraph = without_code(paragraph);
    }
    found
}

fn is_number(start: &str) -> bool {
    !start.is_empty() && start.chars().all(|character| character.is_ascii_digit())
}

/// Replaces code in backquotes by one word, and removes the target of a link and a point inside a
/// word.
fn without_code(paragraph: &str) -> String {
    let mut prose = String::new();
    for (at, part) in paragraph.split('`').enumerate() {
        prose.push_str(if at % 2 == 0 { part } else { "code" });
    }
    let mut words: Vec<String> = Vec::new();
    for word in prose.split_whitespace() {
        let (inside, end) = word.split_at(word.trim_end_matches(['.', ':', ';', '!', '?']).len());
        words.push(inside.replace(['.', ':', ';', '!', '?'], "") + end);
    }
    words.join(" ")
}
