//! The decoder of an absolute pointer: four words of VMware's mouse protocol in, movements out.
//!
//! ```text
//! word 0   buttons, and flags          word 2   y, from 0 at the upper edge to 0xffff
//! word 1   x, from 0 at the left edge  word 3   clicks of the wheel towards the user, signed
//! ```
//! Invariant: a press is reported once, however many packets come while the button is down.
//!
//! Source: VMware's and Linux's `vmmouse` drivers.

use super::mouse::Movement;

/// Buttons in word 0.
const LEFT: u32 = 0x20;
const RIGHT: u32 = 0x10;
/// Flag in word 0: the packet is that of a relative mouse, without a position.
const RELATIVE: u32 = 0x0001_0000;

/// The number of words of a packet.
pub const WORDS: usize = 4;

/// Turns packets into movements.
#[derive(Clone, Copy, Debug, Default)]
pub struct AbsolutePackets {
    /// The buttons of the last packet.
    buttons: u32,
}

impl AbsolutePackets {
    /// Decodes a packet.
    pub fn take(&mut self, packet: [u32; WORDS]) -> Option<Movement> {
        let [head, x, y, wheel] = packet;
        if head & RELATIVE != 0 {
            return None;
        }
        let down = head & !self.buttons;
        self.buttons = head & (LEFT | RIGHT);
        // The device sends a byte; a wider value is not from a wheel.
        let wheel = i8::try_from(wheel as i32).unwrap_or(0);
        let part = |value: u32| value.min(u32::from(u16::MAX)) as u16;
        Some(Movement {
            to: Some([part(x), part(y)]),
            wheel: -i32::from(wheel),
            pressed: down & LEFT != 0,
            pressed_right: down & RIGHT != 0,
            ..Movement::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_press_is_reported_once() {
        let mut packets = AbsolutePackets::default();
        let mut pressed = |buttons| {
            let movement = packets.take([buttons, 1, 2, 0]).unwrap();
            (movement.pressed, movement.pressed_right)
        };
        let decoded = [0, LEFT, LEFT, LEFT | RIGHT, RIGHT, LEFT, 0, LEFT].map(&mut pressed);
        let (none, left, right) = ((false, false), (true, false), (false, true));
        assert_eq!(decoded, [none, left, none, right, none, left, none, left]);
    }

    #[test]
    fn the_wheel_is_signed() {
        let wheel = |word| {
            AbsolutePackets::default()
                .take([0, 0, 0, word])
                .unwrap()
                .wheel
        };
        assert_eq!((wheel(1), wheel(u32::MAX), wheel(0x8000_0000)), (-1, 1, 0));
    }

    proptest! {
        /// Any words are decoded without a panic, and none moves the pointer off its range.
        #[test]
        fn any_words_are_decoded(packets in prop::collection::vec(any::<[u32; 4]>(), 0..crate::testing::steps(50))) {
            let mut decoder = AbsolutePackets::default();
            for packet in packets {
                let movement = decoder.take(packet);
                prop_assert_eq!(movement.is_none(), packet[0] & RELATIVE != 0);
                prop_assert!(movement.is_none_or(|it| it.to.is_some() && it.right == 0 && it.down == 0));
            }
        }
    }
}
