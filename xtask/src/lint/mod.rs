//! `lint`: reads the source without building it.

mod imports;

pub fn run() -> anyhow::Result<()> {
    imports::check()
}
