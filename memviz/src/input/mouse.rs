//! The decoder of PS/2 mouse packets: bytes in, movements out.
//!
//! ```text
//! byte 0   bits 0 to 2: buttons left, right, middle   3: always 1   4, 5: signs of x and y   6, 7: x or y overflowed
//! byte 1   x, to the right
//! byte 2   y, upwards
//! byte 3   with a wheel only: its clicks towards the user, in two's complement
//! ```
//! The decoder drops bytes that cannot start a packet, and discards an incomplete packet when the
//! mouse rests ([`Packets::rest`]). A lost byte therefore costs one packet only.
//!
//! No crate fits: `ps2` 0.2 and `ps2-mouse` 0.1 need a nightly compiler, and neither supports the
//! wheel. Source: Adam Chapweske, *The PS/2 Mouse Interface*.

/// The left button is down.
const LEFT: u8 = 1;
/// The right button is down.
const RIGHT: u8 = 2;
/// Every first byte has this bit.
const ALWAYS: u8 = 1 << 3;
const NEGATIVE_X: u8 = 1 << 4;
const NEGATIVE_Y: u8 = 1 << 5;
/// The movement overflowed, so the packet is invalid.
const OVERFLOW: u8 = 0b1100_0000;
/// The range of wheel clicks in a valid packet.
const WHEEL: core::ops::RangeInclusive<i8> = -8..=7;

/// The movement and the buttons of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Movement {
    /// The movement to the right, in counts of the mouse.
    pub right: i32,
    /// The movement downwards, in counts of the mouse.
    pub down: i32,
    /// The new position, of an absolute pointer: parts in 65,536 of width and height.
    pub to: Option<[u16; 2]>,
    /// Clicks of the wheel, away from the user.
    pub wheel: i32,
    /// True if the left button went down.
    pub pressed: bool,
    /// True if the right button went down.
    pub pressed_right: bool,
}

/// Assembles packets.
#[derive(Clone, Copy, Debug)]
pub struct Packets {
    bytes: [u8; 4],
    /// The number of bytes received.
    count: usize,
    /// The number of bytes of a packet.
    length: usize,
    /// The buttons of the last packet.
    buttons: u8,
}

impl Packets {
    /// Creates a decoder for a mouse with or without a wheel.
    pub const fn new(has_wheel: bool) -> Packets {
        Packets {
            bytes: [0; 4],
            count: 0,
            length: if has_wheel { 4 } else { 3 },
            buttons: 0,
        }
    }

    /// Handles a byte. Returns the movement that it completes.
    pub fn take(&mut self, byte: u8) -> Option<Movement> {
        let first = self.count == 0;
        if first && (byte & ALWAYS == 0 || byte & OVERFLOW != 0) {
            return None;
        }
        self.bytes[self.count] = byte;
        self.count += 1;
        if self.count < self.length {
            return None;
        }
        self.count = 0;
        let [head, x, y, wheel] = self.bytes;
        let wheel = if self.length == 4 { wheel as i8 } else { 0 };
        if !WHEEL.contains(&wheel) {
            return None;
        }
        let signed = |value: u8, negative| i32::from(value) - i32::from(head & negative != 0) * 256;
        let down = head & !self.buttons;
        self.buttons = head & (LEFT | RIGHT);
        Some(Movement {
            right: signed(x, NEGATIVE_X),
            down: -signed(y, NEGATIVE_Y),
            to: None,
            wheel: -i32::from(wheel),
            pressed: down & LEFT != 0,
            pressed_right: down & RIGHT != 0,
        })
    }

    /// Discards an incomplete packet, after a pause that is longer than a packet.
    pub fn rest(&mut self) {
        self.count = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Returns the packet of a mouse with a wheel.
    fn sent(right: i32, up: i32, towards: i8, buttons: u8) -> [u8; 4] {
        let sign = |value: i32, bit| if value < 0 { bit } else { 0 };
        let head = ALWAYS | buttons | sign(right, NEGATIVE_X) | sign(up, NEGATIVE_Y);
        [head, right as u8, up as u8, towards as u8]
    }

    #[test]
    fn a_press_is_reported_once() {
        let mut packets = Packets::new(true);
        let mut pressed = |buttons| {
            let movements = sent(0, 0, 0, buttons).map(|byte| packets.take(byte));
            let movement = movements[3].unwrap();
            (movement.pressed, movement.pressed_right)
        };
        let decoded = [0, LEFT, LEFT, LEFT | RIGHT, RIGHT, LEFT, 0, LEFT].map(&mut pressed);
        let (none, left, right) = ((false, false), (true, false), (false, true));
        assert_eq!(decoded, [none, left, none, right, none, left, none, left]);
    }

    #[test]
    fn a_wheel_that_turns_too_far_is_no_packet() {
        let mut packets = Packets::new(true);
        for towards in [8, -9, i8::MAX] {
            assert_eq!(
                sent(1, 1, towards, 0).map(|byte| packets.take(byte))[3],
                None
            );
        }
        assert!(sent(1, 1, -8, 0).map(|byte| packets.take(byte))[3].is_some());
    }

    #[test]
    fn without_a_wheel_three_bytes_are_a_packet() {
        let mut packets = Packets::new(false);
        let decoded = [ALWAYS | NEGATIVE_Y, 5, 0xfe].map(|byte| packets.take(byte));
        let movement = Movement {
            right: 5,
            down: 2,
            ..Movement::default()
        };
        assert_eq!(decoded, [None, None, Some(movement)]);
    }

    proptest! {
        /// After any garbage and a rest, every packet is decoded.
        #[test]
        fn a_rest_resynchronizes(garbage in vec(any::<u8>(), 0..20), right in -256..256i32, up in -256..256i32, towards in -8..8i8) {
            let mut packets = Packets::new(true);
            for byte in garbage {
                packets.take(byte);
            }
            packets.rest();
            for _ in 0..3 {
                let last = sent(right, up, towards, 0).map(|byte| packets.take(byte))[3];
                let expected = Movement { right, down: -up, wheel: -i32::from(towards), ..Movement::default() };
                prop_assert_eq!(last, Some(expected));
            }
        }

        /// Bytes that cannot start a packet are dropped, even without a rest.
        #[test]
        fn a_byte_that_cannot_begin_a_packet_is_dropped(garbage in vec((0..=255u8).prop_filter("a head", |byte| byte & ALWAYS == 0 || byte & OVERFLOW != 0), 0..20)) {
            let mut packets = Packets::new(true);
            for byte in garbage {
                prop_assert_eq!(packets.take(byte), None);
            }
            prop_assert!(sent(1, 1, 0, 0).map(|byte| packets.take(byte))[3].is_some());
        }
    }
}
