//! The device in use: the disk if there is one, else compressed memory.
//!
//! A test can make requests fail on either of them.

use super::compressed::Compressor;
use super::content::Content;
use super::device::{Device, DeviceKind, Stored};
use super::disk::Disk;
use super::error::{RequestError, SwapError};
use mm::frame::FaultInjection;
use mm::paging::SwapSlot;

/// Compressed memory, and the disk if there is one.
pub struct Devices {
    compressor: Compressor,
    disk: Option<Disk>,
    injection: FaultInjection,
}

impl Devices {
    pub const fn new() -> Self {
        Self {
            compressor: Compressor::new(),
            disk: None,
            injection: FaultInjection::OFF,
        }
    }

    /// Stores pages on this disk from now on. No page may be stored yet.
    pub fn attach(&mut self, disk: Disk) {
        self.disk = Some(disk);
    }

    /// For a test: the next requests to store or to load a page fail as this value says.
    pub fn inject_failures(&mut self, injection: FaultInjection) {
        self.injection = injection;
    }

    fn active(&mut self) -> &mut dyn Device {
        match &mut self.disk {
            Some(disk) => disk,
            None => &mut self.compressor,
        }
    }

    fn request(&mut self, slot: SwapSlot, is_write: bool) -> Result<&mut dyn Device, SwapError> {
        if self.injection.should_fail() {
            let why = RequestError::Refused;
            return Err(SwapError::Disk {
                slot,
                is_write,
                why,
            });
        }
        Ok(self.active())
    }
}

impl Device for Devices {
    fn kind(&self) -> DeviceKind {
        match &self.disk {
            Some(disk) => disk.kind(),
            None => self.compressor.kind(),
        }
    }

    fn slots(&self, frames: usize) -> usize {
        match &self.disk {
            Some(disk) => disk.slots(frames),
            None => self.compressor.slots(frames),
        }
    }

    fn store(&mut self, slot: SwapSlot, page: &Content) -> Result<Stored, SwapError> {
        self.request(slot, true)?.store(slot, page)
    }

    fn load(
        &mut self,
        slot: SwapSlot,
        stored: &Stored,
        page: &mut Content,
    ) -> Result<(), SwapError> {
        self.request(slot, false)?.load(slot, stored, page)
    }

    fn free(&mut self, stored: Stored) {
        self.active().free(stored);
    }

    fn corrupt_for_test(&mut self, slot: SwapSlot, stored: &Stored) -> bool {
        self.active().corrupt_for_test(slot, stored)
    }
}
