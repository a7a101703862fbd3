//! Where an item stands in the queue: a fraction between 0 and 1 that leaves room for others on both sides, so that items can
//! be put between two others without touching them.

/// The most bytes of a position. Putting something into the same gap again and again takes a bit each time, so a gap takes
/// as many items as the whole queue.
const POSITION_BYTES: usize = 72;

/// How far items added at an end are apart, in steps of 2⁻³²: half a million fit on either side of the first.
const STRIDE: u32 = 1 << 12;

/// The digits of a fraction to base 256; never empty, and the last one is not 0, so every fraction has one form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(Vec<u8>);

impl Position {
    /// The position with these digits; `None` where they are none: 1 to 72 bytes, the last of which is not 0.
    pub fn from_bytes(digits: &[u8]) -> Option<Self> {
        let fits = digits.len() <= POSITION_BYTES && digits.last().is_some_and(|last| *last != 0);
        fits.then(|| Self(digits.to_vec()))
    }

    /// Its digits.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A position between two others, or before the first or after the last. `None` where they are not in order, or
    /// nothing fits between them any more.
    pub fn between(before: Option<&Self>, after: Option<&Self>) -> Option<Self> {
        let coarse = |position: &Self| {
            let digit = |index| position.0.get(index).copied().unwrap_or(0);
            u32::from_be_bytes([0, 1, 2, 3].map(digit))
        };
        let stepped = match (before, after) {
            (None, None) => Some(1 << 31),
            (Some(last), None) => coarse(last).checked_add(STRIDE),
            (None, Some(first)) => coarse(first).checked_sub(STRIDE).filter(|step| *step > 0),
            (Some(_), Some(_)) => None,
        };
        if let Some(step) = stepped {
            let digits = step.to_be_bytes();
            let len = digits.iter().rposition(|digit| *digit != 0)? + 1;
            return Self::from_bytes(&digits[..len]);
        }
        if before.zip(after).is_some_and(|(before, after)| before >= after) {
            return None;
        }
        Self::from_bytes(&middle(before.map_or(&[], Self::as_bytes), after.map(Self::as_bytes)))
    }
}

/// The shortest digits halfway between `low` and `high`; the latter 1 where there is none.
fn middle(low: &[u8], mut high: Option<&[u8]>) -> Vec<u8> {
    let mut digits = Vec::new();
    loop {
        let index = digits.len();
        let from = low.get(index).copied().map_or(0, u16::from);
        let to = high.map_or(256, |high| high.get(index).copied().map_or(0, u16::from));
        // Below 256, for `from` is.
        let digit = |digit: u16| digit.to_be_bytes()[1];
        if to > from + 1 {
            digits.push(digit((from + to) / 2));
            return digits;
        }
        if to > from {
            high = None;
        }
        digits.push(digit(from));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_position_is_between_its_neighbours(places in prop::collection::vec(any::<prop::sample::Index>(), 1..200)) {
            let mut order: Vec<Position> = Vec::new();
            for place in places {
                let at = place.index(order.len() + 1);
                let before = at.checked_sub(1).map(|at| &order[at]);
                let position = Position::between(before, order.get(at)).unwrap();
                prop_assert_eq!(Position::from_bytes(position.as_bytes()), Some(position.clone()));
                order.insert(at, position);
            }
            prop_assert!(order.is_sorted_by(|a, b| a < b));
        }

        #[test]
        fn any_two_positions_have_one_between_them_or_none(a: Vec<u8>, b: Vec<u8>) {
            if let (Some(a), Some(b)) = (Position::from_bytes(&a), Position::from_bytes(&b))
                && let Some(between) = Position::between(Some(&a), Some(&b))
            {
                prop_assert!(a < between && between < b);
            }
        }
    }

    #[test]
    fn the_same_gap_takes_as_many_items_as_the_queue() {
        let first = Position::between(None, None).unwrap();
        let mut last = Position::between(Some(&first), None).unwrap();
        for _ in 0..500 {
            last = Position::between(Some(&first), Some(&last)).unwrap();
        }
        let crowded = (0..100).try_fold(last, |last, _| Position::between(Some(&first), Some(&last)));
        assert_eq!(crowded, None);
    }

    #[test]
    fn items_added_at_either_end_stay_short() {
        let (mut first, mut last) = (Position::between(None, None).unwrap(), None);
        for _ in 0..10_000 {
            first = Position::between(None, Some(&first)).unwrap();
            last = Position::between(last.as_ref(), None);
        }
        assert!(first.as_bytes().len() <= 4 && last.unwrap().as_bytes().len() <= 4);
    }

    #[test]
    fn bytes_that_are_no_position_are_refused() {
        for bytes in [&[][..], &[0], &[1, 0], &[1; 73]] {
            assert_eq!(Position::from_bytes(bytes), None);
        }
    }
}
