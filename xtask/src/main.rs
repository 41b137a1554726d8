//! The host side of memviz.

fn main() {}
