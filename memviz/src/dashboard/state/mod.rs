//! The contents of the screen as a value that any `serde` format can write: for scripts and tests,
//! which should not read pixels.
//!
//! Addresses are strings in hex, because many readers of JSON keep numbers as floating point.
//! Everything else is a number in the unit of its name. Every figure has the same source as in its
//! panel.

mod faults;
mod frames;
mod heaps;
mod mappings;
mod spaces;
#[cfg(test)]
mod tests;
mod text;

use super::Dashboard;
use super::shown::ShownPanels;
use crate::graphics::numbers::Number;
use crate::input::line_editor::Text;
use crate::panels::lesson::offer::Notice;
use crate::panels::storyboard::{Story, Which};
use crate::panels::walk::WalkPanel;
use crate::timeline::Timeline;
use crate::view::ballot::{Ballot, Ballots, CHOICES};
use crate::view::caption::{Caption, Words};
use crate::view::layout::Layout;
use crate::view::search::state::SearchLine;
use crate::view::selection::Selection;
use crate::view::step::happened::Happened;
use faults::{FaultState, FaultStory};
use frames::{FirmwareMap, FrameState, Map, Refused};
use heaps::{Graphs, HeapState, Race};
use mappings::MappingState;
use mm::event::Payload;
use serde::{Serialize, Serializer};
use spaces::{ProcessList, TableState, WalkState};
use text::Worded;

/// Everything on the screen.
#[derive(Serialize)]
pub struct State<'d> {
    time_ns: u64,
    paused: bool,
    timeline: TimelineState,
    /// The position of the bookmark with which the picture is compared.
    compared_with: Option<u64>,
    search: Option<SearchState>,
    events: u64,
    events_per_second: u64,
    lost: u64,
    mismatches: u64,
    contradictions: u64,
    pictures_per_second: u64,
    picture_ns: u64,
    memory_bytes: u64,
    palette: &'static str,
    keyboard: &'static str,
    #[serde(serialize_with = "notice_words")]
    notice: Option<Notice>,
    board: &'static str,
    focus: Option<&'static str>,
    maximised: bool,
    projector: bool,
    help: bool,
    shell: bool,
    panels: Shown<'d>,
    pointer: Option<[i32; 2]>,
    hover: Option<Worded<Selection>>,
    lessons: bool,
    selection: Option<Worded<Selection>>,
    caption: CaptionState,
    unshown: NumberList<'d>,
    happened: HappenedLines<'d>,
    map: Map,
    why_not: Option<Refused>,
    frames: FrameState<'d>,
    firmware_map: FirmwareMap<'d>,
    heap: HeapState<'d>,
    race: Race<'d>,
    graphs: Graphs<'d>,
    story: Option<FaultStory>,
    faults: FaultState<'d>,
    mappings: MappingState<'d>,
    tables: TableState,
    page_walk: Option<WalkState>,
    processes: u64,
    process_list: ProcessList<'d>,
    space: u32,
}

impl Dashboard<'_> {
    /// Returns the contents of the screen at the last drawing, with the events since then.
    pub fn state(&self) -> State<'_> {
        let (model, status) = (&self.model, &self.status);
        State {
            time_ns: status.time,
            paused: status.paused,
            timeline: TimelineState::from(&self.timeline),
            compared_with: self.compared_bookmark(),
            search: self.search_line().map(SearchState::from),
            events: model.events(),
            events_per_second: status.figures.event_rate,
            lost: status.lost,
            mismatches: model.mismatches(),
            contradictions: model.contradictions,
            pictures_per_second: status.figures.frame_rate,
            picture_ns: status.figures.frame_nanoseconds,
            memory_bytes: self.info.memory,
            palette: self.styles.theme.name,
            keyboard: self.info.keyboard.name(),
            notice: self.notice,
            board: self.stage.board.label().1,
            focus: self.stage.focused().map(|panel| panel.name()),
            maximised: self.stage.maximised,
            projector: self.stage.projector,
            help: self.help.is_some(),
            shell: self.stage.shell,
            panels: Shown(&self.panels, &self.layout),
            pointer: self.pointer.map(|point| [point.x, point.y]),
            hover: self.stage.hover.map(Worded),
            lessons: self.list.is_some(),
            selection: self.stage.selection.map(Worded),
            caption: CaptionState::new(model.caption, self.caption(), &self.ballots),
            unshown: NumberList(&self.unshown),
            happened: HappenedLines(&self.step.happened),
            map: Map::of(self),
            why_not: match self.stage.looked_at() {
                Some(Selection::Refusal) => self.refusal.known().map(Refused::new),
                _ => None,
            },
            frames: FrameState::of(model, self.styles.theme),
            firmware_map: FirmwareMap(model.firmware_map.all()),
            heap: HeapState::of(model, &self.timeline),
            race: Race(model),
            graphs: Graphs(self.samples.until(self.timeline.cursor())),
            story: Story::of(
                model,
                &self.timeline,
                Which::new(self.stage.looked_at(), self.followed.began),
            )
            .map(Into::into),
            faults: FaultState::from(&model.faults),
            mappings: MappingState::from(&model.mappings),
            tables: TableState::of(model),
            page_walk: WalkPanel::walk(model, self.stage.looked_at()).map(WalkState::from),
            processes: model.processes.live(),
            process_list: ProcessList(model, self.info.names),
            space: model.space,
        }
    }
}

/// Serializes the words of a notice.
fn notice_words<S: Serializer>(notice: &Option<Notice>, serializer: S) -> Result<S::Ok, S::Error> {
    match notice.map(Notice::words) {
        Some((topic, words)) => serializer.collect_str(&format_args!("{topic} {words}")),
        None => serializer.serialize_none(),
    }
}

/// The history: numbers of events, and the last event of the picture.
#[derive(Serialize)]
struct TimelineState {
    first: u64,
    cursor: u64,
    end: u64,
    live: bool,
    bookmarks: usize,
    event: Option<Worded<Payload>>,
}

impl From<&Timeline<'_>> for TimelineState {
    fn from(timeline: &Timeline) -> TimelineState {
        TimelineState {
            first: timeline.first(),
            cursor: timeline.cursor(),
            end: timeline.end(),
            live: timeline.is_live(),
            bookmarks: timeline.bookmarks().len(),
            event: timeline.current().map(|event| Worded(event.payload)),
        }
    }
}

/// The search: its words, the number of matches, and the one in the picture.
#[derive(Serialize)]
struct SearchState {
    words: Worded<Text>,
    typing: bool,
    matches: u64,
    at: Option<u64>,
}

impl From<SearchLine> for SearchState {
    fn from(line: SearchLine) -> SearchState {
        SearchState {
            words: Worded(line.words),
            typing: line.cursor.is_some(),
            matches: line.count,
            at: line.at,
        }
    }
}

#[derive(Serialize)]
struct CaptionState {
    number: u32,
    lesson: Option<&'static str>,
    title: Option<&'static str>,
    step: u8,
    steps: u8,
    part: Option<&'static str>,
    words: Worded<Words>,
    question: Option<Worded<Words>>,
    choices: &'static [&'static str],
    right: Option<usize>,
    because: &'static str,
    choice: Option<u8>,
    votes: [Option<u16>; CHOICES],
}

impl CaptionState {
    fn new(number: u32, caption: Option<Caption>, ballots: &Ballots) -> CaptionState {
        let ballot = caption.as_ref().map(|caption| ballots.of(caption));
        let Ballot { choice, votes, .. } = ballot.unwrap_or_default();
        let answered = caption.as_ref().filter(|caption| caption.is_answered);
        CaptionState {
            number,
            lesson: caption.as_ref().map(|caption| caption.lesson),
            title: caption.as_ref().map(|caption| caption.title),
            step: caption.as_ref().map_or(0, |caption| caption.step),
            steps: caption.as_ref().map_or(0, |caption| caption.steps),
            part: caption.as_ref().map(|caption| caption.part.words()),
            choices: caption.as_ref().map_or(&[], |caption| caption.choices),
            right: answered.map(|caption| caption.right),
            because: answered.map_or("", |caption| caption.because),
            choice,
            votes,
            question: (caption.as_ref()).and_then(|caption| caption.question.clone().map(Worded)),
            words: Worded(caption.map_or(Words::new(), |caption| caption.words)),
        }
    }
}

/// Numbers as text.
struct NumberList<'d>(&'d [Number]);

impl Serialize for NumberList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|number| number.as_str()))
    }
}

/// What happened in the lesson step: each line with its subject.
struct HappenedLines<'d>(&'d Happened);

impl Serialize for HappenedLines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = self.0.lines();
        serializer.collect_map(lines.map(|line| (line.subject, Worded(line))))
    }
}

/// The visible panels, with timeline and caption: each name with left edge, upper edge, width and
/// height, in pixels.
struct Shown<'d>(&'d ShownPanels, &'d Layout);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let panels = self.0.all().map(|(panel, area)| (panel.name(), area));
        let bars = [("timeline", self.1.timeline), ("caption", self.1.caption)];
        serializer.collect_map(panels.chain(bars).map(|(words, area)| {
            let (at, size) = (area.top_left, area.size);
            let place = [at.x as u32, at.y as u32, size.width, size.height];
            (words, place)
        }))
    }
}
