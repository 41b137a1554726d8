//! What the machine knew beside its events: captions, lessons, and names.

use memviz::dashboard::record::{StoredCaption, StoredLesson};
use memviz::view::caption::{Caption, LessonEntry, Words};
use memviz::view::names::Names;
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The highest level of zoom: 64 of as many frames as a machine may have.
const MOST_ZOOM: u32 = 9;

/// Captions, lessons and names, by the numbers and addresses in events.
#[derive(Default)]
pub struct Lore {
    captions: RefCell<BTreeMap<u32, Caption>>,
    lessons: RefCell<Vec<LessonEntry>>,
    programs: RefCell<Vec<&'static str>>,
    areas: RefCell<BTreeMap<u64, &'static str>>,
    functions: RefCell<BTreeMap<u64, &'static str>>,
    texts: RefCell<BTreeMap<String, &'static str>>,
}

impl Lore {
    /// The names of this lore, for a dashboard.
    pub fn names(&'static self, counts_instructions: bool) -> Names {
        Names {
            program: leak(|number: u8| self.program(number)),
            area: leak(|address: u64| {
                let areas = self.areas.borrow();
                areas
                    .range(..=address)
                    .next_back()
                    .map_or("", |(_, name)| name)
            }),
            function: leak(|address: u64| self.function(address)),
            counts_instructions,
        }
    }

    /// Returns the name of a program, empty if it has none.
    pub fn program(&self, number: u8) -> &'static str {
        let programs = self.programs.borrow();
        programs.get(usize::from(number)).copied().unwrap_or("")
    }

    /// Returns the function at an address of the kernel.
    pub fn function(&self, address: u64) -> Option<&'static str> {
        self.functions.borrow().get(&address).copied()
    }

    /// Returns the caption with this number.
    pub fn caption(&self, number: u32) -> Option<Caption> {
        self.captions.borrow().get(&number).cloned()
    }

    /// Returns the lesson with this number.
    pub fn lesson(&self, number: usize) -> Option<LessonEntry> {
        self.lessons.borrow().get(number).copied()
    }

    pub fn add_program(&self, name: &str) {
        self.programs.borrow_mut().push(self.keep(name));
    }

    pub fn add_area(&self, start: u64, name: &str) {
        self.areas.borrow_mut().insert(start, self.keep(name));
    }

    pub fn add_function(&self, address: u64, name: &str) {
        self.functions.borrow_mut().insert(address, self.keep(name));
    }

    pub fn add_lesson(&self, lesson: &StoredLesson<'_>) {
        let entry = LessonEntry {
            name: self.keep(lesson.name),
            title: self.keep(lesson.title),
            goal: self.keep(lesson.goal),
            steps: lesson.steps,
            seconds: lesson.seconds,
        };
        self.lessons.borrow_mut().push(entry);
    }

    /// Adds a caption of a machine with so many frames. What does not exist there is dropped.
    pub fn add_caption(&self, stored: &StoredCaption<'_>, frames: usize) {
        let exists = |selection: &Selection| match *selection {
            Selection::Frames { first, count } => first.saturating_add(count) <= frames,
            _ => true,
        };
        let is_sane = |zoom: &Zoom| zoom.level <= MOST_ZOOM && zoom.middle < frames;
        let words = |text: &str| {
            let mut words = Words::new();
            // The kernel's captions fit. Other text is cut.
            text.chars()
                .for_each(|character| drop(words.push(character)));
            words
        };
        let choices: Vec<_> = stored.choices.iter().map(|text| self.keep(text)).collect();
        let caption = Caption {
            lesson: self.keep(stored.lesson),
            title: self.keep(stored.title),
            step: stored.step,
            steps: stored.steps,
            part: stored.part,
            words: words(stored.words),
            question: stored.question.map(words),
            choices: choices.leak(),
            right: usize::from(stored.right),
            is_answered: stored.is_answered,
            because: self.keep(stored.because),
            conceals: stored.conceals,
            board: stored.board,
            figure: stored.figure,
            mode: stored.mode,
            selection: stored.selection.filter(exists),
            zoom: stored.zoom.filter(is_sane),
        };
        self.captions.borrow_mut().insert(stored.number, caption);
    }

    /// Keeps a text for ever, once.
    pub fn keep(&self, text: &str) -> &'static str {
        let mut texts = self.texts.borrow_mut();
        if let Some(kept) = texts.get(text) {
            return kept;
        }
        let kept: &'static str = String::from(text).leak();
        texts.insert(text.into(), kept);
        kept
    }
}

fn leak<F>(value: F) -> &'static F {
    Box::leak(Box::new(value))
}
