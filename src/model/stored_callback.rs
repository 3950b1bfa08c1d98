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
    /// Without a name there is no callback, whatever its reasons.
    NULL_NAME = "stored/null-name";
    /// Bits that name no reason are stored.
    UNKNOWN_REASONS = "stored/unknown-reasons";
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
    /// A name is a module, an exclamation mark and a function. (jet-tablecreate2-structure.md)
    NAME_FORM = "stored/name-form";
    /// The first exclamation mark parts them.
    FIRST_MARK = "stored/first-mark";
    /// What was not found before is looked for again.
    LOOKED_FOR_AGAIN = "stored/not-found-not-remembered";
    /// Where callbacks are not enabled no name is looked at. (callback-parameters.md)
    NOT_LOOKED_AT = "stored/not-enabled-create";
    /// Where callbacks are disabled the name of a table's callback is not looked at either.
    NOT_LOOKED_AT_DISABLED = "stored/disabled-create";
    /// A name that was stored without an exclamation mark shows when the table is opened.
    OPEN_SEPARATOR = "stored/open-without-separator";
    /// Where callbacks are enabled a table whose user-defined default cannot be found is not opened.
    DEFAULT_UNRESOLVED_OPEN = "default/unresolved-open";
    /// Where callbacks are enabled a table whose callback cannot be found is not copied.
    COPY_UNRESOLVED = "stored/compact-unresolved";
    /// The later structures have a callback, too. (jet-tablecreate3-structure.md)
    LATER_STRUCTURES = "stored/later-structures";
    /// The wide structure has a wide name. (jet-tablecreate2-structure.md)
    TABLE_WIDE_NAME = "stored/wide-name";
    /// A table that cannot be opened for its callback cannot be deleted or asked about either.
    OPEN_BLOCKS = "stored/open-refused-blocks";
    /// A stored callback gets no context. (jet-cbtyp.md)
    CONTEXT_NULL = "stored/context-null";
    /// The stored callback of a template is called for its derived tables.
    TEMPLATE_FIRES = "stored/template-fires-for-derived";
    /// Reasons with functions of their own do not reach a stored callback. (jet-cbtyp.md)
    OTHER_REASONS = "stored/other-reasons";
    /// A stored callback does not compute the default of a column. (jet-cbtyp.md)
    NO_DEFAULT = "stored/user-default-reason";
    /// Where callbacks are not enabled disabling them does not help. (callback-parameters.md)
    DISABLED_WINS = "stored/disabled-wins";
    /// Where callbacks are not enabled a user-defined default cannot be read.
    /// (callback-parameters.md)
    DEFAULT_NOT_ENABLED = "default/not-enabled";
    /// The function of a user-defined default is told its column. (jet-cbtyp.md)
    DEFAULT_ARGUMENTS = "default/arguments";
    /// The function of a user-defined default gets the stored data.
    /// (jet-userdefineddefault-structure.md)
    USER_DATA = "default/user-data-copied";
    /// The columns that a user-defined default depends on are not looked at.
    DEPENDANTS_IGNORED = "default/dependants-ignored";
    /// The wide functions take the name of a user-defined default as wide text.
    /// (jet-userdefineddefault-structure.md)
    WIDE_NAME = "default/wide-name";
    /// A warning about the default of a derived table's own column counts. (jet-cbtyp.md)
    DERIVED_WARNING = "default/derived-warning";
    /// The function of a stored callback is called for the reasons of its mask.
    /// (jet-tablecreate2-structure.md)
    FIRES = "stored/second-structure-fires";
}

/// The bits that the page names as reasons. (jet-tablecreate2-structure.md)
const REASONS: u32 = 0x7FF;
/// The longest name of a stored callback, in bytes.
const NAME_MOST: usize = 254;
/// Parts the module from the function.
const SEPARATOR_BYTE: u8 = b'!';

/// Finds the function that a schema names. The model itself loads nothing.
pub trait Resolver: Debug + Send + Sync {
    /// The function of that name in the module, both narrow text; `None` where either is not found.
    fn resolve(&self, module: &[u8], function: &[u8]) -> Option<Arc<dyn Callback>>;
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
    pub(super) fn resolve_stored(
        &self,
        instance: Instance,
        name: &[u8],
    ) -> Option<Arc<dyn Callback>> {
        let resolver = self.resolver.as_ref().filter(|_| self.enabled(instance))?;
        let is_mark = |byte: &u8| *byte == SEPARATOR_BYTE;
        let mark = if FIRST_MARK.holds() {
            name.iter().position(is_mark)?
        } else {
            name.iter().rposition(is_mark)?
        };
        let (module, function) = (&name[..mark], &name[mark + 1..]);
        if NAME_FORM.holds() {
            resolver.resolve(module, function)
        } else {
            resolver.resolve(function, module)
        }
    }

    fn check_name(&mut self, instance: Instance, name: &[u8], rules: &NameRules) -> Jet<()> {
        let bare = !name.contains(&SEPARATOR_BYTE);
        rules.separator.refuse(bare, JetError::InvalidParameter)?;
        let given_up = self.names_not_found.contains(name) && !LOOKED_FOR_AGAIN.holds();
        let unresolved = given_up || self.resolve_stored(instance, name).is_none();
        if unresolved {
            self.names_not_found.insert(name.to_vec());
        }
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
        self.table_mut(key)?.registrations.add_stored(registration);
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
        let unknown = cbtyp & !REASONS != 0;
        UNKNOWN_REASONS.allow(unknown, JetError::InvalidParameter)?;
        let instance = self.table(key)?.home.0;
        if self.looks_at_names(instance) {
            let rules = NameRules {
                separator: &SEPARATOR,
                unresolved: &UNRESOLVED,
            };
            self.check_name(instance, name, &rules)?;
        }
        let registration = self.registration_of_table(instance, name, cbtyp);
        let table = self.table_mut(key)?;
        table.stored_callbacks.push((name.to_vec(), cbtyp));
        table.registrations.add_stored(registration);
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
        let loads = DISABLED_WINS.holds() && !quirks::DISABLED_STORED_WINS.genuine();
        if self.disabled(instance) && !loads {
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
        list.add_stored(loaded);
        Ok(())
    }

    /// Whether the name of a table's callback is looked at when the table is made.
    fn looks_at_names(&self, instance: Instance) -> bool {
        let rule = if self.enabled(instance) {
            &NOT_LOOKED_AT_DISABLED
        } else {
            &NOT_LOOKED_AT
        };
        !rule.holds() || (self.enabled(instance) && !self.disabled(instance))
    }

    /// Refuses a change that needs a stored callback for a reason after it, where callbacks are not
    /// enabled: before the change is made, since nothing can fail after it. The published engine
    /// lets it be.
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

    /// Refuses to open a table whose schema names a function that cannot be found, where callbacks
    /// are enabled. Functions of columns are looked for even where callbacks are disabled.
    pub(super) fn check_resolved(&self, key: TableKey) -> Jet<()> {
        self.check_resolved_by(key, &UNRESOLVED_OPEN, &DEFAULT_UNRESOLVED_OPEN)
    }

    /// As [`check_resolved`](Self::check_resolved), for deleting the table or asking about it.
    pub(super) fn check_not_blocked(&self, key: TableKey) -> Jet<()> {
        self.check_resolved_by(key, &OPEN_BLOCKS, &OPEN_BLOCKS)
    }

    /// As [`check_resolved`](Self::check_resolved), for copying the table.
    pub(super) fn check_copyable(&self, key: TableKey) -> Jet<()> {
        self.check_resolved_by(key, &COPY_UNRESOLVED, &COPY_UNRESOLVED)
    }

    fn check_resolved_by(&self, key: TableKey, of_table: &Rule, of_column: &Rule) -> Jet<()> {
        let table = self.table(key)?;
        let instance = table.home.0;
        if !self.enabled(instance) {
            return Ok(());
        }
        let lost = |r: &&Registration| r.stored && r.callback.is_none();
        let mut lost = table.registrations.iter().filter(lost);
        let (columns, tables): (Vec<_>, Vec<_>) = lost.by_ref().partition(|r| r.columnid != 0);
        if !tables.is_empty() && !self.disabled(instance) {
            let mut named = table.stored_callbacks.iter();
            let bare = named.any(|(name, _)| !name.contains(&SEPARATOR_BYTE));
            let error = if bare && OPEN_SEPARATOR.holds() {
                JetError::InvalidParameter
            } else {
                JetError::CallbackNotResolved
            };
            of_table.refuse(true, error)?;
        }
        of_column.refuse(!columns.is_empty(), JetError::CallbackNotResolved)
    }
}

/// Whether the wide functions take the name of a user-defined default as wide text.
pub fn reads_wide_name() -> bool {
    WIDE_NAME.holds() && !quirks::WIDE_NAME_IS_NARROW.genuine()
}

/// Whether a warning about the default of a derived table's own column reaches the caller, although
/// the template has nothing to say about it.
pub(super) fn derived_warning_counts() -> bool {
    DERIVED_WARNING.holds() && !quirks::TEMPLATE_LOSES_WARNING.genuine()
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
