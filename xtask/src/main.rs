//! The host side of memviz.

mod fonts;

use std::path::Path;

fn main() {
    if std::env::args().nth(1).as_deref() == Some("fonts") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fonts");
        if let Err(error) = fonts::make(&folder) {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
}
