//! Parts that panels share: frames, legends, bars, patterns, tables, and the shapes and badges of
//! figures.
//!
//! Every function except [`outline`], [`shapes`] and [`badges`] paints its whole rectangle and
//! nothing outside. Measures are multiples of
//! [`Styles::unit`](crate::graphics::styles::Styles::unit).

pub mod badges;
mod bars;
mod legend;
mod panel;
mod patterns;
pub mod shapes;
mod table;
#[cfg(test)]
mod tests;

pub use bars::bar;
pub use legend::{Fitted, fit_label, labelled_value, legend_entry, swatch};
pub use panel::{
    FOCUS, content, detail, detail_slot, line_middle, note_beside, panel, panel_anew, panel_around,
    title_end,
};
pub use patterns::{hatch, outline, stripes};
pub use table::{Column, Table};
