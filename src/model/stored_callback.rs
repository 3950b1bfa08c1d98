//! Callbacks that a schema names: `module!function`.
//!
//! (jet-userdefineddefault-structure.md, jet-tablecreate2-structure.md, callback-parameters.md)

use std::fmt::Debug;
use std::sync::Arc;

use super::callback::Callback;
use super::engine::State;

/// Finds the function that a schema names. The model itself loads nothing.
pub trait Resolver: Debug + Send + Sync {
    /// The function of a name such as `module!function`, narrow text; `None` where the module or
    /// the function is not found.
    fn resolve(&self, name: &[u8]) -> Option<Arc<dyn Callback>>;
}

impl State {
    /// The function that a schema names, if persisted callbacks are enabled and it is found.
    pub(super) fn resolve_stored(&self, name: &[u8]) -> Option<Arc<dyn Callback>> {
        self.resolver.as_ref()?.resolve(name)
    }
}
