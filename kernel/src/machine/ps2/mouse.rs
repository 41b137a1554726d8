//! The mouse: detection, wheel, and reporting.
//!
//! A mouse with a wheel reports it only after three particular sample rates were set in turn
//! (Microsoft's IntelliMouse).

use super::controller::{Byte, WRITE_TO_MOUSE, command, fetch, send, wait};
use memviz::input::mouse::Packets;

/// Commands of the mouse.
const GET_ID: u8 = 0xf2;
const SET_SAMPLE_RATE: u8 = 0xf3;
const ENABLE_REPORTING: u8 = 0xf4;
const SET_DEFAULTS: u8 = 0xf6;

const ACKNOWLEDGED: u8 = 0xfa;
/// The sample rates that enable the wheel.
const MAGIC_RATES: [u8; 3] = [200, 100, 80];
const ID_WITH_WHEEL: u8 = 3;
/// Packets per second: about one for each picture.
const RATE: u8 = 100;

/// A mouse that reports movements.
pub struct Mouse {
    pub packets: Packets,
}

impl Mouse {
    /// Detects the mouse and sets it up.
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

/// Waits for a byte of the mouse; discards bytes of the keyboard meanwhile.
fn answer() -> Option<u8> {
    wait(|| fetch().filter(|byte| byte.from_mouse)).map(|Byte { value, .. }| value)
}
