use mm::paging::*;
use mm::tag::Tag;
use x86_64::VirtAddr;
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub start: VirtAddr,
    pub bytes: u64,
    pub policy: WindowPolicy,
    pub owner: Tag,
}
#[derive(Clone, Copy, Debug)]
pub struct WindowError;
pub struct WindowTable<const N: usize>(heapless::Vec<Window, N>);
impl<const N: usize> WindowTable<N> {
    pub const fn new() -> Self {
        Self(heapless::Vec::new())
    }
    pub fn insert(&mut self, w: Window) -> Result<(), WindowError> {
        self.0.push(w).map_err(|_| WindowError)
    }
    pub fn find(&self, a: VirtAddr) -> Option<&Window> {
        self.0
            .iter()
            .find(|w| a >= w.start && a < w.start + w.bytes)
    }
}
pub fn classify(_c: ErrorCode, a: VirtAddr, m: Option<Access>, w: Option<&Window>) -> FaultCause {
    if let Some(w) = w {
        match w.policy {
            WindowPolicy::Guard => return FaultCause::Guard,
            WindowPolicy::DemandZero => return FaultCause::DemandZero,
            _ => {}
        }
    }
    if a.as_u64() < 4096 {
        return FaultCause::Null;
    }
    if m.is_some() {
        return FaultCause::WriteReadOnly;
    }
    FaultCause::Unmapped
}
