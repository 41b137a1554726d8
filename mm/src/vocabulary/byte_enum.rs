//! Declares an enum that travels as one byte of an event.

/// Declares an enum with explicit numbers and a name of each variant for a screen or a log.
///
/// ```text
/// byte_enum! {
///     /// What the enum is.
///     Name {
///         /// What the variant is.
///         Variant = 0, "its name in text";
///     }
/// }
/// ```
/// The enum gets `ALL`, `from_number` and `words`.
macro_rules! byte_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal, $words:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant = $number,)* }

        impl $name {
            /// All variants, in the order of their numbers.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Returns the variant with this number.
            pub const fn from_number(number: u8) -> Option<$name> {
                match number { $($number => Some($name::$variant),)* _ => None }
            }

            /// Returns the name of the variant in text.
            pub const fn words(self) -> &'static str {
                match self { $($name::$variant => $words,)* }
            }
        }
    };
}
pub(crate) use byte_enum;
