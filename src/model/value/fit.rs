//! How bytes given for a column become the bytes that the column keeps.
//!
//! (jetsetcolumn-function.md, columns.md)

use super::coltyp::Coltyp;
use super::column::{Column, Storage};
use crate::abi::errors::{JetError, JetWarning};
use crate::model::rules::rules;

rules! {
    /// A value of a type with one size has exactly that size.
    EXACT_SIZE = "setcolumn/exact-size";
    /// Bytes for a fixed Binary or Text column are at most the column's size.
    FIXED_SIZE = "setcolumn/fixed-size";
    /// A value of a tagged column is at most the column's maximum.
    TAGGED_TOO_BIG = "setcolumn/tagged-too-big";
    /// A value that a variable column has no room for is cut, with a warning.
    CUT_WITH_WARNING = "setcolumn/cut-with-warning";
    /// A short value of a fixed column is filled up to the column's size.
    PADDED = "setcolumn/fixed-padded";
    /// A Boolean that is not zero is stored as 0xff.
    BIT_NORMALISED = "setcolumn/bit-normalised";
}

/// The bytes that a column keeps of `given`, which is not null.
///
/// # Errors
/// `JET_errInvalidBufferSize` for a size that the type or the fixed column does not allow,
/// `JET_errColumnTooBig` for more than the maximum of a tagged column. More than the maximum of a
/// variable column is cut, with `JET_wrnColumnMaxTruncated`.
pub fn fit(column: &Column, given: &[u8]) -> Result<(Vec<u8>, Option<JetWarning>), JetError> {
    match column.storage() {
        Storage::Fixed => fit_fixed(column, given).map(|bytes| (bytes, None)),
        Storage::Variable => Ok(fit_variable(column, given)),
        Storage::Tagged => fit_tagged(column, given).map(|bytes| (bytes, None)),
    }
}

fn fit_fixed(column: &Column, given: &[u8]) -> Result<Vec<u8>, JetError> {
    let size = column.cb_max as usize;
    if column.coltyp.fixed_size().is_some() {
        EXACT_SIZE.refuse(given.len() != size, JetError::InvalidBufferSize)?;
    } else {
        FIXED_SIZE.refuse(given.len() > size, JetError::InvalidBufferSize)?;
    }
    let mut bytes = normalised_bit(column.coltyp, given);
    if PADDED.holds() || column.coltyp.fixed_size().is_some() {
        pad(column, &mut bytes);
    }
    bytes.truncate(size);
    Ok(bytes)
}

/// Fills `bytes` up to the size of a fixed column: spaces for text, zeroes for all else.
pub fn pad(column: &Column, bytes: &mut Vec<u8>) {
    let size = column.cb_max as usize;
    let filling: &[u8] = match (column.coltyp, column.is_unicode()) {
        (Coltyp::Text, true) => &[b' ', 0],
        (Coltyp::Text, false) => b" ",
        _ => &[0],
    };
    while bytes.len() < size {
        // The filling is aligned on the column, so that a half character is completed.
        bytes.push(filling[bytes.len() % filling.len()]);
    }
}

fn fit_variable(column: &Column, given: &[u8]) -> (Vec<u8>, Option<JetWarning>) {
    let most = column.cb_max as usize;
    if given.len() <= most {
        return (given.to_vec(), None);
    }
    let warning = CUT_WITH_WARNING
        .holds()
        .then_some(JetWarning::ColumnMaxTruncated);
    (given[..most].to_vec(), warning)
}

fn fit_tagged(column: &Column, given: &[u8]) -> Result<Vec<u8>, JetError> {
    let most = column.cb_max as usize;
    TAGGED_TOO_BIG.refuse(most > 0 && given.len() > most, JetError::ColumnTooBig)?;
    if let Some(size) = column.coltyp.fixed_size() {
        let wrong = !given.is_empty() && given.len() != size as usize;
        EXACT_SIZE.refuse(wrong, JetError::InvalidBufferSize)?;
    }
    Ok(normalised_bit(column.coltyp, given))
}

fn normalised_bit(coltyp: Coltyp, given: &[u8]) -> Vec<u8> {
    match given {
        [byte] if coltyp == Coltyp::Bit && *byte != 0 && BIT_NORMALISED.holds() => vec![0xff],
        _ => given.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::value::grbit::ColumnGrbit;

    fn column(coltyp: Coltyp, cb_max: u32, grbit: ColumnGrbit) -> Column {
        Column::sample("c", coltyp, cb_max, grbit)
    }

    #[test]
    fn sizes_as_the_engine_takes_them() {
        let long = column(Coltyp::Long, 4, ColumnGrbit::empty());
        for wrong in [3, 5, 8] {
            let given = vec![0; wrong];
            assert_eq!(fit(&long, &given), Err(JetError::InvalidBufferSize));
        }
        let tagged = column(Coltyp::Long, 4, ColumnGrbit::TAGGED);
        assert_eq!(fit(&tagged, &[0; 3]), Err(JetError::InvalidBufferSize));
        assert_eq!(fit(&tagged, &[0; 5]), Err(JetError::ColumnTooBig));
        let long_binary = column(Coltyp::LongBinary, 100, ColumnGrbit::empty());
        assert_eq!(fit(&long_binary, &[0; 101]), Err(JetError::ColumnTooBig));
    }

    #[test]
    fn fixed_columns_are_filled() {
        let binary = column(Coltyp::Binary, 10, ColumnGrbit::FIXED);
        assert_eq!(
            fit(&binary, &[1, 2]).expect("fits").0,
            [1, 2, 0, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(fit(&binary, &[0; 11]), Err(JetError::InvalidBufferSize));
        let text = column(Coltyp::Text, 10, ColumnGrbit::FIXED);
        assert_eq!(fit(&text, b"ab").expect("fits").0, b"ab        ");
    }

    #[test]
    fn variable_columns_are_cut_with_a_warning() {
        let text = column(Coltyp::Text, 3, ColumnGrbit::empty());
        assert_eq!(
            fit(&text, b"abcd"),
            Ok((b"abc".to_vec(), Some(JetWarning::ColumnMaxTruncated)))
        );
    }

    #[test]
    fn any_bit_is_0xff() {
        let bit = column(Coltyp::Bit, 1, ColumnGrbit::empty());
        assert_eq!(fit(&bit, &[2]).expect("fits").0, [0xff]);
        assert_eq!(fit(&bit, &[0]).expect("fits").0, [0]);
    }
}
