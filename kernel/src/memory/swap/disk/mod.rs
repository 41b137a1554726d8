//! Swap on a disk: a virtio block device, with eight sectors for each slot.
//!
//! ```text
//! page ─copy─► buffers ─► virtio queue ─► disk      the CPU polls until the disk has answered
//! ```
//! One request at a time. A disk that does not answer within [`TIMEOUT`] is an error, and is not
//! used any more. The driver is the crate `virtio-drivers`.

mod buffers;
mod error;
mod find;
mod hal;

use super::checksum::checksum;
use super::content::{Content, PAGE};
use super::device::{Device, DeviceKind, Stored};
use super::error::{RequestError, SwapError};
use crate::machine::clock;
use buffers::Buffers;
use core::hint;
pub use error::NoDisk;
use hal::Kernel;
use mm::paging::SwapSlot;
use virtio_drivers::device::blk::{SECTOR_SIZE, VirtIOBlk};
use virtio_drivers::transport::pci::PciTransport;

/// The longest time to wait for an answer, in nanoseconds.
const TIMEOUT: u64 = 5 * clock::SECOND;
/// Sectors of a page.
const SECTORS: usize = PAGE / SECTOR_SIZE;

/// A disk that holds pages.
pub struct Disk {
    driver: VirtIOBlk<Kernel, PciTransport>,
    buffers: Buffers,
    /// A request had no answer: the disk may still use the buffers.
    is_silent: bool,
}

impl Disk {
    /// Finds a disk, and starts its driver.
    ///
    /// # Errors
    /// When there is no disk that holds pages, or no memory for its driver.
    pub fn find() -> Result<Disk, NoDisk> {
        let transport = find::find()?;
        let mut driver = VirtIOBlk::new(transport).map_err(NoDisk::Driver)?;
        driver.disable_interrupts();
        if driver.readonly() {
            return Err(NoDisk::ReadOnly);
        }
        if driver.capacity() < SECTORS as u64 {
            return Err(NoDisk::TooSmall);
        }
        Ok(Disk {
            driver,
            buffers: Buffers::new()?,
            is_silent: false,
        })
    }

    /// Reads the page of a slot into the buffers.
    fn read(&mut self, slot: SwapSlot) -> Result<(), RequestError> {
        self.check_that_it_answers()?;
        let Buffers {
            data,
            request,
            answer,
        } = &mut self.buffers;
        let sector = first_sector(slot);
        // SAFETY: the buffers are used again only after this request was completed, or never.
        let token = unsafe {
            self.driver
                .read_blocks_nb(sector, request, &mut data[..], answer)?
        };
        self.wait(token)?;
        let Buffers {
            data,
            request,
            answer,
        } = &mut self.buffers;
        // SAFETY: these are the buffers of the request.
        unsafe {
            self.driver
                .complete_read_blocks(token, request, &mut data[..], answer)?;
        }
        Ok(())
    }

    /// Writes a page to a slot.
    fn write(&mut self, slot: SwapSlot, page: &Content) -> Result<(), RequestError> {
        self.check_that_it_answers()?;
        self.buffers.data.copy_from_slice(page);
        let Buffers {
            data,
            request,
            answer,
        } = &mut self.buffers;
        let sector = first_sector(slot);
        // SAFETY: the buffers are used again only after this request was completed, or never.
        let token = unsafe {
            self.driver
                .write_blocks_nb(sector, request, &data[..], answer)?
        };
        self.wait(token)?;
        let Buffers {
            data,
            request,
            answer,
        } = &mut self.buffers;
        // SAFETY: these are the buffers of the request.
        unsafe {
            self.driver
                .complete_write_blocks(token, request, &data[..], answer)?;
        }
        Ok(())
    }

    /// A disk that was silent once gets no request, because it may still use the buffers.
    fn check_that_it_answers(&self) -> Result<(), RequestError> {
        match self.is_silent {
            true => Err(RequestError::NoAnswer),
            false => Ok(()),
        }
    }

    /// Waits until the disk has answered this request.
    fn wait(&mut self, token: u16) -> Result<(), RequestError> {
        let end = clock::now() + TIMEOUT;
        while self.driver.peek_used() != Some(token) {
            if clock::now() > end {
                self.is_silent = true;
                return Err(RequestError::NoAnswer);
            }
            hint::spin_loop();
        }
        Ok(())
    }
}

impl Device for Disk {
    fn kind(&self) -> DeviceKind {
        DeviceKind::Disk {
            bytes: self.driver.capacity() * SECTOR_SIZE as u64,
            is_silent: self.is_silent,
        }
    }

    fn slots(&self, _: usize) -> usize {
        self.driver.capacity() as usize / SECTORS
    }

    fn store(&mut self, slot: SwapSlot, page: &Content) -> Result<Stored, SwapError> {
        self.write(slot, page).map_err(|why| SwapError::Disk {
            slot,
            is_write: true,
            why,
        })?;
        Ok(Stored {
            block: 0,
            checksum: checksum(page),
            bytes: PAGE as u16,
            is_frame: false,
        })
    }

    fn load(
        &mut self,
        slot: SwapSlot,
        stored: &Stored,
        page: &mut Content,
    ) -> Result<(), SwapError> {
        self.read(slot).map_err(|why| SwapError::Disk {
            slot,
            is_write: false,
            why,
        })?;
        page.copy_from_slice(&self.buffers.data[..]);
        match checksum(page) == stored.checksum {
            true => Ok(()),
            false => Err(SwapError::Corrupt(slot)),
        }
    }

    fn free(&mut self, _: Stored) {}

    fn corrupt_for_test(&mut self, slot: SwapSlot, _: &Stored) -> bool {
        if self.read(slot).is_err() {
            return false;
        }
        let mut page = *self.buffers.data;
        page[0] ^= 1;
        self.write(slot, &page).is_ok()
    }
}

fn first_sector(slot: SwapSlot) -> usize {
    slot.number() as usize * SECTORS
}
