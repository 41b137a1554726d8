//! A phase of a lesson.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::pictures::Picture;

/// A phase: its picture and its state.
pub struct Phase {
    pub name: String,
    pub picture: Picture,
    pub state: Value,
}

impl Phase {
    pub fn figure(&self, pointer: &str) -> Result<i64> {
        let figure = self.state.pointer(pointer).and_then(Value::as_i64);
        figure.with_context(|| format!("no {pointer} in the state of {}", self.name))
    }

    pub fn text(&self, pointer: &str) -> Result<&str> {
        let text = self.state.pointer(pointer).and_then(Value::as_str);
        text.with_context(|| format!("no {pointer} in the state of {}", self.name))
    }
}
