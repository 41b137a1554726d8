//! Any 32 bytes: no event, or an event that is the same after encoding and decoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mm::event::{Event, Payload, changed_frames};

fuzz_target!(|bytes: [u8; 32]| {
    let Ok(event) = Event::from_bytes(&bytes) else {
        return;
    };
    assert_eq!(Event::from_bytes(&event.to_bytes()), Ok(event));
    let frames = match event.payload {
        Payload::FrameAllocate { first, frames, .. } | Payload::FrameFree { first, frames, .. } => {
            Some((first, frames))
        }
        Payload::FrameReference { frame, .. } => Some((frame, 1)),
        Payload::FrameRetag { first, frames, .. } => Some((first, frames.into())),
        _ => None,
    };
    assert_eq!(changed_frames(&event.to_words()), frames);
    assert!(!event.payload.to_string().is_empty());
});
