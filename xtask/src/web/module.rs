//! The WebAssembly module, and the script with its bindings.

use std::io::Write as _;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasm_bindgen_cli_support::Bindgen;

use crate::{build, setup};

const TARGET: &str = "wasm32-unknown-unknown";

/// A built module.
pub struct Module {
    /// The module, compressed by gzip.
    pub packed: Vec<u8>,
    /// The script that defines `wasm_bindgen`.
    pub bindings: String,
}

/// Builds the crate `web` for browsers.
pub fn module() -> Result<Module> {
    setup::rust_target(TARGET)?;
    build::run_cargo(&["build", "-p", "web", "--profile", "web", "--target", TARGET])?;
    let path = build::target().join(TARGET).join("web/web.wasm");
    let mut output = Bindgen::new()
        .input_path(&path)
        .no_modules(true)?
        .typescript(false)
        .keep_debug(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()
        .with_context(|| format!("cannot make bindings for {}", path.display()))?;
    let bindings = output.js().to_string();
    ensure!(
        !bindings.contains("</script"),
        "the bindings cannot be part of a page"
    );
    Ok(Module {
        packed: packed(&output.wasm_mut().emit_wasm())?,
        bindings,
    })
}

/// Compresses by gzip, which browsers can decompress.
fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
