//! Where a cursor stands in its index, and how it moves.

use std::borrow::Cow;

use super::rules::rules;
use super::store::{Entry, Escrowed, Key, Order, Rows, Spot, View};
use crate::abi::errors::JetError;

rules! {
    /// A cursor that was just opened is as good as on the first record.
    FRESH = "move/fresh-cursor";
    /// A move or a read without a record under the cursor. (jetmove-function.md)
    NO_CURRENT_RECORD = "cursor/no-current-record";
    /// The record under the cursor is gone. (jetretrievecolumn-function.md)
    RECORD_DELETED = "cursor/record-deleted";
    /// A move past the end of the index range finds no record. (jetsetindexrange-function.md)
    RANGE_END = "cursor/index-range-ends";
    /// A move by keys passes over entries with an equal key. (jetmove-function.md)
    MOVE_KEY_NE = "move/key-not-equal";
}

/// Where a cursor stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub enum Position {
    /// Just opened, or just switched to an index: on the first record as soon as somebody looks.
    #[default]
    Fresh,
    /// Before the first record.
    Before,
    /// After the last record.
    After,
    /// On an entry, even when its record has been deleted since.
    On(Entry),
    /// Where a seek found nothing: no record, but the neighbours can be reached.
    Beside(Spot),
}

/// An index range: how far moves in one direction go. (jetsetindexrange-function.md)
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Range {
    /// Limits moves forward; otherwise moves backward.
    pub upper: bool,
    /// Entries with the limiting key itself are inside.
    pub inclusive: bool,
    /// The limiting key.
    pub key: Key,
}

impl Range {
    /// Whether a key is on the inner side of the limit.
    pub fn contains(&self, key: &[u8]) -> bool {
        let limit = self.key.as_slice();
        match (self.upper, self.inclusive) {
            (true, true) => key <= limit,
            (true, false) => key < limit,
            (false, true) => key >= limit,
            (false, false) => key > limit,
        }
    }
}

/// How a seek compares. (jetseek-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// `JET_bitSeekEQ`
    Equal,
    /// `JET_bitSeekLT`
    Less,
    /// `JET_bitSeekLE`
    LessOrEqual,
    /// `JET_bitSeekGE`
    GreaterOrEqual,
    /// `JET_bitSeekGT`
    Greater,
}

/// The entries of one index of a table, as one session sees them.
#[derive(Debug)]
pub struct Walk<'t, R> {
    /// The rows.
    pub rows: &'t Rows<R>,
    /// What the session sees.
    pub view: View,
    /// The index.
    pub order: Order,
}

impl<R: Escrowed> Walk<'_, R> {
    /// The first entry.
    pub fn first(&self) -> Option<Entry> {
        self.rows.next(self.view, self.order, &Spot::Start)
    }

    /// The last entry.
    pub fn last(&self) -> Option<Entry> {
        self.rows.previous(self.view, self.order, &Spot::End)
    }

    /// A fresh cursor is put on the first entry; every other stays where it is.
    pub fn resolve<'p>(&self, position: &'p Position) -> Cow<'p, Position> {
        let first = matches!(position, Position::Fresh).then(|| self.first());
        match first.flatten() {
            Some(first) if FRESH.holds() => Cow::Owned(Position::On(first)),
            _ => Cow::Borrowed(position),
        }
    }

    /// The entry that the cursor is on, whether its record is there or not.
    ///
    /// # Errors
    /// `JET_errNoCurrentRecord`.
    pub fn place(&self, position: &Position) -> Result<Entry, JetError> {
        match self.resolve(position).into_owned() {
            Position::On(entry) => Ok(entry),
            _ => Err(NO_CURRENT_RECORD.error(JetError::NoCurrentRecord)),
        }
    }

    /// The entry that the cursor is on.
    ///
    /// # Errors
    /// `JET_errNoCurrentRecord`, `JET_errRecordDeleted`.
    pub fn current(&self, position: &Position) -> Result<Entry, JetError> {
        let entry = self.place(position)?;
        RECORD_DELETED.refuse(
            !self.rows.has_entry(self.view, self.order, &entry),
            JetError::RecordDeleted,
        )?;
        Ok(entry)
    }

    fn spot(&self, position: &Position) -> Spot {
        match self.resolve(position).into_owned() {
            Position::Fresh | Position::Before => Spot::Start,
            Position::After => Spot::End,
            Position::On(entry) => Spot::On(entry),
            Position::Beside(spot) => spot,
        }
    }

    /// Moves by a number of entries, or of keys; a negative number moves backward. Gives the new
    /// position, which is before the first or after the last entry when there were not enough.
    pub fn advance(
        &self,
        position: &Position,
        rows: i32,
        by_key: bool,
        range: Option<&Range>,
    ) -> Position {
        let forward = rows > 0;
        let range = range.filter(|range| range.upper == forward && RANGE_END.holds());
        let mut spot = self.spot(position);
        let mut reached = None;
        for _ in 0..rows.unsigned_abs() {
            if by_key
                && MOVE_KEY_NE.holds()
                && let Spot::On(entry) = &spot
            {
                spot = if forward {
                    Spot::After(entry.key.clone())
                } else {
                    Spot::Before(entry.key.clone())
                };
            }
            let next = if forward {
                self.rows.next(self.view, self.order, &spot)
            } else {
                self.rows.previous(self.view, self.order, &spot)
            };
            let inside = |entry: &Entry| range.is_none_or(|range| range.contains(&entry.key));
            reached = next.filter(inside);
            match &reached {
                Some(entry) => spot = Spot::On(entry.clone()),
                None => break,
            }
        }
        match reached {
            Some(entry) => Position::On(entry),
            None if forward => Position::After,
            None => Position::Before,
        }
    }

    /// Looks for a key. Gives the position, and whether the entry found has exactly the key.
    ///
    /// A seek that finds nothing leaves a place: behind the last entry, before the first, or where
    /// an equal key would be.
    pub fn seek(&self, key: &[u8], seek: Seek) -> (Position, bool) {
        let behind = |spot| self.rows.next(self.view, self.order, &spot);
        let before = |spot| self.rows.previous(self.view, self.order, &spot);
        let (found, otherwise) = match seek {
            Seek::Equal => (
                behind(Spot::Before(key.to_vec())).filter(|entry| entry.key == key),
                Position::Beside(Spot::Before(key.to_vec())),
            ),
            Seek::Less => (before(Spot::Before(key.to_vec())), Position::Before),
            Seek::LessOrEqual => {
                let first_equal =
                    behind(Spot::Before(key.to_vec())).filter(|entry| entry.key == key);
                let found = first_equal.or_else(|| before(Spot::Before(key.to_vec())));
                (found, Position::Before)
            }
            Seek::GreaterOrEqual => (behind(Spot::Before(key.to_vec())), Position::After),
            Seek::Greater => (behind(Spot::After(key.to_vec())), Position::After),
        };
        match found {
            Some(entry) => {
                let exact = entry.key == key;
                (Position::On(entry), exact)
            }
            None => (otherwise, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{IndexId, Keys, Stamp, TxId};
    use super::*;
    use std::sync::Arc;

    #[derive(Debug, Clone)]
    struct Row;

    impl Escrowed for Row {
        fn add(&mut self, _column: u32, _delta: i32) {}
    }

    const BY_VALUE: Order = Order::Secondary(IndexId(1));

    /// Rows by bookmark, each with a value in a secondary index.
    fn rows(values: &[(u8, u8)]) -> Rows<Row> {
        let mut rows = Rows::default();
        for (k, v) in values {
            let mut keys = Keys::new();
            keys.set(IndexId(1), [vec![*v]]);
            let change = rows.write(TxId(1), &[*k], Arc::new(Row), keys);
            rows.settle(&change, TxId(1), Stamp(1));
        }
        rows
    }

    fn walk(rows: &Rows<Row>, order: Order) -> Walk<'_, Row> {
        Walk {
            rows,
            view: View::LEVEL_0,
            order,
        }
    }

    /// The bookmark that the position is on, zero where it is on none.
    fn on(position: &Position) -> u8 {
        match position {
            Position::On(entry) => entry.bookmark[0],
            _ => 0,
        }
    }

    #[test]
    fn moves_stop_before_the_first_and_after_the_last() {
        let rows = rows(&[(10, 0), (20, 0), (30, 0)]);
        let walk = walk(&rows, Order::Primary);
        let mut position = Position::On(walk.first().expect("a row"));
        let steps = [
            (-1, 0),
            (-1, 0),
            (1, 10),
            (2, 30),
            (1, 0),
            (1, 0),
            (-1, 30),
            (-5, 0),
            (5, 0),
            (-1, 30),
            (i32::MAX - 1, 0),
            (-i32::MAX, 0),
        ];
        for (step, expected) in steps {
            position = walk.advance(&position, step, false, None);
            assert_eq!(on(&position), expected, "move {step}");
        }
    }

    #[test]
    fn moves_by_key_pass_over_equal_keys() {
        let rows = rows(&[(10, 1), (20, 1), (30, 2), (40, 2), (50, 3), (60, 3)]);
        let walk = walk(&rows, BY_VALUE);
        let mut position = Position::On(walk.first().expect("a row"));
        for (step, expected) in [
            (1, 30),
            (1, 50),
            (1, 0),
            (-1, 60),
            (-1, 40),
            (-2, 0),
            (2, 30),
        ] {
            position = walk.advance(&position, step, true, None);
            assert_eq!(on(&position), expected, "move {step}");
        }
    }

    #[test]
    fn a_fresh_cursor_is_on_the_first_record() {
        let rows = rows(&[(10, 0), (20, 0)]);
        let walk = walk(&rows, Order::Primary);
        assert_eq!(on(&walk.advance(&Position::Fresh, 1, false, None)), 20);
        assert_eq!(
            walk.advance(&Position::Fresh, -1, false, None),
            Position::Before
        );
        assert_eq!(
            walk.current(&Position::Fresh).map(|entry| entry.bookmark),
            Ok(vec![10])
        );
        assert_eq!(
            walk.current(&Position::Before),
            Err(JetError::NoCurrentRecord)
        );
    }

    #[test]
    fn seeks_find_what_was_observed() {
        use Seek::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let unique = rows(&[(10, 10), (20, 20), (30, 30), (40, 40), (50, 50)]);
        let pairs = rows(&[(10, 2), (20, 2), (30, 4), (40, 4), (50, 6), (60, 6)]);
        let observed = [
            (
                &unique,
                Order::Primary,
                [5, 10, 25, 30, 50, 55],
                Equal,
                [0, 10, 0, 30, 50, 0],
            ),
            (
                &unique,
                Order::Primary,
                [5, 10, 25, 30, 50, 55],
                Less,
                [0, 0, 20, 20, 40, 50],
            ),
            (
                &unique,
                Order::Primary,
                [5, 10, 25, 30, 50, 55],
                LessOrEqual,
                [0, 10, 20, 30, 50, 50],
            ),
            (
                &unique,
                Order::Primary,
                [5, 10, 25, 30, 50, 55],
                GreaterOrEqual,
                [10, 10, 30, 30, 50, 0],
            ),
            (
                &unique,
                Order::Primary,
                [5, 10, 25, 30, 50, 55],
                Greater,
                [10, 20, 30, 40, 0, 0],
            ),
            (
                &pairs,
                BY_VALUE,
                [1, 2, 3, 4, 6, 7],
                Equal,
                [0, 10, 0, 30, 50, 0],
            ),
            (
                &pairs,
                BY_VALUE,
                [1, 2, 3, 4, 6, 7],
                Less,
                [0, 0, 20, 20, 40, 60],
            ),
            (
                &pairs,
                BY_VALUE,
                [1, 2, 3, 4, 6, 7],
                LessOrEqual,
                [0, 10, 20, 30, 50, 60],
            ),
            (
                &pairs,
                BY_VALUE,
                [1, 2, 3, 4, 6, 7],
                GreaterOrEqual,
                [10, 10, 30, 30, 50, 0],
            ),
            (
                &pairs,
                BY_VALUE,
                [1, 2, 3, 4, 6, 7],
                Greater,
                [10, 30, 30, 50, 0, 0],
            ),
        ];
        for (rows, order, keys, seek, expected) in observed {
            let walk = walk(rows, order);
            let found = keys.map(|key| on(&walk.seek(&[key], seek).0));
            assert_eq!(found, expected, "{order:?} {seek:?}");
        }
    }

    #[test]
    fn a_seek_for_an_equal_key_that_finds_nothing_leaves_a_place() {
        let rows = rows(&[(10, 0), (20, 0), (30, 0)]);
        let walk = walk(&rows, Order::Primary);
        let (position, _) = walk.seek(&[25], Seek::Equal);
        assert_eq!(walk.current(&position), Err(JetError::NoCurrentRecord));
        assert_eq!(on(&walk.advance(&position, 1, false, None)), 30);
        assert_eq!(on(&walk.advance(&position, -1, false, None)), 20);
    }

    #[test]
    fn a_range_ends_moves_in_its_direction() {
        let rows = rows(&[(10, 0), (20, 0), (30, 0), (40, 0), (50, 0)]);
        let walk = walk(&rows, Order::Primary);
        let range = |upper, inclusive| Range {
            upper,
            inclusive,
            key: vec![40],
        };
        let from = |k: u8| walk.seek(&[k], Seek::Equal).0;
        let moved = |k, step, range: &Range| walk.advance(&from(k), step, false, Some(range));
        assert_eq!(on(&moved(20, 2, &range(true, true))), 40);
        assert_eq!(moved(20, 3, &range(true, true)), Position::After);
        assert_eq!(moved(20, 2, &range(true, false)), Position::After);
        assert_eq!(on(&moved(50, -1, &range(false, true))), 40);
        assert_eq!(moved(50, -1, &range(false, false)), Position::Before);
        assert_eq!(on(&moved(20, -1, &range(true, true))), 10);
    }
}
