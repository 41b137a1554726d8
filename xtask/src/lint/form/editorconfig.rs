//! Checks white space against `.editorconfig`: ends of lines, trailing blanks, indentation.

use anyhow::{Context, Result, bail};

use super::files::Text;

/// The settings for one kind of file. A missing setting is not checked.
#[derive(Default, Clone, Debug, PartialEq, Eq)]
struct Rules {
    is_lf: bool,
    has_final_newline: bool,
    is_trimmed: bool,
    is_indented_by_spaces: bool,
}

/// Returns each line that breaks a rule.
pub fn violations(texts: &[Text]) -> Result<Vec<String>> {
    let config = texts.iter().find(|text| text.path == ".editorconfig");
    let config = &config.context("there is no .editorconfig")?.text;
    let mut wrong = Vec::new();
    for text in texts {
        wrong.extend(check(text, &rules(config, &text.path)?));
    }
    Ok(wrong)
}

/// Returns the rules for a file: later sections win.
fn rules(config: &str, path: &str) -> Result<Rules> {
    let mut rules = Rules::default();
    let mut applies = false;
    for line in config.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(glob) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            applies = matches(glob, path);
            continue;
        }
        let (key, value) = line.split_once('=').context("a line without =")?;
        let (key, value) = (key.trim(), value.trim());
        let rule = match key {
            "end_of_line" => &mut rules.is_lf,
            "insert_final_newline" => &mut rules.has_final_newline,
            "trim_trailing_whitespace" => &mut rules.is_trimmed,
            "indent_style" => &mut rules.is_indented_by_spaces,
            // All files are read as UTF-8; rustfmt checks the size of the indentation.
            "root" | "charset" | "indent_size" | "max_line_length" => continue,
            _ => bail!(".editorconfig: this check does not know {key}"),
        };
        if applies {
            *rule = match value {
                "lf" | "true" | "space" => true,
                "false" | "unset" | "tab" => false,
                _ => bail!(".editorconfig: this check does not know {key} = {value}"),
            };
        }
    }
    Ok(rules)
}

/// Matches the globs of `.editorconfig`: `*`, `*.ext`, `*.{a,b}`, a name.
fn matches(glob: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Some(endings) = glob.strip_prefix("*.") {
        let endings = endings.trim_start_matches('{').trim_end_matches('}');
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        return endings.split(',').any(|known| Some(known.trim()) == ending);
    }
    glob == "*" || glob == name
}

fn check(text: &Text, rules: &Rules) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut report =
        |number: usize, what: &str| wrong.push(format!("{}:{number}: {what}", text.path));
    let lines = || text.text.split('\n').zip(1..);
    for (line, number) in lines() {
        let indentation = &line[..line.len() - line.trim_start().len()];
        if rules.is_lf && line.ends_with('\r') {
            report(number, "the line ends with CR LF");
        } else if rules.is_trimmed && line.ends_with([' ', '\t']) {
            report(number, "blanks at the end of the line");
        }
        if rules.is_indented_by_spaces && indentation.contains('\t') {
            report(number, "indented by a tab");
        }
    }
    let last = lines().count();
    if rules.has_final_newline && !text.text.is_empty() && !text.text.ends_with('\n') {
        report(last, "no newline at the end of the file");
    }
    wrong
}
