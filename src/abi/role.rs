//! Roles: what a parameter is to the call. Each role has exactly one C type (one for each width of
//! text), so arguments are marshalled by role and never by function.

#![allow(
    non_camel_case_types,
    reason = "structures keep their documented names"
)]

use std::ffi::c_void;
use std::marker::PhantomData;

use windows_sys::Win32::Storage::Jet as jet;

use super::structure::{Structure, StructureRole};

/// A role as a type: the C types of its narrow and its wide form, and its description at run time.
pub trait Role {
    /// C type in the narrow form of a function, and in a function of one form.
    type Narrow: Word;
    /// C type in the wide form of a function.
    type Wide: Word;
    /// The role as data.
    const KIND: Kind;
}

/// A C type that fits one machine word, which is how an argument travels to the call.
pub trait Word: Copy {
    /// The low bits of the word as this type.
    fn from_word(word: u64) -> Self;
}

macro_rules! integer_words {
    ($($t:ty),*) => { $(impl Word for $t { fn from_word(word: u64) -> Self { word as $t } })* };
}
integer_words!(u32, i32, i64, usize);

impl<T> Word for *const T {
    fn from_word(word: u64) -> Self {
        std::ptr::with_exposed_provenance(word as usize)
    }
}
impl<T> Word for *mut T {
    fn from_word(word: u64) -> Self {
        std::ptr::with_exposed_provenance_mut(word as usize)
    }
}

macro_rules! function_words {
    ($($t:ty),*) => { $(impl Word for $t {
        fn from_word(word: u64) -> Self {
            // SAFETY: `Option<extern fn>` is one nullable pointer wide; the runner puts only null or
            // the address of one of its own functions of this type into such a word.
            unsafe { std::mem::transmute::<usize, Self>(word as usize) }
        }
    })* };
}
function_words!(jet::JET_CALLBACK, jet::JET_PFNSTATUS, jet::JET_PFNREALLOC);

/// The description of a role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A number or a handle, by value.
    Scalar(Scalar),
    /// Text that ends with a zero unit.
    Text,
    /// A buffer that receives text; its length parameter follows.
    TextBuffer,
    /// A buffer that receives a list of texts, ended by an empty one.
    TextList,
    /// The key description of an index: texts that end with zero, the list with another one.
    KeyText,
    /// A column's name, or a pointer to its columnid, as the information level says.
    NameOrId,
    /// Bytes in; their length is another parameter.
    Bytes,
    /// Bytes out; the size of the buffer and the length written are other parameters.
    Buffer,
    /// The length in bytes of another parameter.
    Length,
    /// Out: how many bytes another parameter has, 32 bits.
    Actual,
    /// The number of elements of another parameter, 32 bits.
    Count,
    /// An opaque pointer that comes back in a callback.
    Context,
    /// Out: one number or handle.
    Out(Scalar),
    /// In and out: one number or handle.
    InOut(Scalar),
    /// A structure that is read.
    Struct(&'static Structure),
    /// A structure that is written.
    StructOut(&'static Structure),
    /// A structure that is read and written.
    StructInOut(&'static Structure),
    /// An array of structures that is read.
    Array(&'static Structure),
    /// An array of structures that is read and written.
    ArrayInOut(&'static Structure),
    /// An array of numbers that is read.
    ArrayIn(Scalar),
    /// An array of numbers that is written.
    ArrayOut(Scalar),
    /// Out: what the information level says.
    Info,
    /// Out: an array that the engine allocates and the caller frees.
    EngineArray(&'static Structure),
    /// Memory that the engine allocated, handed back.
    EngineMemory,
    /// A `JET_CALLBACK` function.
    Callback,
    /// A `JET_PFNSTATUS` function.
    Status,
    /// A `JET_PFNREALLOC` function.
    Realloc,
    /// An array of pointers to keys.
    KeyArray,
    /// An array of lengths, one for each key.
    LengthArray,
}

/// A number or a handle: what it names, and so its width. `long` is 32 bits on every platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Scalar {
    /// JET_SESID
    Sesid,
    /// JET_TABLEID
    Tableid,
    /// JET_INSTANCE
    Instance,
    /// JET_HANDLE
    HandleId,
    /// JET_OSSNAPID
    Snapid,
    /// JET_LS
    Ls,
    /// JET_API_PTR
    ApiPtr,
    /// JET_DBID
    Dbid,
    /// JET_COLUMNID
    Columnid,
    /// JET_GRBIT
    Grbit,
    /// JET_CBTYP
    Cbtyp,
    /// A system or session parameter's id
    ParamId,
    /// An information level
    Level,
    /// unsigned long
    Ulong,
    /// long
    Long,
    /// JET_ERR in a structure
    Err,
    /// unsigned short
    Ushort,
    /// A 64-bit count
    Ulonglong,
    /// A transaction id, 64 bits
    Trxid,
    /// An 8-byte floating point date
    Date,
}

impl Scalar {
    /// Size in bytes.
    pub const fn size(self) -> usize {
        match self {
            Scalar::Ushort => 2,
            Scalar::Sesid
            | Scalar::Tableid
            | Scalar::Instance
            | Scalar::HandleId
            | Scalar::Snapid
            | Scalar::Ls
            | Scalar::ApiPtr
            | Scalar::Ulonglong
            | Scalar::Trxid
            | Scalar::Date => 8,
            _ => 4,
        }
    }

    /// Whether negative values are shown with a sign.
    pub const fn signed(self) -> bool {
        matches!(self, Scalar::Long | Scalar::Err | Scalar::Trxid)
    }

    /// Whether the value names an object of the engine, so that a trace shows a name instead of it.
    pub const fn is_handle(self) -> bool {
        matches!(
            self,
            Scalar::Sesid | Scalar::Tableid | Scalar::Instance | Scalar::HandleId | Scalar::Snapid
        )
    }
}

/// A role that is a number or a handle.
pub trait ScalarRole {
    /// The C type.
    type C: Word;
    /// Which number.
    const SCALAR: Scalar;
}

macro_rules! scalars {
    ($($name:ident: $c:ty;)*) => { $(
        #[doc = concat!("A `", stringify!($name), "` by value.")]
        pub struct $name;
        impl ScalarRole for $name {
            type C = $c;
            const SCALAR: Scalar = Scalar::$name;
        }
        impl Role for $name {
            type Narrow = $c;
            type Wide = $c;
            const KIND: Kind = Kind::Scalar(Scalar::$name);
        }
    )* };
}
scalars! {
    Sesid: usize; Tableid: usize; Instance: usize; HandleId: usize; Snapid: usize; Ls: usize; ApiPtr: usize;
    Dbid: u32; Columnid: u32; Grbit: u32; Cbtyp: u32; ParamId: u32; Level: u32; Ulong: u32; Long: i32; Trxid: i64;
}

macro_rules! plain_roles {
    ($($(#[$doc:meta])* $name:ident: $narrow:ty, $wide:ty => $kind:expr;)*) => { $(
        $(#[$doc])*
        pub struct $name;
        impl Role for $name {
            type Narrow = $narrow;
            type Wide = $wide;
            const KIND: Kind = $kind;
        }
    )* };
}
plain_roles! {
    /// See [`Kind::Text`].
    Text: *const i8, *const u16 => Kind::Text;
    /// See [`Kind::TextBuffer`].
    TextBuffer: *mut i8, *mut u16 => Kind::TextBuffer;
    /// See [`Kind::TextList`].
    TextList: *mut i8, *mut u16 => Kind::TextList;
    /// See [`Kind::KeyText`].
    KeyText: *const u8, *const u16 => Kind::KeyText;
    /// See [`Kind::NameOrId`].
    NameOrId: *const i8, *const u16 => Kind::NameOrId;
    /// See [`Kind::Bytes`].
    Bytes: *const c_void, *const c_void => Kind::Bytes;
    /// See [`Kind::Buffer`].
    Buffer: *mut c_void, *mut c_void => Kind::Buffer;
    /// See [`Kind::Length`].
    Length: u32, u32 => Kind::Length;
    /// See [`Kind::Actual`].
    Actual: *mut u32, *mut u32 => Kind::Actual;
    /// See [`Kind::Count`].
    Count: u32, u32 => Kind::Count;
    /// A [`Kind::Count`] that the header declares signed.
    CountLong: i32, i32 => Kind::Count;
    /// See [`Kind::Context`].
    Context: *const c_void, *const c_void => Kind::Context;
    /// See [`Kind::Info`].
    Info: *mut c_void, *mut c_void => Kind::Info;
    /// See [`Kind::EngineMemory`].
    EngineMemory: *const u8, *const u8 => Kind::EngineMemory;
    /// See [`Kind::Callback`].
    Callback: jet::JET_CALLBACK, jet::JET_CALLBACK => Kind::Callback;
    /// See [`Kind::Status`].
    Status: jet::JET_PFNSTATUS, jet::JET_PFNSTATUS => Kind::Status;
    /// See [`Kind::Realloc`].
    Realloc: jet::JET_PFNREALLOC, jet::JET_PFNREALLOC => Kind::Realloc;
    /// See [`Kind::KeyArray`].
    KeyArray: *const *const c_void, *const *const c_void => Kind::KeyArray;
    /// See [`Kind::LengthArray`].
    LengthArray: *const u32, *const u32 => Kind::LengthArray;
    /// [`Kind::StructOut`] through an untyped pointer.
    ThreadStats: *mut c_void, *mut c_void => Kind::StructOut(<super::JET_THREADSTATS as StructureRole>::STRUCTURE);
}

macro_rules! scalar_pointer_roles {
    ($($(#[$doc:meta])* $name:ident: $pointer:ident => $kind:ident;)*) => { $(
        $(#[$doc])*
        pub struct $name<T>(PhantomData<T>);
        impl<T: ScalarRole> Role for $name<T> {
            type Narrow = pointer!($pointer T::C);
            type Wide = pointer!($pointer T::C);
            const KIND: Kind = Kind::$kind(T::SCALAR);
        }
    )* };
}
macro_rules! structure_roles {
    ($($(#[$doc:meta])* $name:ident: $pointer:ident => $kind:ident;)*) => { $(
        $(#[$doc])*
        pub struct $name<T>(PhantomData<T>);
        impl<T: StructureRole> Role for $name<T> {
            type Narrow = pointer!($pointer T::Narrow);
            type Wide = pointer!($pointer T::Wide);
            const KIND: Kind = Kind::$kind(T::STRUCTURE);
        }
    )* };
}
macro_rules! pointer {
    (constant $t:ty) => { *const $t };
    (mutable $t:ty) => { *mut $t };
    (indirect $t:ty) => { *mut *mut $t };
}
scalar_pointer_roles! {
    /// See [`Kind::Out`].
    Out: mutable => Out;
    /// A [`Kind::Out`] that the bindings declare constant; the pointer given comes from a mutable one.
    OutConst: constant => Out;
    /// See [`Kind::InOut`].
    InOut: mutable => InOut;
    /// See [`Kind::ArrayIn`].
    ArrayIn: constant => ArrayIn;
    /// See [`Kind::ArrayOut`].
    ArrayOut: mutable => ArrayOut;
}
structure_roles! {
    /// See [`Kind::Struct`].
    Struct: constant => Struct;
    /// See [`Kind::StructOut`].
    StructOut: mutable => StructOut;
    /// See [`Kind::StructInOut`].
    StructInOut: mutable => StructInOut;
    /// See [`Kind::Array`].
    Array: constant => Array;
    /// See [`Kind::ArrayInOut`].
    ArrayInOut: mutable => ArrayInOut;
    /// See [`Kind::EngineArray`].
    EngineArray: indirect => EngineArray;
}
