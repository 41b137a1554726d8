//! Where the allocators tell what they did.

use crate::event::Payload;

/// Takes what happened. The implementer adds time, CPU and call site.
///
/// The empty implementation, [`Silent`], compiles to nothing.
pub trait Tracer {
    /// Records one thing that happened. Must not block and must not allocate.
    fn record(&self, payload: Payload);
}

/// A tracer that drops everything.
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

/// A tracer that keeps everything, for tests.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct Recorder(pub std::cell::RefCell<Vec<Payload>>);

#[cfg(test)]
impl Tracer for Recorder {
    fn record(&self, payload: Payload) {
        self.0.borrow_mut().push(payload);
    }
}
