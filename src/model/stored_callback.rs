//! Callbacks that a schema names: `module!function`.
//!
//! (jet-userdefineddefault-structure.md, jet-tablecreate2-structure.md, callback-parameters.md)

use std::fmt::Debug;
use std::sync::Arc;

use super::callback::{Callback, Context, reason};
use super::engine::State;
use super::handles::{HandleId, Instance, Sesid, TableKey, Tableid};
use super::outcome::Jet;
use super::quirks;
use super::registration::Registration;
use super::rules::{Rule, rules};
use super::settings::id;
use super::value::column::Column;
use crate::abi::errors::JetError;

rules! {
    /// A stored callback has a reason. (jet-tablecreate2-structure.md)
    CALLBACK_REASON = "stored/cbtyp-zero";
    /// The name of a stored callback has at most 254 characters.
    CALLBACK_LENGTH = "stored/name-too-long";
    /// Where callbacks are enabled the name of a stored one has an exclamation mark.
    SEPARATOR = "stored/name-without-separator";
    /// Where callbacks are enabled a stored one has to be found.
    /// (jetcreatetablecolumnindex2-function.md)
    UNRESOLVED = "stored/unresolved";
    /// Where callbacks are enabled a table whose callback cannot be found is not opened.
    UNRESOLVED_OPEN = "stored/unresolved-open";
    /// Where callbacks are enabled the name of a user-defined default has an exclamation mark.
    DEFAULT_SEPARATOR = "default/name-without-separator";
    /// Where callbacks are enabled a user-defined default has to be found.
    /// (jetaddcolumn-function.md)
    DEFAULT_UNRESOLVED = "default/unresolved";
    /// Where callbacks are not enabled a reason after a change fails too.
    /// (callback-parameters.md)
    NOT_ENABLED_AFTER = "stored/not-enabled-after";
    /// The function of a stored callback is called for the reasons of its mask.
    /// (jet-tablecreate2-structure.md)
    FIRES = "stored/second-structure-fires";
}

/// The longest name of a stored callback, in bytes.
const NAME_MOST: usize = 254;
/// Parts the module from the function.
const SEPARATOR_BYTE: u8 = b'!';

/// Finds the function that a schema names. The model itself loads nothing.
pub trait Resolver: Debug + Send + Sync {
    /// The function of a name such as `module!function`, narrow text; `None` where the module or
    /// the function is not found.
    fn resolve(&self, name: &[u8]) -> Option<Arc<dyn Callback>>;
}

/// The rules that a name has to keep where callbacks are enabled.
struct NameRules {
    separator: &'static Rule,
    unresolved: &'static Rule,
}

impl State {
    /// Whether functions that schemas name may be called. (callback-parameters.md)
    fn enabled(&self, instance: Instance) -> bool {
        self.instance(instance)
            .is_ok_and(|instance| instance.settings.flag(id::ENABLE_PERSISTED_CALLBACKS))
    }

    fn disabled(&self, instance: Instance) -> bool {
        self.instance(instance)
            .is_ok_and(|instance| instance.settings.flag(id::DISABLE_CALLBACKS))
    }

    /// The function that a schema names, if persisted callbacks are enabled and it is found.
    fn resolve_stored(&self, instance: Instance, name: &[u8]) -> Option<Arc<dyn Callback>> {
        let resolver = self.resolver.as_ref().filter(|_| self.enabled(instance))?;
        resolver.resolve(name)
    }

    fn check_name(&self, instance: Instance, name: &[u8], rules: &NameRules) -> Jet<()> {
        let bare = !name.contains(&SEPARATOR_BYTE);
        rules.separator.refuse(bare, JetError::InvalidParameter)?;
        let unresolved = self.resolve_stored(instance, name).is_none();
        rules
            .unresolved
            .refuse(unresolved, JetError::CallbackNotResolved)
    }

    /// Registers the callback of a column with a user-defined default, if it has one.
    ///
    /// # Errors
    /// Where callbacks are enabled, `JET_errInvalidParameter` and `JET_errCallbackNotResolved`.
    pub(super) fn note_user_default(&mut self, key: TableKey, column: &Column) -> Jet<()> {
        let Some(default) = column.user_default() else {
            return Ok(());
        };
        let instance = self.table(key)?.home.0;
        if self.enabled(instance) {
            let rules = NameRules {
                separator: &DEFAULT_SEPARATOR,
                unresolved: &DEFAULT_UNRESOLVED,
            };
            self.check_name(instance, &default.callback, &rules)?;
        }
        let registration = self.registration_of_default(instance, column);
        self.table_mut(key)?.registrations.extend(registration);
        Ok(())
    }

    fn registration_of_default(&self, instance: Instance, column: &Column) -> Option<Registration> {
        let default = column.user_default()?;
        let context = if default.user_data.is_empty() {
            Context::NULL
        } else {
            Context::Data(Arc::from(default.user_data.as_slice()))
        };
        let callback = self.resolve_stored(instance, &default.callback);
        let cbtyp = reason::USER_DEFINED_DEFAULT;
        Some(stored(cbtyp, callback, context, column.columnid))
    }

    /// Stores a callback with a new table, behind its other callbacks.
    ///
    /// # Errors
    /// `JET_errInvalidParameter`; `JET_errCallbackNotResolved` where callbacks are enabled.
    pub(super) fn store_callback(&mut self, key: TableKey, name: &[u8], cbtyp: u32) -> Jet<()> {
        CALLBACK_REASON.refuse(cbtyp == 0, JetError::InvalidParameter)?;
        CALLBACK_LENGTH.refuse(name.len() > NAME_MOST, JetError::InvalidParameter)?;
        let instance = self.table(key)?.home.0;
        if self.enabled(instance) && !self.disabled(instance) {
            let rules = NameRules {
                separator: &SEPARATOR,
                unresolved: &UNRESOLVED,
            };
            self.check_name(instance, name, &rules)?;
        }
        let registration = self.registration_of_table(instance, name, cbtyp);
        let table = self.table_mut(key)?;
        table.stored_callbacks.push((name.to_vec(), cbtyp));
        table.registrations.extend(registration);
        Ok(())
    }

    fn registration_of_table(
        &self,
        instance: Instance,
        name: &[u8],
        cbtyp: u32,
    ) -> Option<Registration> {
        if !FIRES.holds() {
            return None;
        }
        // The published engine does not even load them where callbacks are disabled.
        if self.disabled(instance) && quirks::DISABLED_STORED_WINS.genuine() {
            return None;
        }
        let function = self.resolve_stored(instance, name);
        Some(stored(cbtyp, function, Context::NULL, 0))
    }

    /// Looks for the functions that a table's schema names, when the table is loaded.
    pub(super) fn load_callbacks(&mut self, key: TableKey) -> Jet<()> {
        let table = self.table(key)?;
        let instance = table.home.0;
        let callbacks = table.stored_callbacks.iter();
        let mut loaded: Vec<Registration> = callbacks
            .filter_map(|(name, cbtyp)| self.registration_of_table(instance, name, *cbtyp))
            .collect();
        let columns = table.schema.columns.iter().filter(|column| !column.derived);
        loaded.extend(columns.filter_map(|column| self.registration_of_default(instance, column)));
        let list = &mut self.table_mut(key)?.registrations;
        list.retain(|registration| !registration.stored);
        list.extend(loaded);
        Ok(())
    }

    /// Refuses a change that needs a stored callback for a reason after it, where callbacks are not
    /// enabled. The published engine lets it be.
    pub(super) fn check_enabled_after(&self, tableid: Tableid, cbtyp: u32) -> Jet<()> {
        let key = self.cursor(tableid)?.table;
        let table = self.table(key)?;
        let template = table
            .template
            .and_then(|template| self.table(template).ok());
        let registrations = [Some(table), template].into_iter().flatten();
        let mut registrations = registrations.flat_map(|table| &table.registrations);
        let needed = registrations
            .any(|r| r.stored && r.columnid == 0 && r.callback.is_none() && r.cbtyp & cbtyp != 0);
        let fails = needed && !quirks::NOT_ENABLED_AFTER_IGNORED.genuine();
        NOT_ENABLED_AFTER.refuse(fails, JetError::CallbackFailed)
    }

    /// Refuses a table whose stored callback cannot be found where callbacks are enabled.
    pub(super) fn check_resolved(&self, key: TableKey) -> Jet<()> {
        let table = self.table(key)?;
        let instance = table.home.0;
        let lost = |r: &Registration| r.stored && r.columnid == 0 && r.callback.is_none();
        let looked_for = self.enabled(instance) && !self.disabled(instance);
        UNRESOLVED_OPEN.refuse(
            looked_for && table.registrations.iter().any(lost),
            JetError::CallbackNotResolved,
        )
    }
}

fn stored(
    cbtyp: u32,
    callback: Option<Arc<dyn Callback>>,
    context: Context,
    columnid: u32,
) -> Registration {
    Registration {
        handle: HandleId::fresh(),
        cursor: Tableid::NIL,
        sesid: Sesid::NIL,
        stored: true,
        cbtyp,
        callback,
        context,
        columnid,
    }
}
