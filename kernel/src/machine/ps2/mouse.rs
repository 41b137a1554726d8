//! The mouse: found, asked for its wheel, and told to speak.
//!
//! A mouse with a wheel says so only after it was given three sample rates one after the other
//! (Microsoft's IntelliMouse).

use super::controller::{Byte, WRITE_TO_MOUSE, command, fetch, send, wait};
use memviz::input::mouse::Packets;

/// Commands of the mouse.
const GET_ID: u8 = 0xf2;
const SET_SAMPLE_RATE: u8 = 0xf3;
const ENABLE_REPORTING: u8 = 0xf4;
const SET_DEFAULTS: u8 = 0xf6;

const ACKNOWLEDGED: u8 = 0xfa;
/// The rates that ask for the wheel.
const MAGIC_RATES: [u8; 3] = [200, 100, 80];
const ID_WITH_WHEEL: u8 = 3;
/// Packets a second: a picture or two for each.
const RATE: u8 = 100;

/// A mouse that speaks.
pub struct Mouse {
    pub packets: Packets,
}

impl Mouse {
    /// Sets the mouse up, if there is one.
    pub fn find() -> Option<Mouse> {
        ask(SET_DEFAULTS)?;
        for rate in MAGIC_RATES {
            set_rate(rate)?;
        }
        ask(GET_ID)?;
        let has_wheel = answer()? == ID_WITH_WHEEL;
        set_rate(RATE)?;
        ask(ENABLE_REPORTING)?;
        let wheel = if has_wheel { "with" } else { "without" };
        log::info!("PS/2 mouse, {wheel} a wheel");
        Some(Mouse {
            packets: Packets::new(has_wheel),
        })
    }
}

fn set_rate(rate: u8) -> Option<()> {
    ask(SET_SAMPLE_RATE)?;
    ask(rate)
}

/// Sends the mouse a byte, which it must acknowledge.
fn ask(byte: u8) -> Option<()> {
    command(WRITE_TO_MOUSE)?;
    send(byte)?;
    (answer()? == ACKNOWLEDGED).then_some(())
}

/// What the mouse says. Whatever the keyboard says meanwhile is forgotten.
fn answer() -> Option<u8> {
    wait(|| fetch().filter(|byte| byte.from_mouse)).map(|Byte { value, .. }| value)
}
