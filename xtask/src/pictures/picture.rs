//! A picture of the screen: read from QEMU's PPM, written as PNG, compared with another picture.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::files;

/// Three bytes a pixel (red, green, blue), rows from top to bottom, nothing between them.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    rgb: Vec<u8>,
}

/// The pixels in which two pictures of the same size differ.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    pub pixels: usize,
    /// Left, top, right, bottom, all inclusive: the smallest rectangle that holds them.
    pub bounds: [u32; 4],
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [left, top, right, bottom] = self.bounds;
        write!(
            f,
            "{} pixels differ, in ({left}, {top}) to ({right}, {bottom})",
            self.pixels
        )
    }
}

impl Picture {
    /// Reads binary PPM with 8 bits a channel and without comments, as QEMU's `screendump` writes
    /// it.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let mut header = || {
            let end = rest
                .iter()
                .position(u8::is_ascii_whitespace)
                .context("the PPM header ends early")?;
            let (word, tail) = rest.split_at(end);
            rest = &tail[1..];
            Ok::<_, anyhow::Error>(std::str::from_utf8(word)?)
        };
        ensure!(header()? == "P6", "not a binary PPM");
        let (width, height): (u32, u32) = (header()?.parse()?, header()?.parse()?);
        ensure!(header()? == "255", "not 8 bits a channel");
        let wanted = width as usize * height as usize * 3;
        ensure!(
            rest.len() == wanted,
            "{width}x{height} takes {wanted} bytes, the file has {}",
            rest.len()
        );
        Ok(Self {
            width,
            height,
            rgb: rest.to_vec(),
        })
    }

    /// Returns red, green and blue of a pixel.
    pub fn pixel(&self, x: u32, y: u32) -> [u8; 3] {
        let at = (y as usize * self.width as usize + x as usize) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    pub fn from_rgb(width: u32, height: u32, rgb: Vec<u8>) -> Self {
        Self { width, height, rgb }
    }

    pub fn read_png(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut reader = png::Decoder::new(BufReader::new(file)).read_info()?;
        let mut rgb = vec![0; reader.output_buffer_size().context("too large")?];
        let info = reader
            .next_frame(&mut rgb)
            .with_context(|| format!("in {}", path.display()))?;
        if (info.color_type, info.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
            bail!("{}: {:?} is not 8-bit RGB", path.display(), info.color_type);
        }
        Ok(Self {
            width: info.width,
            height: info.height,
            rgb,
        })
    }

    /// Writes a PNG, and makes its folder. The same picture gives the same bytes.
    pub fn write_png(&self, path: &Path) -> Result<()> {
        self.write(path, |_| Ok(()))
    }

    /// Writes a PNG for a report, with its colour space, its size on paper and these texts.
    pub fn write_figure(&self, path: &Path, scale: u32, texts: &[(&str, String)]) -> Result<()> {
        /// 96 pixels an inch.
        const PIXELS_A_METRE: u32 = 3780;
        self.write(path, |encoder| {
            encoder.set_source_srgb(png::SrgbRenderingIntent::RelativeColorimetric);
            encoder.set_pixel_dims(Some(png::PixelDimensions {
                xppu: PIXELS_A_METRE * scale,
                yppu: PIXELS_A_METRE * scale,
                unit: png::Unit::Meter,
            }));
            for (keyword, text) in texts {
                match text.is_ascii() {
                    true => encoder.add_text_chunk((*keyword).into(), text.clone())?,
                    false => encoder.add_itxt_chunk((*keyword).into(), text.clone())?,
                }
            }
            Ok(())
        })
    }

    fn write(
        &self,
        path: &Path,
        say: impl FnOnce(&mut png::Encoder<'_, &mut BufWriter<&mut File>>) -> Result<()>,
    ) -> Result<()> {
        files::replace(path, |file| {
            let mut encoder = png::Encoder::new(file, self.width, self.height);
            encoder.set_color(png::ColorType::Rgb);
            encoder.set_depth(png::BitDepth::Eight);
            encoder.set_compression(png::Compression::High);
            // For flat colours and text, filters only make the file larger.
            encoder.set_filter(png::Filter::NoFilter);
            say(&mut encoder)?;
            let mut writer = encoder.write_header()?;
            writer.write_image_data(&self.rgb)?;
            writer.finish()?;
            Ok(())
        })
    }

    /// Returns a picture of one colour.
    pub fn filled(width: u32, height: u32, color: [u8; 3]) -> Self {
        let pixels = width as usize * height as usize;
        let rgb = color.repeat(pixels);
        Self { width, height, rgb }
    }

    /// Returns a rectangle of the picture: left, top, right, bottom, all inclusive.
    pub fn cropped(&self, [left, top, right, bottom]: [u32; 4]) -> Self {
        let (right, bottom) = (right.min(self.width - 1), bottom.min(self.height - 1));
        Self {
            width: right - left + 1,
            height: bottom - top + 1,
            rgb: self.part([left, top, right, bottom]),
        }
    }

    /// Returns the picture in a smaller size: a pixel is the mean of a square of this many pixels.
    pub fn reduced(&self, factor: u32) -> Self {
        let (width, height) = (self.width / factor, self.height / factor);
        let mean = |x: u32, y: u32, channel: usize| {
            let rows = (y * factor..(y + 1) * factor)
                .flat_map(|row| (x * factor..(x + 1) * factor).map(move |column| (column, row)));
            let sum: u32 = rows
                .map(|(x, y)| u32::from(self.pixel(x, y)[channel]))
                .sum();
            (sum / (factor * factor)) as u8
        };
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let rgb = places.flat_map(|(x, y)| [0, 1, 2].map(|channel| mean(x, y, channel)));
        Self {
            width,
            height,
            rgb: rgb.collect(),
        }
    }

    /// Puts another picture over this one. It must fit.
    pub fn paste(&mut self, other: &Self, (left, top): (u32, u32)) {
        let row = other.width as usize * 3;
        for (y, pixels) in (top as usize..).zip(other.rgb.chunks_exact(row)) {
            let at = (y * self.width as usize + left as usize) * 3;
            self.rgb[at..at + row].copy_from_slice(pixels);
        }
    }

    /// Returns the pixels of a rectangle: left, top, right, bottom, all inclusive.
    pub fn part(&self, [left, top, right, bottom]: [u32; 4]) -> Vec<u8> {
        let rows = self.rgb.chunks_exact(self.width as usize * 3);
        let rows = rows.skip(top as usize).take((bottom - top + 1) as usize);
        let columns = left as usize * 3..(right as usize + 1) * 3;
        rows.flat_map(|row| &row[columns.clone()])
            .copied()
            .collect()
    }

    /// Returns None if the pictures are the same. Both must have the same size.
    pub fn difference(&self, other: &Self) -> Option<Difference> {
        assert_eq!(
            (self.width, self.height),
            (other.width, other.height),
            "pictures of two sizes"
        );
        let width = self.width as usize;
        let mut difference: Option<Difference> = None;
        for (at, (a, b)) in self
            .rgb
            .chunks_exact(3)
            .zip(other.rgb.chunks_exact(3))
            .enumerate()
        {
            if a != b {
                let (x, y) = ((at % width) as u32, (at / width) as u32);
                let found = difference.get_or_insert(Difference {
                    pixels: 0,
                    bounds: [x, y, x, y],
                });
                let [left, top, right, bottom] = found.bounds;
                found.bounds = [left.min(x), top.min(y), right.max(x), bottom.max(y)];
                found.pixels += 1;
            }
        }
        difference
    }

    /// Returns this picture, faded to a quarter of its light, with each pixel that differs in pure
    /// magenta.
    pub fn marked(&self, other: &Self) -> Self {
        const MAGENTA: [u8; 3] = [255, 0, 255];
        let pixels = self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
        let mark = |(a, b): (&[u8], &[u8])| {
            if a == b {
                [a[0] / 4, a[1] / 4, a[2] / 4]
            } else {
                MAGENTA
            }
        };
        Self {
            rgb: pixels.flat_map(mark).collect(),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, mut pixel: impl FnMut(u32, u32) -> [u8; 3]) -> Picture {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Picture {
            width,
            height,
            rgb: places.flat_map(|(x, y)| pixel(x, y)).collect(),
        }
    }

    #[test]
    fn ppm_is_read() {
        let read = Picture::from_ppm(b"P6\n2 1\n255\n\x01\x02\x03\x0a\x20\x09").unwrap();
        assert!(read == picture(2, 1, |x, _| if x == 0 { [1, 2, 3] } else { [10, 32, 9] }));
        for bad in [
            &b"P5\n2 1\n255\n      "[..],
            b"P6\n2 1\n255\n     ",
            b"P6\n2 1\n65535\n",
            b"P6\n2",
            b"",
        ] {
            assert!(Picture::from_ppm(bad).is_err());
        }
    }

    #[test]
    fn a_png_file_restores_the_picture() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new folder").join("a.png");
        let written = picture(33, 7, |x, y| [x as u8 * 7, y as u8 * 31, 200]);
        written.write_png(&path).unwrap();
        assert!(Picture::read_png(&path).unwrap() == written);
    }

    #[test]
    fn a_picture_that_cannot_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let old = picture(3, 3, |x, y| [x as u8, y as u8, 0]);
        old.write_png(&path).unwrap();
        // Too few bytes for its size: the encoder stops after the header.
        let broken = Picture::from_rgb(3, 3, vec![0; 5]);
        assert!(broken.write_png(&path).is_err());
        assert!(Picture::read_png(&path).unwrap() == old);
    }

    #[test]
    fn differences_are_counted_and_bounded() {
        let grey = picture(10, 8, |_, _| [80, 80, 80]);
        assert_eq!(grey.difference(&grey), None);
        let other = picture(10, 8, |x, y| {
            if (x, y) == (2, 6) || (x, y) == (7, 3) {
                [80, 80, 81]
            } else {
                [80; 3]
            }
        });
        assert_eq!(
            grey.difference(&other),
            Some(Difference {
                pixels: 2,
                bounds: [2, 3, 7, 6]
            })
        );
        let marked = other.marked(&grey);
        assert!(
            marked
                == picture(10, 8, |x, y| {
                    if (x, y) == (2, 6) || (x, y) == (7, 3) {
                        [255, 0, 255]
                    } else {
                        [20; 3]
                    }
                })
        );
    }
}
