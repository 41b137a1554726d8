//! The kernel's lock: it panics where a spin lock would spin forever.
//!
//! There is one CPU, and the kernel is not preempted. So the holder of a lock that this code
//! requests is a caller, or code that this code interrupted. The holder cannot continue before this
//! code does. Instead of hanging silently, the kernel reports the lock, the code that requests it
//! and the code that holds it. A handler that can continue without the lock uses
//! [`Mutex::try_lock`]. `docs/locks.md` lists the locks and who takes them.

use core::panic::Location;
use core::sync::atomic::{AtomicPtr, Ordering};
pub use spin::MutexGuard;

/// A value that one holder at a time may use.
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
