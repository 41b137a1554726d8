//! Figures that a lesson notes by name: its words tell them, its checks look at them, and where
//! they are addresses, they are selected on the screen.

use super::Stage;
use crate::lessons::failure::{Outcome, fact};
use crate::lessons::words::{Note, Notes};
use crate::memory::physical::frames::{self, FRAME};
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;
use mm::heap::fragmentation::Thousandths;
use x86_64::VirtAddr;
use x86_64::structures::paging::PhysFrame;

impl Stage {
    /// Notes a figure, to be shown in the words and looked at by the checks.
    pub fn note(&mut self, name: &'static str, note: Note) {
        let full = self.notes.insert(name, note).is_err();
        assert!(!full, "a lesson notes too many figures to note {name}");
    }

    /// Notes a count.
    pub fn count(&mut self, name: &'static str, count: u64) {
        self.note(name, Note::Count(count));
    }

    /// Notes a virtual address.
    pub fn address(&mut self, name: &'static str, address: VirtAddr) {
        self.note(name, Note::Address(address.as_u64()));
    }

    /// Notes where a frame begins.
    pub fn frame(&mut self, name: &'static str, frame: PhysFrame) {
        self.note(name, Note::Address(frame.start_address().as_u64()));
    }

    /// Notes a size.
    pub fn bytes(&mut self, name: &'static str, bytes: u64) {
        self.note(name, Note::Bytes(bytes));
    }

    /// A figure as it was noted, in units of its own.
    ///
    /// # Panics
    /// When nobody noted it.
    pub fn get(&self, name: &str) -> u64 {
        match self.notes.get(name) {
            Some(&(Note::Count(value) | Note::Address(value) | Note::Bytes(value))) => value,
            Some(&Note::Share(Thousandths(value))) => value.into(),
            Some(Note::Percent { .. } | Note::Text(_)) | None => {
                panic!("the lesson asks for {name}, which nobody noted")
            }
        }
    }

    /// A number that was noted as a count, of a process for example.
    ///
    /// # Panics
    /// As [`Stage::get`].
    pub fn number(&self, name: &str) -> u32 {
        self.get(name) as u32
    }

    /// The frame at the address that was noted, to be selected, once it was.
    pub fn selected_frame(&self, name: &str) -> Option<Selection> {
        self.selected_frames(name, 1)
    }

    /// The same of several frames.
    pub fn selected_frames(&self, name: &str, count: usize) -> Option<Selection> {
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let first = (address / FRAME) as usize;
        Some(Selection::Frames { first, count })
    }

    /// The page at the address that was noted, to be selected, once it was; in the space of a
    /// process, or of the kernel.
    pub fn selected_page(&self, space: &str, name: &str) -> Option<Selection> {
        let space = match self.notes.get(space) {
            Some(&Note::Count(number)) => number as u32,
            _ => 0,
        };
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let address = VirtAddr::new_truncate(address);
        Some(Selection::Page { space, address })
    }

    /// The heap block at the address that was noted, to be selected, once it was.
    pub fn selected_block(&self, name: &str) -> Option<Selection> {
        match self.notes.get(name) {
            Some(&Note::Address(address)) => {
                Some(Selection::Block(VirtAddr::new_truncate(address)))
            }
            _ => None,
        }
    }

    /// The part of memory about the address that was noted, once it was: 4 MiB at most.
    pub fn around(&self, name: &str) -> Option<Zoom> {
        const WINDOW: usize = 1024;
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let frames = frames::lock().frames();
        Some(Zoom::about((address / FRAME) as usize, WINDOW, frames))
    }

    /// Everything that was noted.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Forgets all figures.
    pub fn forget(&mut self) {
        self.notes = Notes::new();
    }

    /// As many frames are free as were when `free` was noted.
    pub fn all_is_back(&self) -> Outcome {
        let (free, before) = (self.free_frames(), self.get("free"));
        fact!(free == before, "{free} frames are free, {before} were");
        Ok(())
    }
}
