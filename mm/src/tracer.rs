//! The interface through which allocators record events.

use crate::event::Payload;

/// Records the events of an allocator. The implementation adds time, CPU and call site.
///
/// [`Silent`] drops every event and compiles to nothing.
pub trait Tracer {
    /// Records an event. The implementation must not block or allocate.
    fn record(&self, payload: Payload);
}

/// A tracer that drops every event.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Tracer for Silent {
    #[inline(always)]
    fn record(&self, _: Payload) {}
}

impl<T: Tracer + ?Sized> Tracer for &T {
    #[inline(always)]
    fn record(&self, payload: Payload) {
        (**self).record(payload);
    }
}

/// A tracer that keeps every event, for tests.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Recorder(pub std::cell::RefCell<Vec<Payload>>);

#[cfg(test)]
impl Tracer for Recorder {
    fn record(&self, payload: Payload) {
        self.0.borrow_mut().push(payload);
    }
}
