//! The index of a site: a link to the page of each lesson. It loads nothing and runs no script.

use std::fmt::Write as _;

use memviz::view::caption::LessonEntry;

use super::page::STYLE;
use crate::html::Escaped;

/// Returns the file.
pub fn index(lessons: &[LessonEntry]) -> String {
    let mut list = String::new();
    for lesson in lessons {
        let [name, title, goal] = [lesson.name, lesson.title, lesson.goal].map(Escaped);
        let (steps, seconds) = (lesson.steps, lesson.seconds);
        // Writing into a string does not fail.
        let _ = writeln!(
            list,
            "<li><a href=\"{name}.html\"><strong>{title}</strong></a> \
             <small>{steps} steps, {seconds} s</small><br>{goal}</li>"
        );
    }
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>memviz: lessons</title>\n<style>\n{STYLE}</style>\n<body>\n\
         <header><strong>memviz</strong> <span class=\"wide\">a kernel whose memory can be \
         watched</span> <span class=\"boot wide\">Boot it yourself: <code>just run</code></span>\
         </header>\n<section id=\"text\">\n<h1>Lessons</h1>\n\
         <p>Each page works without a network. It shows a real run of the kernel, which you can \
         stop, step and search.</p>\n<ol class=\"index\">\n{list}</ol>\n\
         </section>\n</body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_has_its_lessons_in_order_and_loads_nothing() {
        let lesson = |name, title| LessonEntry {
            name,
            title,
            goal: "a < b",
            steps: 7,
            seconds: 64,
        };
        let page = index(&[lesson("frames", "Frames"), lesson("buddy", "Buddy heap")]);
        let frames = page.find("<a href=\"frames.html\"><strong>Frames</strong></a>");
        let buddy = page.find("<a href=\"buddy.html\"><strong>Buddy heap</strong></a>");
        assert!(frames.is_some() && frames < buddy, "{page}");
        assert!(page.contains("<small>7 steps, 64 s</small><br>a &lt; b"));
        for loads in ["http", "src=", "<link", "<script", "@import", "url("] {
            assert!(!page.contains(loads), "{loads}");
        }
    }
}
