//! The results as text and as a picture. The JSON is [`Results`](crate::results::Results) itself.

pub mod picture;
pub mod text;
