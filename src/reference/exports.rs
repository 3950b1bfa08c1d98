//! The exported names: bare, narrow (`A`) and wide (`W`), as esent.dll has them.

use crate::abi::errors::JetError;
use crate::abi::role::{self, Role};
use crate::abi::{JET_ERR, jet_functions};

use super::table::TABLE;

/// What the type arguments of roles may name.
mod scope {
    pub use crate::abi::role::{
        ApiPtr, Columnid, Dbid, HandleId, Instance, Long, Ls, Sesid, Snapid, Tableid, Ulong,
    };
    pub use crate::abi::*;
}

macro_rules! exports {
    ($($name:ident [$($export:ident)+] $since:ident
        ($($p:ident: $role:ident $(<$t:ident>)? $(($($link:ident),*))? $($optional:ident)?),*);)*) => {
        $(one_function!($name [$($export)+] ($($p [role::$role $(<scope::$t>)?])*));)*
    };
}

macro_rules! one_function {
    // A function of one form is exported once.
    ($name:ident [$one:ident] $parameters:tt) => {
        one_export!($one, $one, Narrow, $parameters);
    };
    // A function that takes text is exported bare as well, for narrow text.
    ($name:ident [$narrow:ident $wide:ident] $parameters:tt) => {
        one_export!($name, $narrow, Narrow, $parameters);
        one_export!($narrow, $narrow, Narrow, $parameters);
        one_export!($wide, $wide, Wide, $parameters);
    };
}

macro_rules! one_export {
    ($symbol:ident, $entry:ident, $form:ident, ($($p:ident [$($role:tt)*])*)) => {
        /// # Safety
        /// As the documents ask of a caller of this function.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case, reason = "the documented names")]
        unsafe extern "system" fn $symbol($($p: <$($role)* as Role>::$form),*) -> JET_ERR {
            match TABLE.$entry {
                // SAFETY: the caller's promise is handed on as it came.
                Some(function) => unsafe { function($($p),*) },
                None => {
                    $(let _ = $p;)*
                    JetError::FeatureNotAvailable.code()
                }
            }
        }
    };
}

jet_functions!(exports);
