//! The floor: a stack of free frame numbers, without any check or any run.

use crate::contests::frames::contender::FrameContender;

/// Free frames, the lowest on top.
pub struct Stack(Vec<usize>);

impl FrameContender for Stack {
    const NAME: &'static str = "a stack of numbers";
    const MOST_ORDER: u32 = 0;

    fn new(frames: usize) -> Self {
        Stack((0..frames).rev().collect())
    }

    fn allocate(&mut self) -> Option<usize> {
        self.0.pop()
    }

    fn free(&mut self, frame: usize) {
        self.0.push(frame);
    }

    fn allocate_run(&mut self, _: u32) -> Option<usize> {
        None
    }

    fn free_run(&mut self, _: usize, _: u32) {}
}
