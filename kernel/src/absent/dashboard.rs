//! Replaces the dashboard in a kernel without a dashboard: a [`DashboardSession`] never exists.

use crate::boot::Framebuffer;
use crate::boot::options::Options;
#[cfg(feature = "demo")]
use core::iter::Empty;
#[cfg(feature = "demo")]
use memviz::{
    dashboard::Notice, dashboard::Request, dashboard::actions::Action, dashboard::state::State,
    input::keyboard_layout::KeyboardLayout, input::keys::Key, input::mouse::Movement, model::Model,
};

/// A type without values, so the compiler proves that its functions never run.
pub enum DashboardSession {}

impl DashboardSession {
    /// Always fails.
    pub fn new(_: Framebuffer, _: &Options<'_>) -> Result<DashboardSession, &'static str> {
        Err("this kernel was built without the dashboard")
    }

    pub fn is_live(&self) -> bool {
        match *self {}
    }

    pub fn drain(&mut self) {
        match *self {}
    }

    pub fn show(&mut self) {
        match *self {}
    }

    pub fn verify_all(&mut self) -> u64 {
        match *self {}
    }

    pub fn troubles(&self) -> (u64, u64) {
        match *self {}
    }

    pub fn picture(&mut self, _: core::fmt::Arguments<'_>) {
        match *self {}
    }
}

#[cfg(feature = "demo")]
impl DashboardSession {
    pub fn handle(&mut self, _: Action) -> Option<Request> {
        match *self {}
    }

    pub fn action_of(&self, _: Key) -> Option<Action> {
        match *self {}
    }

    pub fn set_still(&mut self, _: bool) {
        match *self {}
    }

    pub fn write_svg(&mut self, _: &mut impl core::fmt::Write) -> core::fmt::Result {
        match *self {}
    }

    pub fn point(&mut self, _: &Movement) -> Empty<Action> {
        match *self {}
    }

    pub fn save(&mut self, _: Option<&str>) {
        match *self {}
    }

    pub fn save_last(&mut self) {
        match *self {}
    }

    pub fn set_notice(&mut self, _: Option<Notice>) {
        match *self {}
    }

    pub fn set_keyboard(&mut self, _: KeyboardLayout) {
        match *self {}
    }

    pub fn set_shell(&mut self, _: bool) {
        match *self {}
    }

    pub fn turn_shell(&mut self, _: i32) {
        match *self {}
    }

    pub fn model(&self) -> &Model<'static> {
        match *self {}
    }

    pub fn state(&mut self) -> State<'_> {
        match *self {}
    }

    pub fn is_paused(&self) -> bool {
        match *self {}
    }
}
