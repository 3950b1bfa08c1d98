//! Structures: the layout of every structure that a call reads or writes, field by field with its
//! role, in its narrow and its wide form.

use super::role::Scalar;

/// A structure as a type: its C types, and its description at run time.
pub trait StructureRole: 'static {
    /// The C type with narrow texts.
    type Narrow;
    /// The C type with wide texts; the same where the structure holds none.
    type Wide;
    /// The structure as data.
    const STRUCTURE: &'static Structure;
}

/// The description of a structure.
#[derive(Debug, PartialEq)]
pub struct Structure {
    /// Documented name, without the suffix of its width (`JET_TABLECREATE2`).
    pub name: &'static str,
    /// Size in bytes: narrow, wide.
    pub size: [usize; 2],
    /// Its fields as the page lists them; the members of a union stand side by side.
    pub fields: &'static [Field],
}

impl Structure {
    /// The field of that documented name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a structure.
#[derive(Debug, PartialEq)]
pub struct Field {
    /// Documented name.
    pub name: &'static str,
    /// What it is to the call.
    pub role: FieldRole,
    /// Offset in bytes: narrow, wide.
    pub offset: [usize; 2],
    /// The field that it belongs with: the length of bytes, the count of an array.
    pub link: Option<&'static str>,
}

/// What a field is to the call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldRole {
    /// The size of the structure in bytes (`cbStruct`), 32 bits.
    Size,
    /// A number or handle that is read.
    In(Scalar),
    /// A number or handle that is written.
    Written(Scalar),
    /// A number or handle that is read and written.
    InWritten(Scalar),
    /// A pointer to text that ends with zero.
    Text,
    /// A pointer to text that is wide in both forms.
    WideText,
    /// A pointer to the key description of an index.
    KeyText,
    /// A pointer to bytes that are read; the link is their length.
    Bytes,
    /// A pointer to a buffer that is written; the link is its size.
    Buffer,
    /// The length in bytes of the linked field.
    Length,
    /// The number of elements of the linked field.
    Count,
    /// A pointer to one structure.
    Struct(&'static Structure),
    /// A pointer to an array of structures; the link is its count.
    Array(&'static Structure),
    /// A pointer to an array of numbers that is read; the link is its count.
    ArrayIn(Scalar),
    /// A pointer to an array of numbers that is written; the link is its count.
    ArrayOut(Scalar),
    /// Bytes in place, read.
    Raw(usize),
    /// Bytes in place, written.
    RawWritten(usize),
    /// Text in place, written: so many units of the structure's width.
    TextWritten(usize),
    /// A pointer that the engine sets to memory of its own.
    EnginePointer,
    /// A `JET_PFNSTATUS` function.
    Status,
}

macro_rules! structures {
    ($($name:ident [$narrow:ident $($wide:ident)?] {
        $($field:ident $(in $union:ident)? : $role:ident $(($($argument:tt)*))? $(with $link:ident)?),* $(,)?
    })*) => { $(
        #[doc = concat!("The structure `", stringify!($name), "`.")]
        #[allow(non_camel_case_types, reason = "its documented name")]
        pub struct $name;
        impl $crate::abi::structure::StructureRole for $name {
            type Narrow = windows_sys::Win32::Storage::Jet::$narrow;
            type Wide = structures!(@wide $narrow $($wide)?);
            const STRUCTURE: &'static $crate::abi::structure::Structure = &$crate::abi::structure::Structure {
                name: stringify!($name),
                size: [size_of::<Self::Narrow>(), size_of::<Self::Wide>()],
                fields: &[$($crate::abi::structure::Field {
                    name: stringify!($field),
                    role: structures!(@role $role $(($($argument)*))?),
                    offset: [
                        std::mem::offset_of!(<$name as $crate::abi::structure::StructureRole>::Narrow, $($union.)? $field),
                        std::mem::offset_of!(<$name as $crate::abi::structure::StructureRole>::Wide, $($union.)? $field),
                    ],
                    link: structures!(@link $($link)?),
                }),*],
            };
        }
    )* };
    (@wide $narrow:ident) => { windows_sys::Win32::Storage::Jet::$narrow };
    (@wide $narrow:ident $wide:ident) => { windows_sys::Win32::Storage::Jet::$wide };
    (@link) => { None };
    (@link $link:ident) => { Some(stringify!($link)) };
    (@role Struct($s:ident)) => { $crate::abi::structure::FieldRole::Struct(<$s as $crate::abi::structure::StructureRole>::STRUCTURE) };
    (@role Array($s:ident)) => { $crate::abi::structure::FieldRole::Array(<$s as $crate::abi::structure::StructureRole>::STRUCTURE) };
    (@role Raw($n:literal)) => { $crate::abi::structure::FieldRole::Raw($n) };
    (@role RawWritten($n:literal)) => { $crate::abi::structure::FieldRole::RawWritten($n) };
    (@role TextWritten($n:literal)) => { $crate::abi::structure::FieldRole::TextWritten($n) };
    (@role $role:ident($scalar:ident)) => { $crate::abi::structure::FieldRole::$role($crate::abi::role::Scalar::$scalar) };
    (@role $role:ident) => { $crate::abi::structure::FieldRole::$role };
}
pub(crate) use structures;
