//! Which part of a long list is in the document: the rows in sight, some around them, and the one that has the focus.
//! A row is a song, or as many cards as stand beside each other.

use std::ops::Range;

/// Items in the document before anything is measured: more than a screenful.
const FIRST: usize = 24;

/// Rows beyond those in sight, so that a frame of scrolling is there already when it is seen.
const MARGIN: usize = 6;

/// Rows come and go so many at a time, so that not every frame of slow scrolling has work.
const STEP: usize = 4;

/// Where a list is on the screen. Lengths are CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Its upper edge, from that of the viewport: negative where it is scrolled past.
    pub top: f64,
    /// How high the viewport is.
    pub height: f64,
    /// How high a row is.
    pub row: f64,
    /// Items in a row.
    pub columns: usize,
    /// The item that has the focus.
    pub focused: Option<usize>,
}

/// The part of a list that is in the document.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Rows in sight.
    seen: Range<usize>,
    /// The row that has the focus.
    focused: Option<usize>,
    /// Items in a row.
    columns: usize,
    /// How high a row is, in CSS pixels; zero until it is measured.
    pub row: f64,
}

/// What a list is made of in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// An item.
    Item(usize),
    /// Room for so many rows that are not there.
    Gap(usize),
}

impl Default for Window {
    fn default() -> Self {
        Self { seen: 0..FIRST, focused: None, columns: 1, row: 0.0 }
    }
}

impl Window {
    /// What is to be in the document of a list that is seen so.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
    pub fn of(sight: Sight) -> Self {
        let Sight { top, height, row, columns, focused } = sight;
        let columns = columns.max(1);
        let row_at = |y: f64| (y.max(0.0) / row.max(1.0)) as usize;
        let seen = row_at(-top)..row_at((height - top).max(0.0)) + 1;
        Self { seen, focused: focused.map(|item| item / columns), columns, row }
    }

    /// The items in sight, of `count`.
    pub fn seen(&self, count: usize) -> Range<usize> {
        self.items(self.seen.clone(), count)
    }

    /// The items in sight and around them, of `count`.
    pub fn near(&self, count: usize) -> Range<usize> {
        self.items(self.rows(count), count)
    }

    /// What is in the document of a list of `count` items, in order.
    pub fn pieces(&self, count: usize) -> Vec<Piece> {
        let rows = count.div_ceil(self.columns);
        let near = self.rows(count);
        // With the rows before and after it, to which the focus may go next.
        let kept = self.focused.map_or(0..0, |row| row.saturating_sub(1).min(rows)..(row + 2).min(rows));
        let (before, after) = (kept.start..kept.end.min(near.start), kept.start.max(near.end)..kept.end);
        let (mut pieces, mut at) = (Vec::new(), 0);
        for run in [before, near, after].into_iter().filter(|run| !run.is_empty()) {
            if run.start > at {
                pieces.push(Piece::Gap(run.start - at));
            }
            at = run.end;
            pieces.extend(self.items(run, count).map(Piece::Item));
        }
        if rows > at {
            pieces.push(Piece::Gap(rows - at));
        }
        pieces
    }

    /// The rows in sight and around them.
    fn rows(&self, count: usize) -> Range<usize> {
        let rows = count.div_ceil(self.columns);
        let end = (self.seen.end + MARGIN).next_multiple_of(STEP).min(rows);
        let start = self.seen.start.saturating_sub(MARGIN) / STEP * STEP;
        // A list that has become shorter is seen from its end, until it is measured again.
        start.min(end.saturating_sub(self.seen.len()))..end
    }

    fn items(&self, rows: Range<usize>, count: usize) -> Range<usize> {
        let end = (rows.end * self.columns).min(count);
        (rows.start * self.columns).min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn sight(top: f64) -> Sight {
        Sight { top, height: 800.0, row: 68.0, columns: 1, focused: None }
    }

    fn items(pieces: &[Piece]) -> Vec<usize> {
        pieces
            .iter()
            .filter_map(|piece| if let Piece::Item(item) = piece { Some(*item) } else { None })
            .collect()
    }

    #[wasm_bindgen_test]
    fn however_long_the_list_only_a_few_screens_of_it_are_there() {
        for top in [100.0, 0.0, -68.0, -340_000.0, -679_000.0] {
            let shown = items(&Window::of(sight(top)).pieces(10_000));
            assert!((12..=34).contains(&shown.len()), "{} at {top}", shown.len());
        }
    }

    #[wasm_bindgen_test]
    fn what_is_in_sight_is_there_and_the_gaps_are_as_high_as_what_is_not() {
        for columns in [1, 3, 7] {
            for count in [0, 1, 2, 25, 26, 1_000] {
                for top in (-70_000..500).step_by(333) {
                    for focused in [None, Some(0), Some(1), Some(500), Some(999)] {
                        let sight = Sight { columns, focused, ..sight(f64::from(top)) };
                        holds(&Window::of(sight), sight, count);
                    }
                }
            }
        }
    }

    fn holds(window: &Window, sight: Sight, count: usize) {
        let pieces = window.pieces(count);
        let shown = items(&pieces);
        assert!(shown.is_sorted_by(|a, b| a < b), "{shown:?}");
        let mut next = 0;
        for piece in &pieces {
            match piece {
                Piece::Gap(rows) => next = (next + rows * sight.columns).min(count),
                Piece::Item(item) => {
                    assert_eq!(*item, next, "stands where it belongs");
                    next += 1;
                }
            }
        }
        assert_eq!(next, count, "{sight:?}");
        for item in 0..count {
            let top = sight.top + sight.row * f64::from(u32::try_from(item / sight.columns).unwrap());
            if top < sight.height && top + sight.row > 0.0 {
                assert!(shown.contains(&item), "{item} of {count} is in sight: {sight:?}");
                assert!(window.seen(count).contains(&item));
            }
        }
        if let Some(focused) = sight.focused.filter(|focused| *focused < count) {
            for neighbour in focused.saturating_sub(1)..=(focused + 1).min(count - 1) {
                assert!(shown.contains(&neighbour), "the focus may go to {neighbour}");
            }
        }
    }

    #[wasm_bindgen_test]
    fn slow_scrolling_leaves_most_frames_without_work() {
        let pieces = |top| Window::of(sight(top)).pieces(10_000);
        let changes = (0..680).filter(|y| pieces(-f64::from(*y)) != pieces(-f64::from(y + 1))).count();
        assert!(changes <= 6, "{changes} changes in ten rows");
    }

    #[wasm_bindgen_test]
    fn before_it_is_measured_a_list_begins_at_its_beginning() {
        assert_eq!(items(&Window::default().pieces(10_000))[..3], [0, 1, 2]);
        assert_eq!(items(&Window::default().pieces(2)), [0, 1]);
        assert_eq!(Window::default().pieces(0), []);
    }

    #[wasm_bindgen_test]
    fn a_list_that_has_become_shorter_still_shows_something() {
        assert!(!items(&Window::of(sight(-340_000.0)).pieces(100)).is_empty());
    }
}
