//! Pictures as files, for the examples.

use embedded_graphics::geometry::Size;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Writes the pixels, `0x00rrggbb` each, to `target/NAME.png`, and prints the path.
pub fn save(name: &str, pixels: &[u32], size: Size) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/{name}.png"));
    let file = BufWriter::new(File::create(&path).expect("target/ can be written"));
    let mut encoder = png::Encoder::new(file, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a valid size");
    let bytes: Vec<u8> = pixels
        .iter()
        .flat_map(|pixel| [16, 8, 0].map(|shift| (pixel >> shift) as u8))
        .collect();
    writer
        .write_image_data(&bytes)
        .expect("target/ can be written");
    println!("{}", path.display());
}
