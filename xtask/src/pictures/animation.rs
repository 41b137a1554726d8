//! An animated PNG: pictures of one size in an endless loop.
//!
//! After the first picture, each frame holds only the rectangle in which it differs from the one
//! before. A program that cannot animate shows the first picture. The same pictures give the same
//! bytes.
//!
//! Format: <https://www.w3.org/TR/png-3/#apng-frame-based-animation>.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::picture::Picture;
use crate::files;

/// A picture and its duration: at most 65 seconds, in whole milliseconds.
pub struct Frame {
    pub picture: Picture,
    pub time: Duration,
}

/// Writes an animation of at least one frame.
pub fn write(path: &Path, frames: &[Frame]) -> Result<()> {
    files::replace(path, |file| encode(frames, file))
}

fn encode(frames: &[Frame], file: impl std::io::Write) -> Result<()> {
    let first = frames.first().context("an animation without a picture")?;
    let size = |frame: &Frame| (frame.picture.width, frame.picture.height);
    ensure!(
        frames.iter().all(|frame| size(frame) == size(first)),
        "pictures of two sizes"
    );
    let (width, height) = size(first);
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_animated(u32::try_from(frames.len())?, 0)?;
    encoder.set_dispose_op(png::DisposeOp::None)?;
    encoder.set_blend_op(png::BlendOp::Source)?;
    let mut writer = encoder.write_header()?;
    let mut before: Option<&Picture> = None;
    for frame in frames {
        let milliseconds = u16::try_from(frame.time.as_millis())
            .context("a picture that is shown longer than 65 seconds")?;
        writer.set_frame_delay(milliseconds, 1000)?;
        let [left, top, right, bottom] = match before {
            None => [0, 0, width - 1, height - 1],
            // A frame must have a pixel, even where nothing changed.
            Some(before) => before
                .difference(&frame.picture)
                .map_or([0; 4], |difference| difference.bounds),
        };
        writer.reset_frame_position()?;
        writer.set_frame_dimension(right - left + 1, bottom - top + 1)?;
        writer.set_frame_position(left, top)?;
        let part = frame.picture.part([left, top, right, bottom]);
        writer.write_image_data(&part)?;
        before = Some(&frame.picture);
    }
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the pictures that a browser shows.
    fn shown(bytes: &[u8], width: usize, height: usize) -> Vec<Vec<u8>> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
            .read_info()
            .unwrap();
        let count = reader.info().animation_control().unwrap().num_frames;
        let mut canvas = vec![0; width * height * 3];
        let mut frames = Vec::new();
        for _ in 0..count {
            let mut part = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut part).unwrap();
            let control = *reader.info().frame_control().unwrap();
            let row = control.width as usize * 3;
            for y in 0..control.height as usize {
                let at = ((control.y_offset as usize + y) * width + control.x_offset as usize) * 3;
                canvas[at..at + row].copy_from_slice(&part[y * row..(y + 1) * row]);
            }
            frames.push(canvas.clone());
        }
        frames
    }

    #[test]
    fn each_frame_is_its_picture() {
        let (width, height) = (7, 5);
        let ground = vec![9; width * height * 3];
        let mut spot = ground.clone();
        spot[(2 * width + 3) * 3] = 200;
        let mut corner = spot.clone();
        corner[(width * height - 1) * 3 + 2] = 17;
        let pictures = [&ground, &spot, &spot, &corner, &ground];
        let frames = pictures.map(|rgb| Frame {
            picture: Picture::from_rgb(width as u32, height as u32, rgb.clone()),
            time: Duration::from_millis(500),
        });
        let mut bytes = Vec::new();
        encode(&frames, &mut bytes).unwrap();
        let shown = shown(&bytes, width, height);
        assert_eq!(shown.iter().collect::<Vec<_>>(), pictures);
    }

    #[test]
    fn an_impossible_animation_is_refused() {
        let picture = |width| Picture::from_rgb(width, 1, vec![0; width as usize * 3]);
        let frame = |width, seconds| Frame {
            picture: picture(width),
            time: Duration::from_secs(seconds),
        };
        let refused = |frames: &[Frame]| encode(frames, Vec::new()).is_err();
        assert!(refused(&[]));
        assert!(refused(&[frame(2, 1), frame(3, 1)]));
        assert!(refused(&[frame(2, 66)]));
        assert!(!refused(&[frame(2, 65)]));
    }
}
