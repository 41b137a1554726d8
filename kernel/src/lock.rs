//! The kernel's lock: a spin lock that panics where spinning would never end.
//!
//! There is one CPU, and the kernel is not preempted. So a lock that is held when it is wanted is
//! held by code that this code interrupted, or by a caller of it: the holder cannot go on before
//! this code does. Instead of hanging without a word, the kernel says which lock it was, and who
//! wants it, and who holds it. A handler that can do without takes
//! [`Mutex::try_lock`]. `docs/locks.md` lists the locks and who takes them.

use core::panic::Location;
use core::sync::atomic::{AtomicPtr, Ordering};
pub use spin::MutexGuard;

/// A value, and the right to use it.
pub struct Mutex<T> {
    value: spin::Mutex<T>,
    /// The location of the last call that locked it.
    holder: AtomicPtr<Location<'static>>,
}

impl<T> Mutex<T> {
    /// Creates a free lock.
    pub const fn new(value: T) -> Mutex<T> {
        Mutex {
            value: spin::Mutex::new(value),
            holder: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// Locks the value.
    ///
    /// # Panics
    /// If it is held: the wait would never end.
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        match self.try_lock() {
            Some(guard) => guard,
            None => self.endless(),
        }
    }

    /// Locks the value if the lock is free.
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let guard = self.value.try_lock()?;
        let here = core::ptr::from_ref(Location::caller()).cast_mut();
        self.holder.store(here, Ordering::Relaxed);
        Some(guard)
    }

    /// Releases the lock of another holder.
    ///
    /// # Safety
    /// The holder must never run again.
    pub unsafe fn force_unlock(&self) {
        // SAFETY: the caller promises that the holder is gone.
        unsafe { self.value.force_unlock() };
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn endless(&self) -> ! {
        let what = core::any::type_name::<T>();
        let wanted = Location::caller();
        let holder = self.holder.load(Ordering::Relaxed);
        // SAFETY: only locations of the image are stored, and they are static.
        match unsafe { holder.as_ref() } {
            Some(holder) => {
                panic!("deadlock: {wanted} wants the lock of {what}, held since {holder}")
            }
            None => panic!("deadlock: {wanted} wants the lock of {what}"),
        }
    }
}
