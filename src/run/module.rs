//! Callbacks that a library finds by name: `szCallback` says `module!function`, and the library loads
//! the module. The module is jetspec's own shared library; its exported functions hand over to the
//! trampolines of whoever runs the plan.

use super::prepare::PlanError;

/// The name under which a library finds the function at a position of the pool.
pub(super) fn export_name(slot: usize) -> Result<String, PlanError> {
    let _ = slot;
    Err(PlanError::NoModule {
        reason: "callbacks by name are not supported by this build".into(),
    })
}
