//! The line for the name of a bookmark.
//!
//! `B` sets a bookmark at the picture and opens the line. Enter gives the name; Esc leaves the
//! bookmark as it is.

use super::Dashboard;
use super::info::Request;
use crate::input::keys::Key;
use crate::timeline::bookmarks::FULL;

impl Dashboard<'_> {
    /// Sets a bookmark at the picture, and opens the line for its name.
    pub(super) fn open_naming(&mut self) -> Option<Request> {
        self.set_help(None);
        let position = self.timeline.cursor();
        let bookmarks = &mut self.timeline.bookmarks;
        let is_there = bookmarks.name_at(position).is_some();
        if !is_there && !bookmarks.set(position, "") {
            return Some(Request::Warn(FULL));
        }
        self.naming.open(position);
        None
    }

    /// Handles a key of the line.
    pub(super) fn type_name(&mut self, key: Key) {
        let Some((position, name)) = self.naming.take(key) else {
            return;
        };
        // The bookmark may have been evicted meanwhile.
        if self.timeline.bookmarks.name_at(position).is_some() {
            self.timeline.bookmarks.set(position, name.trim());
        }
    }

    /// Sets or removes a bookmark of a trace. Positions outside of the history are ignored.
    pub fn restore_bookmark(&mut self, position: u64, name: Option<&str>) {
        let known = self.timeline.first()..=self.timeline.end();
        match name {
            Some(name) if known.contains(&position) => {
                self.timeline.bookmarks.set(position, name);
            }
            Some(_) => {}
            None => self.timeline.bookmarks.remove(position),
        }
    }

    /// Returns the bookmark that changed since the last call, and its name if it is still there.
    pub fn take_changed_bookmark(&mut self) -> Option<(u64, Option<&str>)> {
        self.timeline.bookmarks.take_changed()
    }
}
