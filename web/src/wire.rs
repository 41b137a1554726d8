//! The messages to the script of the page, as JSON.

use memviz::dashboard::Request;
use memviz::view::caption::Part;
use serde::Serialize;
use tracefile::player::{Entry, Viewer};

/// A caption of the table of contents.
#[derive(Serialize)]
pub struct Line<'e> {
    lesson: &'e str,
    title: &'e str,
    step: u8,
    steps: u8,
    part: &'static str,
    words: &'e str,
    question: Option<&'e str>,
    choices: &'e [&'e str],
    /// The index of the right choice, once it is shown.
    right: Option<usize>,
    because: &'e str,
}

impl<'e> From<&'e Entry> for Line<'e> {
    fn from(entry: &'e Entry) -> Line<'e> {
        let caption = &entry.caption;
        let has_choices = caption.is_answered && !caption.choices.is_empty();
        Line {
            lesson: caption.lesson,
            title: caption.title,
            step: caption.step,
            steps: caption.steps,
            part: caption.part.words(),
            words: &caption.words,
            question: caption.question.as_deref(),
            choices: caption.choices,
            right: has_choices.then_some(caption.right),
            because: caption.because,
        }
    }
}

/// A search, the number of its matches, and the one in the picture.
#[derive(Serialize)]
pub struct Search {
    words: String,
    count: u64,
    at: Option<u64>,
}

/// The state of the picture.
#[derive(Serialize)]
pub struct State {
    /// The number of events before the picture, and of all events.
    position: u64,
    events: u64,
    /// The time of the picture, and of the end, in seconds since boot.
    seconds: f64,
    end: f64,
    /// The index of the caption in the table of contents.
    entry: Option<usize>,
    /// The question of that caption can be answered now.
    is_open: bool,
    is_playing: bool,
    search: Option<Search>,
    /// A part of the history is not searched yet.
    is_searching: bool,
    palette: &'static str,
}

impl State {
    /// Returns the state of a viewer.
    pub fn of(viewer: &Viewer) -> State {
        let dashboard = viewer.dashboard();
        let timeline = dashboard.timeline();
        let entry = viewer.contents().at(timeline.cursor());
        let caption = entry.and_then(|at| viewer.contents().entries().get(at));
        let seconds = |nanoseconds: u64| nanoseconds as f64 / 1e9;
        State {
            position: timeline.cursor(),
            events: timeline.end(),
            seconds: seconds(dashboard.time()),
            end: seconds(viewer.end()),
            entry,
            is_open: caption.is_some_and(|entry| entry.caption.part == Part::Question),
            is_playing: viewer.is_playing(),
            search: dashboard.search_line().map(|line| Search {
                words: line.words.as_str().into(),
                count: line.count,
                at: line.at,
            }),
            is_searching: dashboard.is_searching(),
            palette: dashboard.theme().name,
        }
    }
}

/// A request that only the script can serve.
#[derive(Serialize)]
#[serde(tag = "what", content = "of", rename_all = "lowercase")]
pub enum Wish {
    /// The trace ends here.
    End,
    /// Show another lesson.
    Lesson(&'static str),
    /// Save the picture.
    Save,
    /// Tell the user.
    Tell(&'static str),
}

impl Wish {
    /// Translates a request of the dashboard.
    pub fn of(request: Request, viewer: &Viewer) -> Option<Wish> {
        Some(match request {
            Request::Step | Request::NextStep => Wish::End,
            Request::Lesson(number) => Wish::Lesson(viewer.lesson(number)?.name),
            Request::Screenshot => Wish::Save,
            Request::Warn(why) => Wish::Tell(why),
            Request::Shell => Wish::Tell("The shell needs a running machine: just run"),
            Request::NextKeyboard => Wish::Tell("The browser has the layout of your keyboard"),
            Request::PowerOff => return None,
        })
    }
}
