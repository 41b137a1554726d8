//! Events for the model: four equal words, so that a torn event is no event.

#[derive(Clone, Copy)]
pub enum Kind {
    Only,
}

impl Kind {
    pub const COUNT: usize = 1;
}

#[derive(Clone, Copy)]
pub struct Origin;

pub struct Payload(pub u64);

impl Payload {
    pub fn kind(&self) -> Kind {
        Kind::Only
    }

    pub fn to_words(&self, _time: u64, _: Origin) -> [u64; 4] {
        [self.0; 4]
    }
}

#[derive(Debug)]
pub struct Event {
    pub number: u64,
}

impl Event {
    /// The event in these words, or the words if they are not of one event.
    pub fn from_words(words: [u64; 4]) -> Result<Event, [u64; 4]> {
        let [number, ..] = words;
        match words == [number; 4] && number > 0 {
            true => Ok(Event { number }),
            false => Err(words),
        }
    }
}
