//! x
use mm::memory_map::MemoryMap;
pub fn init(_m: &MemoryMap<'_>) -> Result<(), super::InitError> {
    Ok(())
}
