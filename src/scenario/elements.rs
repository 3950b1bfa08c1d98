//! Parts of an array that the engine allocates, as `out` names them:
//! `prgEnumColumn[0].rgEnumColumnValue[1].pvData`.
//!
//! (jet-enumcolumn-structure.md, jet-enumcolumnvalue-structure.md, jet-instance-info-structure.md)

use super::plan::{Call, Show};
use crate::abi::role::{Kind, Scalar};
use crate::abi::structure::{FieldRole, Structure};
use crate::abi::{Form, structure};

/// What a field holds that the list of structures leaves to the call: the members of the union, and
/// what is behind a pointer.
fn behind(structure: &str, field: &str, form: Form) -> Option<Part> {
    Some(match (structure, field) {
        ("JET_ENUMCOLUMN", "cEnumColumnValue" | "cbData")
        | ("JET_ENUMCOLUMNVALUE", "cbData")
        | ("JET_INSTANCE_INFO", "cDatabases") => Part::Whole(Show::Scalar(Scalar::Ulong)),
        ("JET_ENUMCOLUMN", "rgEnumColumnValue") => Part::Elements("JET_ENUMCOLUMNVALUE"),
        ("JET_ENUMCOLUMN" | "JET_ENUMCOLUMNVALUE", "pvData") => {
            Part::Whole(Show::Bytes { length: None })
        }
        ("JET_INSTANCE_INFO", "szInstanceName") => Part::Whole(Show::Text(form)),
        ("JET_INSTANCE_INFO", "szDatabaseFileName" | "szDatabaseDisplayName") => Part::Texts,
        _ => return None,
    })
}

/// What a part of the path leads to.
enum Part {
    /// A value.
    Whole(Show),
    /// More structures.
    Elements(&'static str),
    /// Texts.
    Texts,
}

/// How the part of an output that a path leads to is read; `None` where there is none of that name.
pub(super) fn part(call: &Call, path: &str) -> Option<Show> {
    let (name, rest) = path.split_at(path.find('[')?);
    let (_, parameter) = call.function.get().parameter(name)?;
    let Kind::EngineArray(structure) = parameter.kind else {
        return None;
    };
    element(structure, call.form, after_index(rest)?)
}

fn element(of: &Structure, form: Form, path: &str) -> Option<Show> {
    let path = path.strip_prefix('.')?;
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, rest) = path.split_at(end);
    let written = of.field(name).and_then(|field| match field.role {
        FieldRole::Written(scalar) => Some(Part::Whole(Show::Scalar(scalar))),
        _ => None,
    });
    match written.or_else(|| behind(of.name, name, form))? {
        Part::Whole(show) => rest.is_empty().then_some(show),
        Part::Elements(name) => element(structure(name)?, form, after_index(rest)?),
        Part::Texts => after_index(rest)?.is_empty().then_some(Show::Text(form)),
    }
}

/// What follows `[3]`.
fn after_index(path: &str) -> Option<&str> {
    let (index, rest) = path.strip_prefix('[')?.split_once(']')?;
    index.parse::<u16>().ok().map(|_| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<Show> {
        element(structure("JET_ENUMCOLUMN")?, Form::Narrow, path)
    }

    #[test]
    fn paths_lead_to_numbers_and_bytes() {
        assert_eq!(read(".columnid"), Some(Show::Scalar(Scalar::Columnid)));
        assert_eq!(read(".pvData"), Some(Show::Bytes { length: None }));
        let count = Some(Show::Scalar(Scalar::Ulong));
        assert_eq!(read(".rgEnumColumnValue[12].itagSequence"), count);
        assert_eq!(read(".rgEnumColumnValue[0].cbData"), count);
    }

    #[test]
    fn a_path_that_leads_nowhere_is_none() {
        for path in [
            "",
            ".",
            ".colour",
            ".err.err",
            ".rgEnumColumnValue",
            ".rgEnumColumnValue[x].err",
            ".rgEnumColumnValue[0]",
            ".pvData[0]",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
