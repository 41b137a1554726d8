//! The macro of the table of events.

/// Makes [`Kind`](super::Kind), [`Payload`](super::Payload), encoding, decoding and text from one
/// entry for each event. How to read an entry: see [`table`](super::table).
macro_rules! event_table {
    ($(
        $(#[$doc:meta])*
        $number:literal $kind:ident $name:literal $(about $topic:ident($($subject:expr),*))? {
            $($field:ident: $type:ty => $slot:ident,)*
        }
        says $pattern:literal $(, $argument:expr)*;
    )*) => {
        byte_enum! {
            /// The kind byte of an event.
            Kind {
                $(
                    #[doc = concat!("See [`Payload::", stringify!($kind), "`].")]
                    $kind = $number, $name;
                )*
            }
        }

        impl Kind {
            /// The length of an array that is indexed by kind: one more than the highest number.
            pub const COUNT: usize = {
                let (mut highest, mut at) = (0, 0);
                while at < Kind::ALL.len() {
                    if Kind::ALL[at] as usize > highest {
                        highest = Kind::ALL[at] as usize;
                    }
                    at += 1;
                }
                highest + 1
            };

            /// Returns the topic of events of this kind.
            pub const fn topic(self) -> Topic {
                match self {
                    $(Kind::$kind => first!($(Topic::$topic,)? Topic::Other),)*
                }
            }
        }

        /// The typed content of an event. To undo an event, read "free" for "allocate", "to" for
        /// "from", and so on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the sentence of a variant explains its fields")]
        pub enum Payload {
            $(
                $(#[$doc])*
                $kind { $($field: $type),* },
            )*
        }

        impl Payload {
            /// Returns the kind of this payload.
            pub const fn kind(&self) -> Kind {
                match self {
                    $(Payload::$kind { .. } => Kind::$kind,)*
                }
            }

            /// Returns the frames or the allocation that this event is about.
            #[allow(unused_variables, reason = "a subject names some of the fields")]
            pub fn subject(&self) -> Subject {
                match *self {
                    $(Payload::$kind { $($field),* } => {
                        first!($(Subject::$topic($($subject),*),)? Subject::Other)
                    })*
                }
            }

            #[inline(always)]
            pub(super) fn to_raw(self) -> Raw {
                let mut raw = Raw::default();
                match self {
                    $(Payload::$kind { $($field),* } => {
                        $(<$slot as Slot<$type>>::put(&mut raw, $field);)*
                    })*
                }
                raw
            }

            /// Returns the payload of these words. Each arm writes a whole result in place:
            /// wrapping the payload of an arm afterwards would copy it byte by byte.
            pub(super) fn from_raw(kind: Kind, raw: &Raw) -> Result<Payload, DecodeError> {
                match kind {
                    $(Kind::$kind => Ok(Payload::$kind {
                        $($field: <$slot as Slot<$type>>::get(raw)?),*
                    }),)*
                }
            }

            /// Returns a payload of this kind, each field at an edge of its range or in between.
            #[cfg(test)]
            pub(super) fn any(kind: Kind, random: &mut fastrand::Rng) -> Payload {
                match kind {
                    $(Kind::$kind => Payload::$kind { $($field: Any::any(random)),* },)*
                }
            }

            /// Returns this payload with each field as its slot holds it.
            #[cfg(test)]
            pub(super) fn fitted(self) -> Payload {
                match self {
                    $(Payload::$kind { $($field),* } => {
                        $(let $field = <$slot as Fit<$type>>::fit($field);)*
                        Payload::$kind { $($field),* }
                    })*
                }
            }
        }

        /// The event in words, as a line of the history shows it.
        impl fmt::Display for Payload {
            #[allow(unused_variables, reason = "a sentence names some of the fields")]
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.kind().words())?;
                match *self {
                    $(Payload::$kind { $($field),* } => write!(f, $pattern $(, $argument)*),)*
                }
            }
        }
    };
}

/// The first of its arguments: the given one, or the default after it.
macro_rules! first {
    ($first:expr $(, $rest:expr)*) => {
        $first
    };
}
pub(super) use {event_table, first};
