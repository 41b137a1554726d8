//! The contents of the picture.

use mm::heap::strategy::Strategy;
use mm::heap::workload::Lifetimes;

use super::super::spans::Span;

/// The results of a strategy.
pub struct HeapMap {
    pub strategy: Strategy,
    pub utilisation: String,
    pub spans: Vec<Span>,
    /// The request, from 1, that failed first; 0 if none did.
    pub first_failure: usize,
    /// The first request that this strategy places unlike the first one.
    pub difference: Option<usize>,
}

/// The picture.
pub struct HeapMaps {
    pub subtitle: String,
    pub requests: usize,
    /// The addresses that are shown, from 0.
    pub bytes: u64,
    pub maps: Vec<HeapMap>,
    pub lifetimes: Lifetimes,
}
