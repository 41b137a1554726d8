//! Figures that a lesson notes by name: captions show them, checks use them, and lessons select
//! noted addresses on the screen.

use super::Stage;
use crate::lessons::failure::{Outcome, fact};
use crate::lessons::words::{Note, Notes};
use crate::memory::physical::frames::{self, FRAME};
use memviz::view::selection::Selection;
use memviz::view::zoom::Zoom;
use mm::heap::fragmentation::Thousandths;
use x86_64::structures::paging::PhysFrame;
use x86_64::{PhysAddr, VirtAddr};

impl Stage {
    /// Notes a figure for captions and checks.
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

    /// Notes the physical address of a frame.
    pub fn frame(&mut self, name: &'static str, frame: PhysFrame) {
        self.note(name, Note::Address(frame.start_address().as_u64()));
    }

    /// Notes a size.
    pub fn bytes(&mut self, name: &'static str, bytes: u64) {
        self.note(name, Note::Bytes(bytes));
    }

    /// Returns the value of a noted figure, in its own unit.
    ///
    /// # Panics
    /// If the lesson did not note it.
    pub fn get(&self, name: &str) -> u64 {
        match self.notes.get(name) {
            Some(&(Note::Count(value) | Note::Address(value) | Note::Bytes(value))) => value,
            Some(&(Note::Share(Thousandths(value)) | Note::Index(value))) => value.into(),
            Some(Note::Percent { .. } | Note::Text(_)) | None => {
                panic!("the lesson uses {name}, which it did not note")
            }
        }
    }

    /// Returns a noted count as a number, of a process for example.
    ///
    /// # Panics
    /// As [`Stage::get`].
    pub fn number(&self, name: &str) -> u32 {
        self.get(name) as u32
    }

    /// Returns a selection of the frame at a noted address, if it was noted.
    pub fn selected_frame(&self, name: &str) -> Option<Selection> {
        self.selected_frames(name, 1)
    }

    /// Returns a selection of several frames, from a noted address on, if it was noted.
    pub fn selected_frames(&self, name: &str, count: usize) -> Option<Selection> {
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let first = (address / FRAME) as usize;
        Some(Selection::Frames { first, count })
    }

    /// Selects the page at a noted address, if it was noted. The address space is that of a noted
    /// process, or else of the kernel.
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

    /// Returns a selection of the heap block at a noted address, if it was noted.
    pub fn selected_block(&self, name: &str) -> Option<Selection> {
        match self.notes.get(name) {
            Some(&Note::Address(address)) => {
                Some(Selection::Block(VirtAddr::new_truncate(address)))
            }
            _ => None,
        }
    }

    /// Returns the part of memory around a noted address, if it was noted: at most 4 MiB.
    pub fn around(&self, name: &str) -> Option<Zoom> {
        const FRAMES: usize = 1024;
        let Some(&Note::Address(address)) = self.notes.get(name) else {
            return None;
        };
        let frames = frames::lock().frames();
        Some(Zoom::about((address / FRAME) as usize, FRAMES, frames))
    }

    /// Returns the part of memory below an address.
    pub fn below(&self, end: PhysAddr) -> Option<Zoom> {
        let window = (end.as_u64() / FRAME) as usize;
        Some(Zoom::about(window / 2, window, frames::lock().frames()))
    }

    /// Returns all noted figures.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Removes all figures.
    pub fn forget(&mut self) {
        self.notes = Notes::new();
    }

    /// Checks that the number of free frames equals the noted figure `free`.
    pub fn all_is_free(&self) -> Outcome {
        let (free, before) = (self.free_frames(), self.get("free"));
        fact!(free == before, "{free} frames are free, {before} were");
        Ok(())
    }
}
