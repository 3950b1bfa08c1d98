//! The keys that a row has in an index: none, one, or one for each value.
//!
//! (jet-indexcreate-structure.md, jetcreateindex-function.md)

use super::index::Index;
use super::index_options::TupleLimits;
use super::outcome::Jet;
use super::rules::rules;
use super::store::Key;
use super::value::column::{Column, Storage};
use super::value::columns::Columns;
use super::value::grbit::IndexGrbit;
use super::value::normal::Normaliser;
use crate::abi::errors::JetError;

rules! {
    /// An index that disallows nulls refuses a row with a null key column.
    /// (jet-indexcreate-structure.md)
    NULL_DISALLOWED = "index/null-disallowed";
    /// A row that is null in every key column is left out where the option says so.
    /// (jet-indexcreate-structure.md)
    IGNORE_NULL = "index/ignore-null";
    /// A row that is null in any key column is left out where the option says so.
    /// (jet-indexcreate-structure.md)
    IGNORE_ANY_NULL = "index/ignore-any-null";
    /// A row that is null in the first key column is left out where the option says so.
    /// (jet-indexcreate-structure.md)
    IGNORE_FIRST_NULL = "index/ignore-first-null";
    /// A row that does not meet a condition is left out. (jet-conditionalcolumn-structure.md)
    CONDITION = "index/condition-met";
    /// Each value of a multi-valued key column has an entry of its own.
    /// (jet-indexcreate-structure.md)
    EVERY_VALUE = "index/entry-for-every-value";
    /// A key longer than the index allows is cut, or refused where the option says so.
    /// (jet-indexcreate-structure.md)
    TRUNCATION = "index/truncation-disallowed";
    /// Nulls come after all values where the option says so. (jet-indexcreate-structure.md)
    NULLS_HIGH = "index/nulls-high";
}

/// The values of a row in a column, in order of itagSequence; none for a null column.
pub type Values = Vec<Vec<u8>>;

/// Gives the values of a row, defaults included.
pub type ValuesOf<'v> = dyn FnMut(&Column) -> Jet<Values> + 'v;

/// The keys of a row in an index, each with the itagSequence of the value that made it.
///
/// # Errors
/// `JET_errNullKeyDisallowed`, `JET_errKeyTruncated`, and those of reading the values.
pub fn keys(
    index: &Index,
    columns: &Columns,
    values_of: &mut ValuesOf<'_>,
) -> Jet<Vec<(u32, Key)>> {
    if !meets_conditions(index, columns, values_of)? {
        return Ok(Vec::new());
    }
    let mut parts: Vec<(Normaliser, bool, Values)> = Vec::new();
    for key_column in &index.columns {
        let column = columns.find(key_column.columnid)?;
        let values = values_of(column)?;
        let sized = column.storage() == Storage::Fixed;
        parts.push((
            normaliser(index, column, key_column.descending),
            !sized,
            values,
        ));
    }
    let nulls: Vec<bool> = parts.iter().map(|(.., values)| values.is_empty()).collect();
    NULL_DISALLOWED.refuse(
        index.grbit.contains(IndexGrbit::DISALLOW_NULL) && nulls.contains(&true),
        JetError::NullKeyDisallowed,
    )?;
    if leaves_out(index, &nulls) {
        return Ok(Vec::new());
    }
    if let Some(limits) = index.tuples {
        split_into_tuples(index, limits, columns, &mut parts)?;
        let first = parts.first().map(|(.., values)| values.is_empty());
        if first == Some(true) && nulls.first() == Some(&false) {
            return Ok(Vec::new());
        }
    }
    let choices = choices(index, &parts);
    let keys = choices.into_iter().map(|choice| {
        let itag = choice.iter().copied().max().unwrap_or(0) + 1;
        key(index, &parts, &choice).map(|key| (itag as u32, key))
    });
    keys.collect()
}

/// How the index normalises the values of a column.
pub fn normaliser(index: &Index, column: &Column, descending: bool) -> Normaliser {
    let disallows = index.grbit.contains(IndexGrbit::DISALLOW_NULL);
    let mut normaliser = Normaliser::of(column);
    // Without the rule they come at the other end.
    let high = index.grbit.contains(IndexGrbit::SORT_NULLS_HIGH) == NULLS_HIGH.holds();
    normaliser.nulls_high = high && !disallows;
    normaliser.dot_net_guid = index.grbit.contains(IndexGrbit::DOT_NET_GUID);
    normaliser.descending = descending;
    normaliser
}

fn meets_conditions(index: &Index, columns: &Columns, values_of: &mut ValuesOf<'_>) -> Jet<bool> {
    for condition in &index.conditions {
        let null = values_of(columns.find(condition.columnid)?)?.is_empty();
        if null != condition.must_be_null && CONDITION.holds() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn leaves_out(index: &Index, nulls: &[bool]) -> bool {
    let says = |option| index.grbit.contains(option);
    let all = nulls.iter().all(|null| *null);
    let any = nulls.contains(&true);
    let first = nulls.first().copied().unwrap_or(false);
    (says(IndexGrbit::IGNORE_NULL) && all && IGNORE_NULL.holds())
        || (says(IndexGrbit::IGNORE_ANY_NULL) && any && IGNORE_ANY_NULL.holds())
        || (says(IndexGrbit::IGNORE_FIRST_NULL) && first && IGNORE_FIRST_NULL.holds())
}

/// Which value of each column goes into each key: only the first column with several values gives
/// several keys, unless the index is a cross product or a nested table.
fn choices(index: &Index, parts: &[(Normaliser, bool, Values)]) -> Vec<Vec<usize>> {
    let count = |part: &(Normaliser, bool, Values)| part.2.len().max(1);
    if !EVERY_VALUE.holds() {
        return vec![vec![0; parts.len()]];
    }
    if index.grbit.contains(IndexGrbit::NESTED_TABLE) {
        let most = parts.iter().map(count).max().unwrap_or(1);
        let row = |at: usize| parts.iter().map(|part| at.min(count(part) - 1)).collect();
        return (0..most).map(row).collect();
    }
    let cross = index.grbit.contains(IndexGrbit::CROSS_PRODUCT);
    let first_several = parts.iter().position(|part| part.2.len() > 1);
    let mut choices = vec![Vec::new()];
    for (position, part) in parts.iter().enumerate() {
        let several = cross || first_several == Some(position);
        let range = if several { count(part) } else { 1 };
        let extended = choices.iter().flat_map(|choice: &Vec<usize>| {
            (0..range).map(move |at| [choice.as_slice(), &[at]].concat())
        });
        choices = extended.collect();
    }
    choices
}

fn key(index: &Index, parts: &[(Normaliser, bool, Values)], choice: &[usize]) -> Jet<Key> {
    let mut key = Key::new();
    for ((normaliser, variable, values), at) in parts.iter().zip(choice) {
        let mut part = normaliser.normalise(values.get(*at).map(Vec::as_slice));
        // A part that is as long as the whole key may be is cut with the key.
        if *variable && index.segment_most < index.key_most {
            part.truncate(index.segment_most);
        }
        key.extend(part);
    }
    TRUNCATION.refuse(
        key.len() > index.key_most && index.grbit.contains(IndexGrbit::DISALLOW_TRUNCATION),
        JetError::KeyTruncated,
    )?;
    key.truncate(index.key_most);
    Ok(key)
}

/// Replaces the values of the first column by their tuples.
fn split_into_tuples(
    index: &Index,
    limits: TupleLimits,
    columns: &Columns,
    parts: &mut [(Normaliser, bool, Values)],
) -> Jet<()> {
    let Some((first, (.., values))) = index.columns.first().zip(parts.first_mut()) else {
        return Ok(());
    };
    let column = columns.find(first.columnid)?;
    let tuples = values.iter();
    *values = tuples
        .flat_map(|value| limits.split(value, column.unit()))
        .collect();
    Ok(())
}
