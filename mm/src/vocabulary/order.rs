//! Block sizes of the buddy system.

/// The smallest block, in bytes.
pub const GRANULE_BYTES: u64 = 64;
/// The largest block, and the step by which a heap grows, in bytes.
pub const CHUNK_BYTES: u64 = 1 << 20;

/// A block size as a power of two: order 0 is 64 B, order 14 is 1 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order(u8);

impl Order {
    /// Number of orders.
    pub const COUNT: usize = 15;
    /// 64 B.
    pub const SMALLEST: Order = Order(0);
    /// 4 KiB: blocks of this order and above are whole frames.
    pub const FRAME: Order = Order(6);
    /// 1 MiB.
    pub const LARGEST: Order = Order(14);

    /// Returns the order with this number, 0 to 14.
    pub const fn new(number: u8) -> Option<Order> {
        if number <= Order::LARGEST.0 {
            Some(Order(number))
        } else {
            None
        }
    }

    /// Returns the smallest order that holds this many bytes.
    #[inline]
    pub const fn holding(bytes: usize) -> Option<Order> {
        let granules = bytes.div_ceil(GRANULE_BYTES as usize);
        match granules.checked_next_power_of_two() {
            Some(size) if size <= Order::LARGEST.granules() => {
                Some(Order(size.trailing_zeros() as u8))
            }
            _ => None,
        }
    }

    /// Returns all orders, from the smallest to the largest.
    pub fn all() -> impl DoubleEndedIterator<Item = Order> {
        (0..=Order::LARGEST.0).map(Order)
    }

    /// Returns the number, 0 to 14.
    #[inline]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Returns the size in bytes.
    #[inline]
    pub const fn bytes(self) -> u64 {
        GRANULE_BYTES << self.0
    }

    /// Returns the size in granules of 64 B.
    #[inline]
    pub const fn granules(self) -> usize {
        1 << self.0
    }

    #[inline]
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns the next larger order, if there is one.
    #[inline]
    pub(crate) const fn above(self) -> Option<Order> {
        Order::new(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_holds_its_bytes_and_no_more() {
        assert_eq!(Order::SMALLEST.bytes(), 64);
        assert_eq!(Order::FRAME.bytes(), 4096);
        assert_eq!(Order::LARGEST.bytes(), 1 << 20);
        for order in Order::all() {
            let bytes = order.bytes() as usize;
            assert_eq!(Order::holding(bytes), Some(order));
            assert_eq!(Order::holding(bytes + 1), order.above());
        }
        assert_eq!(Order::holding(0), Some(Order::SMALLEST));
        assert_eq!(Order::holding(usize::MAX), None);
    }
}
