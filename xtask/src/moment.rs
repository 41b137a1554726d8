//! Moments of a trace: `4711` is an event, `3.25s` a time, `copy-on-write/4` a lesson step.

use std::fmt;
use std::str::FromStr;

use memviz::dashboard::record::Record;
use tracefile::Item;
use tracefile::player::Player;

/// A moment of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The first picture with this many events.
    Event(u64),
    /// The last picture up to this time, in nanoseconds since boot.
    Time(u64),
    /// The first picture of this step of this lesson.
    Step(String, u8),
}

impl Moment {
    /// Returns whether this item belongs to a later picture.
    pub fn is_before(&self, item: &Item<'_>) -> bool {
        match (self, item) {
            (Moment::Time(end), Item::Record(Record::Tick(now, _))) => now > end,
            _ => false,
        }
    }

    /// Returns whether the player reached the moment with this item.
    pub fn is_reached(&self, item: &Item<'_>, player: &Player) -> bool {
        let is_picture = matches!(item, Item::Record(Record::Draw(_)));
        is_picture
            && match self {
                Moment::Event(events) => player.dashboard().timeline().end() >= *events,
                Moment::Time(_) => false,
                Moment::Step(lesson, step) => player
                    .dashboard()
                    .caption()
                    .is_some_and(|caption| (caption.lesson, caption.step) == (lesson, *step)),
            }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Event(event) => write!(f, "event {event}"),
            Moment::Time(time) => write!(f, "{} s", *time as f64 / 1e9),
            Moment::Step(lesson, step) => write!(f, "{lesson}/{step}"),
        }
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Moment, &'static str> {
        const WANTED: &str = "a moment is an event (4711), a time (3.25s) or a step (frames/2)";
        if let Some((lesson, step)) = text.split_once('/') {
            let step = step.parse().map_err(|_| WANTED)?;
            return Ok(Moment::Step(lesson.into(), step));
        }
        if let Some(seconds) = text.strip_suffix('s') {
            let seconds: f64 = seconds.parse().map_err(|_| WANTED)?;
            let is_time = (0.0..1e9).contains(&seconds);
            return is_time
                .then_some(Moment::Time((seconds * 1e9) as u64))
                .ok_or(WANTED);
        }
        text.parse().map(Moment::Event).map_err(|_| WANTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_events_times_and_steps() {
        assert_eq!("4711".parse(), Ok(Moment::Event(4711)));
        assert_eq!("3.25s".parse(), Ok(Moment::Time(3_250_000_000)));
        assert_eq!("frames/2".parse(), Ok(Moment::Step("frames".into(), 2)));
        for text in [
            "", "s", "-1", "-1s", "nans", "frames/", "frames", "frames/x",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
