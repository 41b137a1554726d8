//! The numbers of the system calls, for the kernel and the programs.

/// The vector of `int`.
pub const VECTOR: u8 = 0x80;
/// A system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Call {
    /// `exit(status)`: ends the process.
    Exit = 0,
    /// `write(bytes, count)`: logs a line; returns how many bytes were read.
    Write = 1,
    /// `yield()`: ends the turn.
    Yield = 2,
    /// `fork()`: returns the child's number, and 0 in the child.
    Fork = 3,
    /// `heap(bytes)`: sets the size of the heap; returns its start.
    Heap = 4,
    /// `map(bytes)`: opens a demand-zero mapping; returns its start.
    Map = 5,
    /// `unmap(start)`: closes a mapping.
    Unmap = 6,
    /// `number()`: returns this process's number.
    Number = 7,
    /// `alive(number)`: returns 1 if that process exists, else 0.
    Alive = 8,
    /// `sleep(milliseconds)`: gives up the CPU for this time, at most a minute.
    Sleep = 9,
    /// `wait()`: gives up the CPU until the kernel wakes this process, between steps of a lesson.
    Wait = 10,
    /// `reference(value)`: reports the value that the last reference saw; returns the address of
    /// the next one, with bit 0 set for a write, or 0 at the end of the string.
    Reference = 11,
    /// `request(value)`: reports the first word of the block that was read last, and plays the next
    /// requests of a workload. Returns the address of a block to touch and its end in RDX, with
    /// bit 0 set for a write; 1 if there is no block to touch, or 0 at the end of the workload.
    Request = 12,
    /// `limit(frames)`: limits the resident pages of this process; 0 removes the limit.
    Limit = 13,
}

impl Call {
    /// All calls, by number.
    pub const ALL: [Call; 14] = [
        Call::Exit,
        Call::Write,
        Call::Yield,
        Call::Fork,
        Call::Heap,
        Call::Map,
        Call::Unmap,
        Call::Number,
        Call::Alive,
        Call::Sleep,
        Call::Wait,
        Call::Reference,
        Call::Request,
        Call::Limit,
    ];
}
