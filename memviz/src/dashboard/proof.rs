//! The drawn words: the numbers of a caption that no panel shows, and the first panel as SVG.

use super::Dashboard;
use crate::graphics::numbers::{NUMBERS, Number, Numbers};
use crate::graphics::places::Places;
use crate::graphics::pointers::MARKS;
use crate::graphics::surface::Surface;
use crate::graphics::svg::Svg;
use crate::panels::panel::Scene;
use crate::panels::{figures, lesson};
use crate::view::extent::Extent;
use core::fmt::{self, Write};
use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;

impl Dashboard<'_> {
    /// Looks for each number of the caption among the words that the panels draw, and the list of
    /// what happened. A number that a pointer names must be in a panel,
    /// with room for its disc.
    pub fn find_unshown(&mut self) {
        self.unshown.clear();
        let Some(caption) = self.caption() else {
            return;
        };
        let mut numbers = Numbers::new(&caption.words, self.screen);
        // The discs of the pointers are not drawn: their figures are no numbers of the picture.
        let pointers = core::mem::take(&mut self.pointers);
        let mut places = Places::new(&mut numbers, &pointers);
        let Ok(()) = self.draw_panels(&mut places);
        let places = places.found();
        let screen = Rectangle::new(Point::zero(), self.screen);
        let discs = figures::pointers::centres(&self.styles, screen, &places);
        self.pointers = pointers;
        let (area, _) = &self.drawn_happened;
        let Ok(()) = lesson::happened::draw(&mut numbers, &self.styles, *area, &self.step);
        let cut = |number: &str| number.chars().take(Number::new().capacity()).collect();
        let pointed = self
            .pointers
            .targets()
            .filter(|(index, _)| discs[*index].is_none());
        let pointed = pointed.map(|(index, _)| Number::from_iter([MARKS[index]]));
        let missing = numbers.missing().iter().map(|number| cut(number));
        self.unshown = missing.chain(pointed).take(NUMBERS).collect();
    }

    /// Writes the first panel as SVG, with the caption as its description.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_svg<W: Write>(&mut self, out: &mut W) -> fmt::Result {
        let Some((panel, area)) = self.panels.all().next() else {
            return Ok(());
        };
        let caption = self.caption();
        let words = caption.map(|caption| caption.words).unwrap_or_default();
        Svg::write(out, area, panel.name(), &words, |svg| self.draw_panels(svg))
    }

    /// Draws all panels on another surface. The next picture is drawn as a whole, because the
    /// panels assume that the screen shows their last drawing.
    fn draw_panels<S: Surface>(&mut self, surface: &mut S) -> Result<(), S::Error> {
        self.redraw = true;
        let scene = Scene {
            styles: &self.styles,
            model: &self.model,
            timeline: &self.timeline,
            samples: &self.samples,
            mode: self.mode,
            zoom: self.stage.zoom,
            selection: self.stage.looked_at(),
            why_not: self.refusal.known(),
            step: &self.step,
            since: self.followed.began,
            pointers: &self.pointers,
        };
        self.panels
            .draw(surface, &scene, &mut self.changes, Extent::All)
    }
}
