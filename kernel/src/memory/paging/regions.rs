//! Which ranges of virtual addresses mean what: guard pages, demand-zero windows.

use crate::memory::trace;
use mm::event::Payload;
use mm::paging::{Window, WindowError, WindowPolicy, WindowTable};
use mm::tag::Tag;
use spin::Mutex;
use x86_64::VirtAddr;

/// Room for so many windows.
const CAPACITY: usize = 160;

static WINDOWS: Mutex<WindowTable<CAPACITY>> = Mutex::new(WindowTable::new());

/// Opens a window.
///
/// # Panics
/// If it overlaps another one or the table is full: the kernel opens a fixed set of windows, so
/// that is a mistake in it.
pub fn open(start: VirtAddr, bytes: u64, policy: WindowPolicy, owner: Tag) {
    let window = Window {
        start,
        bytes,
        policy,
        owner,
    };
    if let Err(error) = insert(window) {
        panic!("no window for {bytes} bytes at {start:#x}: {error}");
    }
}

/// Closes the window that begins there.
///
/// # Panics
/// If there is none.
pub fn close(start: VirtAddr) {
    let closed = WINDOWS.lock().remove(start);
    let Window {
        start,
        bytes,
        policy,
        owner,
    } = closed.unwrap_or_else(|error| panic!("{error}"));
    trace::record(Payload::WindowClose {
        start,
        bytes,
        policy,
        owner,
    });
}

fn insert(window: Window) -> Result<(), WindowError> {
    let Window {
        start,
        bytes,
        policy,
        owner,
    } = window;
    WINDOWS.lock().insert(window)?;
    trace::record(Payload::WindowOpen {
        start,
        bytes,
        policy,
        owner,
    });
    Ok(())
}

/// The window that this address is in. Does not wait: a fault may come while the table is in use.
pub fn find(address: VirtAddr) -> Option<Window> {
    WINDOWS.try_lock()?.find(address).copied()
}

/// Calls `visit` with each open window, by ascending address.
pub fn for_each(mut visit: impl FnMut(&Window)) {
    for window in WINDOWS.lock().windows() {
        visit(window);
    }
}
