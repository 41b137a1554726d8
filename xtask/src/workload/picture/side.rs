//! The side of the picture: life times by size, and where strategies differ from the first one.

use embedded_graphics::geometry::Point;
use embedded_graphics::primitives::Rectangle;
use memviz::graphics::surface::Surface;
use memviz::widgets::shapes::rectangle;
use mm::units::Bytes;

use super::data::HeapMaps;
use super::map::short;
use super::style::{LINE, names, used, words};
use crate::numbers::grouped;

/// The room for a size, and for a number of requests.
const ROOM: i32 = 130;

pub struct Side<'m> {
    pub maps: &'m HeapMaps,
}

impl Side<'_> {
    pub fn draw<S: Surface>(&self, surface: &mut S, area: Rectangle) -> Result<(), S::Error> {
        let right = area.top_left.x + area.size.width as i32;
        let mut at = area.top_left;
        self.draw_lifetimes(surface, &mut at, right)?;
        at.y += LINE / 2;
        self.draw_differences(surface, &mut at, right)?;
        let last = area.top_left.y + area.size.height as i32 - LINE;
        let at = Point::new(at.x, last);
        words().left(surface, at, "Above each map: utilisation")?;
        Ok(())
    }

    fn draw_lifetimes<S: Surface>(
        &self,
        surface: &mut S,
        at: &mut Point,
        right: i32,
    ) -> Result<(), S::Error> {
        let classes = || self.maps.lifetimes.classes();
        let longest = classes().map(|(_, class)| class.mean()).max();
        let Some(longest) = longest else {
            return Ok(());
        };
        names().left(surface, *at, "Mean life time")?;
        words().right(surface, Point::new(right, at.y), "requests")?;
        at.y += LINE;
        for (bytes, class) in classes() {
            words().left(surface, *at, format!("{}+", Bytes(bytes)))?;
            let number = grouped(class.mean());
            words().right(surface, Point::new(right, at.y), number)?;
            let room = (right - at.x - 2 * ROOM) as u64;
            let width = (class.mean() * room / longest.max(1)).max(2) as u32;
            let bar = rectangle(at.x + ROOM, at.y + 8, width, LINE as u32 / 2);
            surface.fill_solid(&bar, used())?;
            at.y += LINE;
        }
        Ok(())
    }

    fn draw_differences<S: Surface>(
        &self,
        surface: &mut S,
        at: &mut Point,
        right: i32,
    ) -> Result<(), S::Error> {
        let Some((first, others)) = self.maps.maps.split_first() else {
            return Ok(());
        };
        if others.is_empty() {
            return Ok(());
        }
        names().left(surface, *at, "First difference from")?;
        at.y += LINE;
        names().left(surface, *at, short(first.strategy.words()))?;
        at.y += LINE;
        for map in others {
            words().left(surface, *at, short(map.strategy.words()))?;
            let request = match map.difference {
                Some(number) => grouped(number as u64),
                None => "none".into(),
            };
            words().right(surface, Point::new(right, at.y), request)?;
            at.y += LINE;
        }
        Ok(())
    }
}
