//! The contract as a table: one function pointer for each exported name.

use super::function::{Signature, names};
use super::list::jet_functions;

macro_rules! api_table {
    ($($name:ident [$narrow:ident $($wide:ident)?] $since:ident ($($parameters:tt)*);)*) => {
        /// A table of the C functions that an ESENT-compatible library exports, `None` where it
        /// lacks one. Filled from a library, or by the reference engine.
        #[derive(Clone, Copy)]
        #[allow(non_snake_case, missing_docs, reason = "the exported names")]
        pub struct Api {
            $(pub $narrow: Option<<names::$name as Signature>::Narrow>,
              $(pub $wide: Option<<names::$name as Signature>::Wide>,)?)*
        }

        impl Api {
            /// A table without functions.
            pub const NONE: Api = Api { $($narrow: None, $($wide: None,)?)* };

            /// Fills a table from a way to find exported symbols. `find` gets the names to try, best
            /// first: the exported name, then the bare one that old releases export for narrow text.
            ///
            /// # Safety
            /// What `find` returns must be the address of a function with the documented signature,
            /// valid as long as the table is used.
            pub unsafe fn from_symbols(mut find: impl FnMut(&[&str]) -> Option<std::ptr::NonNull<()>>) -> Api {
                Api { $(
                    $narrow: find(&[stringify!($narrow), stringify!($name)])
                        // SAFETY: an address and a function pointer are one word each; the caller answers for the signature.
                        .map(|address| unsafe { std::mem::transmute::<std::ptr::NonNull<()>, <names::$name as Signature>::Narrow>(address) }),
                    $($wide: find(&[stringify!($wide)])
                        // SAFETY: as above.
                        .map(|address| unsafe { std::mem::transmute::<std::ptr::NonNull<()>, <names::$name as Signature>::Wide>(address) }),)?
                )* }
            }

            /// Every exported name of the list with whether the table holds it.
            pub fn exports(&self) -> Vec<(&'static str, bool)> {
                vec![$((stringify!($narrow), self.$narrow.is_some()), $((stringify!($wide), self.$wide.is_some()),)?)*]
            }
        }
    };
}
jet_functions!(api_table);

/// How many names a complete library exports, without the bare second names of narrow functions.
pub const EXPORTS: usize = {
    macro_rules! count {
        ($($name:ident [$($export:ident)+] $since:ident ($($parameters:tt)*);)*) => { [$($(stringify!($export)),+),*].len() };
    }
    jet_functions!(count)
};
const _: () = assert!(EXPORTS == 229);
