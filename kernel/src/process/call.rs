//! The numbers of the system calls, which the programs know as well.

/// The vector of `int`.
pub const VECTOR: u8 = 0x80;
/// A system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Call {
    /// `exit(status)`: never comes back.
    Exit = 0,
    /// `write(bytes, count)`: a line in the log; how many bytes were taken.
    Write = 1,
    /// `yield()`: the turn is over.
    Yield = 2,
    /// `fork()`: the child's number, 0 in the child.
    Fork = 3,
    /// `heap(bytes)`: the heap shall have this size; where it begins.
    Heap = 4,
    /// `map(bytes)`: a demand-zero mapping; where it begins.
    Map = 5,
    /// `unmap(start)`: the mapping goes back.
    Unmap = 6,
    /// `number()`: this process's number.
    Number = 7,
    /// `alive(number)`: 1 if that process lives, else 0.
    Alive = 8,
    /// `sleep(milliseconds)`: no turn for so long, a minute at most.
    Sleep = 9,
    /// `wait()`: no turn until the kernel wakes this process, between two steps of a lesson.
    Wait = 10,
}

impl Call {
    /// All calls, by number.
    pub const ALL: [Call; 11] = [
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
    ];
}
