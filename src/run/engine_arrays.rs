//! Arrays that the engine allocates: JetEnumerateColumns gives the values of columns
//! (jet-enumcolumn-structure.md), JetGetInstanceInfo the instances (jet-instance-info-structure.md).
//! They are copied as soon as the call has returned.

use std::ffi::c_void;

use serde::{Deserialize, Serialize};
use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::abi::structure::Structure;

use super::calls::number;
use super::realloc;
use super::trace::{Name, Value};

/// A value whose handles have no names yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Raw {
    /// A handle or an id.
    Handle(Scalar, u64),
    /// Something that needs no name.
    Plain(Value),
    /// Fields.
    Structure(Vec<(Name, Raw)>),
    /// Elements.
    Array(Vec<Raw>),
}

impl Raw {
    /// The value, with names given to its handles.
    pub(super) fn named(self, name: &mut impl FnMut(Scalar, u64) -> Value) -> Value {
        match self {
            Raw::Handle(scalar, handle) => name(scalar, handle),
            Raw::Plain(value) => value,
            Raw::Structure(fields) => Value::Structure(
                fields
                    .into_iter()
                    .map(|(field, raw)| (field, raw.named(name)))
                    .collect(),
            ),
            Raw::Array(elements) => {
                Value::Array(elements.into_iter().map(|raw| raw.named(name)).collect())
            }
        }
    }
}

/// Copies the array whose address the call has written, as the journal keeps it. What was not given
/// out by the runner's own function is not followed after an error, when the address promises nothing.
pub(super) fn read(
    elements: Option<&Structure>,
    form: Form,
    address: &[u8],
    count: u32,
    code: i32,
) -> Vec<u8> {
    let address = number(address);
    let raw = match (address, elements.map(|structure| structure.name)) {
        (0, _) => Raw::Plain(Value::Null),
        (_, Some("JET_ENUMCOLUMN")) => enumerated(address, count),
        _ if code < 0 => Raw::Plain(Value::Address),
        // SAFETY: the call succeeded, so the documents promise an array with that many elements.
        (_, Some("JET_INSTANCE_INFO")) => unsafe { instances(address, count, form) },
        _ => Raw::Plain(Value::Address),
    };
    // Numbers, texts and lists always have a JSON form.
    serde_json::to_vec(&raw).unwrap_or_default()
}

/// A pointer to an element of an array.
fn element<T>(array: u64, position: u64) -> *const T {
    let offset = position as usize * size_of::<T>();
    std::ptr::with_exposed_provenance((array as usize).wrapping_add(offset))
}

fn pointed<T>(pointer: *const T) -> u64 {
    pointer.expose_provenance() as u64
}

fn field(name: &str, value: Raw) -> (Name, Raw) {
    (name.into(), value)
}

fn plain(number: impl Into<i64>) -> Raw {
    Raw::Plain(Value::Number(number.into()))
}

/// That many `JET_ENUMCOLUMN`, with what they point to. All of it is memory of the runner's function,
/// also what tells of the columns that there are where the call fails because of others; an address
/// that leads elsewhere is shown as such.
fn enumerated(array: u64, count: u32) -> Raw {
    if !is_given::<jet::JET_ENUMCOLUMN>(array, count) {
        return Raw::Plain(Value::Address);
    }
    let column = |position| {
        // SAFETY: within memory that the runner's function gave and that was not given back; which
        // member of the union counts is told by `err`.
        unsafe {
            let column = element::<jet::JET_ENUMCOLUMN>(array, position).read_unaligned();
            let mut fields = vec![
                field(
                    "columnid",
                    Raw::Handle(Scalar::Columnid, u64::from(column.columnid)),
                ),
                field("err", plain(column.err)),
            ];
            if column.err == jet::JET_wrnColumnSingleValue as i32 {
                let single = column.Anonymous.Anonymous2;
                fields.push(field("cbData", plain(single.cbData)));
                fields.push(field("pvData", bytes(single.pvData, single.cbData)));
            } else if column.err == 0 {
                let several = column.Anonymous.Anonymous1;
                fields.push(field("cEnumColumnValue", plain(several.cEnumColumnValue)));
                let values = values(pointed(several.rgEnumColumnValue), several.cEnumColumnValue);
                fields.push(field("rgEnumColumnValue", values));
            }
            Raw::Structure(fields)
        }
    };
    Raw::Array((0..u64::from(count)).map(column).collect())
}

/// Whether the runner's function gave memory for so many structures there.
fn is_given<T>(array: u64, count: u32) -> bool {
    let size = (count as usize).checked_mul(size_of::<T>());
    size.is_some_and(|size| realloc::holds(array, size))
}

/// That many `JET_ENUMCOLUMNVALUE`, with what they point to.
fn values(array: u64, count: u32) -> Raw {
    if array == 0 {
        return Raw::Plain(Value::Null);
    }
    if !is_given::<jet::JET_ENUMCOLUMNVALUE>(array, count) {
        return Raw::Plain(Value::Address);
    }
    let value = |position| {
        let value = element::<jet::JET_ENUMCOLUMNVALUE>(array, position);
        // SAFETY: within memory that the runner's function gave and that was not given back.
        let value = unsafe { value.read_unaligned() };
        Raw::Structure(vec![
            field("itagSequence", plain(value.itagSequence)),
            field("err", plain(value.err)),
            field("cbData", plain(value.cbData)),
            field("pvData", bytes(value.pvData, value.cbData)),
        ])
    };
    Raw::Array((0..u64::from(count)).map(value).collect())
}

/// That many bytes.
fn bytes(data: *mut c_void, count: u32) -> Raw {
    if data.is_null() {
        return Raw::Plain(Value::Null);
    }
    if !realloc::holds(pointed(data), count as usize) {
        return Raw::Plain(Value::Address);
    }
    // SAFETY: within memory that the runner's function gave and that was not given back.
    let bytes = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), count as usize) };
    Raw::Plain(Value::Bytes(bytes.to_vec()))
}

/// # Safety
/// `array` must be the address of that many `JET_INSTANCE_INFO`, with what they point to. The narrow
/// and the wide structure differ in the texts alone.
unsafe fn instances(array: u64, count: u32, form: Form) -> Raw {
    let instance = |position| {
        // SAFETY: within the array; every pointer in it is null or valid.
        unsafe {
            let info = element::<jet::JET_INSTANCE_INFO_A>(array, position).read_unaligned();
            let databases = info.cDatabases as u64;
            let handle = info.hInstanceId as u64;
            Raw::Structure(vec![
                field("hInstanceId", Raw::Handle(Scalar::Instance, handle)),
                field("szInstanceName", text(pointed(info.szInstanceName), form)),
                field("cDatabases", plain(databases as i64)),
                field(
                    "szDatabaseFileName",
                    relative(texts(pointed(info.szDatabaseFileName), databases, form)),
                ),
                field(
                    "szDatabaseDisplayName",
                    texts(pointed(info.szDatabaseDisplayName), databases, form),
                ),
            ])
        }
    };
    Raw::Array((0..u64::from(count)).map(instance).collect())
}

/// Paths below the folder of the run, which is the current one, are told relative to it: the folder is
/// another in every run.
fn relative(raw: Raw) -> Raw {
    match (raw, std::env::current_dir()) {
        (Raw::Array(paths), _) => Raw::Array(paths.into_iter().map(relative).collect()),
        (Raw::Plain(Value::Text(path)), Ok(folder)) => {
            let inside = std::path::Path::new(&path).strip_prefix(folder);
            let inside = inside.map(|inside| inside.to_string_lossy().into_owned());
            Raw::Plain(Value::Text(inside.unwrap_or(path)))
        }
        (raw, _) => raw,
    }
}

/// # Safety
/// `array` must be null or the address of that many pointers to texts.
unsafe fn texts(array: u64, count: u64, form: Form) -> Raw {
    if array == 0 {
        return Raw::Plain(Value::Null);
    }
    let one = |position| {
        // SAFETY: within the array.
        unsafe {
            text(
                element::<usize>(array, position).read_unaligned() as u64,
                form,
            )
        }
    };
    Raw::Array((0..count).map(one).collect())
}

/// # Safety
/// `address` must be null or that of a text that ends with zero.
unsafe fn text(address: u64, form: Form) -> Raw {
    if address == 0 {
        return Raw::Plain(Value::Null);
    }
    let text = match form {
        Form::Narrow => {
            let start = std::ptr::with_exposed_provenance(address as usize);
            // SAFETY: the caller's promise.
            let text = unsafe { std::ffi::CStr::from_ptr(start) };
            text.to_string_lossy().into_owned()
        }
        Form::Wide => {
            let start: *const u16 = std::ptr::with_exposed_provenance(address as usize);
            let mut units = Vec::new();
            // SAFETY: the caller's promise; nothing is read behind the zero.
            unsafe {
                while start.add(units.len()).read_unaligned() != 0 {
                    units.push(start.add(units.len()).read_unaligned());
                }
            }
            String::from_utf16_lossy(&units)
        }
    };
    Raw::Plain(Value::Text(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::structure;

    fn read_array(name: &str, address: u64, count: u32, code: i32) -> Raw {
        let json = read(
            structure(name),
            Form::Narrow,
            &address.to_le_bytes(),
            count,
            code,
        );
        serde_json::from_slice(&json).expect("what was written is read")
    }

    /// Memory of the runner's function with these structures in it.
    fn given<T: Copy>(structures: &[T]) -> *mut T {
        // SAFETY: the runner's own function, which gives so many bytes for a null pointer.
        unsafe {
            let size = size_of_val(structures) as u32;
            let memory = realloc::give(size).cast::<T>();
            memory.copy_from_nonoverlapping(structures.as_ptr(), structures.len());
            memory
        }
    }

    fn told(array: &[jet::JET_ENUMCOLUMN], code: i32) -> String {
        let raw = read_array(
            "JET_ENUMCOLUMN",
            pointed(given(array)),
            array.len() as u32,
            code,
        );
        serde_json::to_string(&raw).expect("JSON")
    }

    fn single(data: *mut u8) -> jet::JET_ENUMCOLUMN {
        let mut single = jet::JET_ENUMCOLUMN {
            columnid: 256,
            err: jet::JET_wrnColumnSingleValue as i32,
            ..Default::default()
        };
        single.Anonymous.Anonymous2 = jet::JET_ENUMCOLUMN_0_1 {
            cbData: 3,
            pvData: data.cast(),
        };
        single
    }

    #[test]
    fn single_values_and_lists_are_told_apart() {
        let data = given(b"abc");
        let value = jet::JET_ENUMCOLUMNVALUE {
            itagSequence: 1,
            err: 0,
            cbData: 2,
            pvData: data.cast(),
        };
        let mut several = jet::JET_ENUMCOLUMN {
            columnid: 257,
            ..Default::default()
        };
        several.Anonymous.Anonymous1 = jet::JET_ENUMCOLUMN_0_0 {
            cEnumColumnValue: 1,
            rgEnumColumnValue: given(&[value]),
        };
        // Also where the call fails because of another column.
        for code in [0, -1507] {
            let text = told(&[single(data), several], code);
            assert!(text.contains(r#"{"Plain":{"Bytes":[97,98,99]}}"#), "{text}");
            assert!(text.contains(r#"{"Plain":{"Bytes":[97,98]}}"#), "{text}");
        }
    }

    #[test]
    fn memory_that_was_never_given_is_not_followed() {
        let mut data = *b"abc";
        let own = [single(data.as_mut_ptr())];
        let text = told(&own, 0);
        assert!(text.contains(r#""Address""#), "{text}");
        let raw = read_array("JET_ENUMCOLUMN", pointed(own.as_ptr()), 1, 0);
        assert_eq!(raw, Raw::Plain(Value::Address));
    }

    #[test]
    fn nothing_is_followed_after_an_error() {
        let raw = read_array("JET_ENUMCOLUMN", 0x1234, 7, -1003);
        assert_eq!(raw, Raw::Plain(Value::Address));
        let raw = read_array("JET_ENUMCOLUMN", 0, 0, 0);
        assert_eq!(raw, Raw::Plain(Value::Null));
    }
}
