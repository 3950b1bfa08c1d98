//! Functions as data: names, parameters by role, and how to call them through a table.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::api::Api;
use super::list::jet_functions;
use super::role::{self, Kind, Role, Word};
use super::{JET_ERR, Release};

/// One parameter of a function.
#[derive(Debug)]
pub struct Parameter {
    /// Documented name.
    pub name: &'static str,
    /// What it is to the call.
    pub kind: Kind,
    /// The parameters that it belongs with: of bytes the length, of a buffer the size and the length
    /// written, of an array the count, of a length what it measures.
    pub links: &'static [&'static str],
    /// Whether the documents let a caller pass null or zero.
    pub optional: bool,
}

/// The width of text in a call.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum Form {
    /// 8-bit text: the function's `A` name.
    #[default]
    Narrow,
    /// 16-bit text: the function's `W` name.
    Wide,
}

impl Form {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Form::Narrow => "narrow",
            Form::Wide => "wide",
        }
    }
}

/// A function of the list, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u16);

/// One function of the list.
pub struct Function {
    /// Documented name, without the suffix of its width.
    pub name: &'static str,
    /// The name exported for narrow text, or the only one.
    pub narrow: &'static str,
    /// The name exported for wide text.
    pub wide: Option<&'static str>,
    /// The Windows release that brought it, as its page says.
    pub since: Release,
    /// Its parameters in order.
    pub parameters: &'static [Parameter],
    present: fn(&Api, Form) -> bool,
    call: unsafe fn(&Api, Form, &[u64]) -> Option<JET_ERR>,
}

impl Function {
    /// Whether the table holds it in that form.
    pub fn present(&self, api: &Api, form: Form) -> bool {
        (self.present)(api, form)
    }

    /// The name that the form is exported under.
    pub fn symbol(&self, form: Form) -> &'static str {
        match form {
            Form::Narrow => self.narrow,
            Form::Wide => self.wide.unwrap_or(self.narrow),
        }
    }

    /// The parameter of that documented name.
    pub fn parameter(&self, name: &str) -> Option<(usize, &'static Parameter)> {
        self.parameters
            .iter()
            .enumerate()
            .find(|(_, parameter)| parameter.name == name)
    }

    /// Calls it with one word for each parameter. `None` where the table lacks the function.
    ///
    /// # Safety
    /// Each word must be what its parameter's role promises: pointers valid for what the function
    /// reads and writes, or addresses that the library under test is meant to refuse.
    pub unsafe fn call(&self, api: &Api, form: Form, words: &[u64]) -> Option<JET_ERR> {
        debug_assert_eq!(words.len(), self.parameters.len());
        // SAFETY: the caller answers for the words.
        unsafe { (self.call)(api, form, words) }
    }
}

/// A function's C types, and a call of each with one word for each parameter.
pub trait Signature {
    /// The pointer type of the narrow form, and of a function of one form.
    type Narrow: Copy;
    /// The pointer type of the wide form.
    type Wide: Copy;
    /// Calls the narrow form.
    ///
    /// # Safety
    /// As [`Function::call`].
    unsafe fn narrow(function: Self::Narrow, words: &[u64]) -> JET_ERR;
    /// Calls the wide form.
    ///
    /// # Safety
    /// As [`Function::call`].
    unsafe fn wide(function: Self::Wide, words: &[u64]) -> JET_ERR;
}

/// The functions as types, by documented name.
#[allow(non_camel_case_types, reason = "their documented names")]
pub mod names {
    use crate::abi::list::jet_functions;
    macro_rules! name_types {
        ($($name:ident [$($export:ident)+] $since:ident ($($parameters:tt)*);)*) => { $(#[doc = concat!("`", stringify!($name), "`.")] pub struct $name;)* };
    }
    jet_functions!(name_types);
}

macro_rules! signatures {
    ($($name:ident [$narrow:ident $($wide:ident)?] $since:ident
        ($($p:ident: $role:ident $(<$t:ident>)? $(($($link:ident),*))? $($optional:ident)?),*);)*) => { $(
        impl Signature for names::$name {
            type Narrow = unsafe extern "system" fn($(<role::$role $(<scope::$t>)? as Role>::Narrow),*) -> JET_ERR;
            type Wide = unsafe extern "system" fn($(<role::$role $(<scope::$t>)? as Role>::Wide),*) -> JET_ERR;
            #[allow(unused_mut, unused_variables, reason = "a function without parameters reads no word")]
            unsafe fn narrow(function: Self::Narrow, words: &[u64]) -> JET_ERR {
                let mut words = words.iter().copied();
                let mut next = move || words.next().unwrap_or(0);
                // SAFETY: the caller answers for the words; the list gives the function's own types.
                unsafe { function($(<<role::$role $(<scope::$t>)? as Role>::Narrow as Word>::from_word(next())),*) }
            }
            #[allow(unused_mut, unused_variables, reason = "a function without parameters reads no word")]
            unsafe fn wide(function: Self::Wide, words: &[u64]) -> JET_ERR {
                let mut words = words.iter().copied();
                let mut next = move || words.next().unwrap_or(0);
                // SAFETY: as for the narrow form.
                unsafe { function($(<<role::$role $(<scope::$t>)? as Role>::Wide as Word>::from_word(next())),*) }
            }
        }

        // The bindings must agree with the list: a wrong signature does not compile.
        const _: () = {
            let _: <names::$name as Signature>::Narrow = windows_sys::Win32::Storage::Jet::$narrow;
            $(let _: <names::$name as Signature>::Wide = windows_sys::Win32::Storage::Jet::$wide;)?
        };
    )* };
}

/// What the type arguments of roles may name.
mod scope {
    pub use crate::abi::role::{
        ApiPtr, Columnid, Dbid, HandleId, Instance, Long, Ls, Sesid, Snapid, Tableid, Ulong,
    };
    pub use crate::abi::structures::*;
}

jet_functions!(signatures);

macro_rules! function_table {
    ($($name:ident [$narrow:ident $($wide:ident)?] $since:ident
        ($($p:ident: $role:ident $(<$t:ident>)? $(($($link:ident),*))? $($optional:ident)?),*);)*) => {
        /// Every function, sorted by name.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: stringify!($name),
            narrow: stringify!($narrow),
            wide: wide_name!($($wide)?),
            since: Release::$since,
            parameters: &[$(Parameter {
                name: stringify!($p),
                kind: <role::$role $(<scope::$t>)? as Role>::KIND,
                links: &[$($(stringify!($link)),*)?],
                optional: is_optional!($($optional)?),
            }),*],
            present: |api, form| match form {
                Form::Narrow => api.$narrow.is_some(),
                Form::Wide => wide_present!(api $($wide)?),
            },
            call: |api, form, words| match form {
                // SAFETY: the words are the caller's promise, the pointer the table's.
                Form::Narrow => api.$narrow.map(|f| unsafe { <names::$name as Signature>::narrow(f, words) }),
                Form::Wide => wide_call!(api $name words $($wide)?),
            },
        }),*];
    };
}
macro_rules! wide_name {
    () => {
        None
    };
    ($wide:ident) => {
        Some(stringify!($wide))
    };
}
macro_rules! wide_present {
    ($api:ident) => {{
        let _ = $api;
        false
    }};
    ($api:ident $wide:ident) => {
        $api.$wide.is_some()
    };
}
macro_rules! wide_call {
    ($api:ident $name:ident $words:ident) => {{
        let _ = $api;
        None
    }};
    // SAFETY: as for the narrow form.
    ($api:ident $name:ident $words:ident $wide:ident) => {
        $api.$wide
            .map(|f| unsafe { <names::$name as Signature>::wide(f, $words) })
    };
}
macro_rules! is_optional {
    () => {
        false
    };
    ($optional:ident) => {
        true
    };
}
jet_functions!(function_table);

/// The function of that documented name.
pub fn function(name: &str) -> Option<FunctionId> {
    static BY_NAME: LazyLock<FxHashMap<&'static str, FunctionId>> = LazyLock::new(|| {
        (0u16..)
            .zip(FUNCTIONS)
            .map(|(index, function)| (function.name, FunctionId(index)))
            .collect()
    });
    BY_NAME.get(name).copied()
}

impl FunctionId {
    /// The function itself.
    pub fn get(self) -> &'static Function {
        &FUNCTIONS[usize::from(self.0)]
    }
}
