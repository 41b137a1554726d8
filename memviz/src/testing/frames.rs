//! Frames: allocated, freed, shared, retagged and warmed.

use super::Machine;
use mm::event::Payload;
use mm::heat::Level;
use mm::tag::Tag;
use x86_64::PhysAddr;

impl Machine {
    pub(super) fn act_on_frames(&mut self, what: u8, number: usize, tag: Tag, amount: u64) {
        let usable = self.usable();
        let frame = PhysAddr::new(number as u64 * 4096);
        match what {
            0..=2 => {
                let most = usable - number;
                let wanted = (amount as usize % 40 + 1).min(most);
                let free = self.frames[number..number + wanted].iter();
                let run = free.take_while(|(tag, _)| tag.is_empty()).count();
                let payload = if run > 0 {
                    self.frames[number..number + run].fill((tag, 1));
                    Payload::FrameAllocate {
                        first: frame,
                        frames: run as u64,
                        tag,
                    }
                } else {
                    let frames = wanted as u64;
                    let run = mm::frame::Run {
                        align_frames: 1 << (amount % 4),
                        ..mm::frame::Run::of(frames)
                    };
                    let refused = run.into();
                    Payload::FrameRefuse { refused, tag }
                };
                self.emit(payload);
            }
            4 | 5 => {
                let (tag, references) = self.frames[number];
                if references == 1 {
                    let all = self.frames[number..usable].iter();
                    let run = all.take_while(|&&other| other == (tag, 1)).count();
                    self.frames[number..number + run].fill((Tag::empty(), 0));
                    self.emit(Payload::FrameFree {
                        first: frame,
                        frames: run as u64,
                        tag,
                    });
                }
            }
            6 => {
                let (tag, from) = self.frames[number];
                let to = if amount.is_multiple_of(2) {
                    from + 1
                } else {
                    from.saturating_sub(1)
                };
                let to = if amount.is_multiple_of(31) {
                    80_000
                } else {
                    to
                };
                if from > 0 && to > 0 && from != to {
                    self.frames[number].1 = to;
                    self.emit(Payload::FrameReference {
                        frame,
                        from,
                        to,
                        tag,
                    });
                }
            }
            7 => {
                let from = self.frames[number].0;
                if !from.is_empty() {
                    self.frames[number].0 = tag;
                    self.emit(Payload::FrameRetag {
                        first: frame,
                        frames: 1,
                        from,
                        to: tag,
                    });
                }
            }
            _ => {}
        }
    }

    pub(super) fn act_on_heat(&mut self, first: usize, amount: u64) {
        let from = self.heat[first];
        let alike = self.heat[first..]
            .iter()
            .take_while(|&&level| level == from);
        let frames = alike.take(amount as usize % 50 + 1).count();
        let to = Level::new(amount as u8 / 2).expect("half a byte's numbers are levels");
        self.heat[first..first + frames].fill(to);
        self.emit(Payload::FrameHeat {
            first: PhysAddr::new(first as u64 * 4096),
            frames: frames as u32,
            from,
            to,
        });
    }
}
