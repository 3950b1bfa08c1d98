//! Rules of the reference that can be switched off one by one, by requirement id.
//!
//! A rule refuses a call, or decides whether, when, in which order or with what a callback is
//! called. With a rule off the engine behaves as a sloppy engine without that rule would, which is
//! how a suite shows that its scenarios notice.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::abi::errors::JetError;

/// One rule: a requirement id and whether the engine keeps it at the moment.
#[derive(Debug)]
pub struct Rule {
    id: &'static str,
    on: AtomicBool,
}

impl Rule {
    /// A rule that is kept until it is switched off.
    pub const fn new(id: &'static str) -> Self {
        Self {
            id,
            on: AtomicBool::new(true),
        }
    }

    /// The requirement id, `<area>/<readable-words>`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Whether the engine keeps the rule.
    pub fn holds(&self) -> bool {
        #[cfg(test)]
        if tests_switch::is_off(self.id) {
            return false;
        }
        self.on.load(Ordering::Relaxed)
    }

    /// Refuses with `error` when the condition is met and the rule is kept.
    ///
    /// # Errors
    /// The given error.
    pub fn refuse(&self, when: bool, error: JetError) -> Result<(), JetError> {
        if when && self.holds() {
            return Err(error);
        }
        Ok(())
    }

    /// The other way round, for a rule that something is allowed: refuses with `error` when the
    /// condition is met and the rule is off.
    ///
    /// # Errors
    /// The given error.
    pub fn allow(&self, when: bool, error: JetError) -> Result<(), JetError> {
        if when && !self.holds() {
            return Err(error);
        }
        Ok(())
    }

    /// The error of a call that cannot go on at all. With the rule off it is
    /// `JET_errInternalError`, which no document promises.
    pub fn error(&self, error: JetError) -> JetError {
        if self.holds() {
            error
        } else {
            JetError::InternalError
        }
    }

    fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }
}

/// Declares the rules of a file: one static per rule and `RULES`, the list of them all.
macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $id:literal;)*) => {
        $($(#[$doc])* pub static $name: $crate::model::rules::Rule = $crate::model::rules::Rule::new($id);)*
        /// Every rule of this file.
        pub static RULES: &[&$crate::model::rules::Rule] = &[$(&$name),*];
    };
}
pub(crate) use rules;

/// The rules of every file of the model.
pub static ALL: &[&[&Rule]] = &[
    super::attach::RULES,
    super::callback::RULES,
    super::configure::RULES,
    super::database::RULES,
    super::backup::RULES,
    super::backup_end::RULES,
    super::backup_file::RULES,
    super::backup_logs::RULES,
    super::external_backup::RULES,
    super::external_restore::RULES,
    super::logging::RULES,
    super::recovery::RULES,
    super::recovery_status::RULES,
    super::compact::RULES,
    super::compact_copy::RULES,
    super::compact_file::RULES,
    super::compact_statistics::RULES,
    super::compact_told::RULES,
    super::database_file_information::RULES,
    super::database_information::RULES,
    super::database_room::RULES,
    super::defragment::RULES,
    super::defragment_tree::RULES,
    super::catalogue::RULES,
    super::dispatch::RULES,
    super::durable::image::RULES,
    super::durable::log::RULES,
    super::durable::place::RULES,
    super::durable::replay::RULES,
    super::gate::RULES,
    super::column_information::RULES,
    super::idle::RULES,
    super::index_count::RULES,
    super::index_information::RULES,
    super::information::RULES,
    super::alter_table::RULES,
    super::alter_index::RULES,
    super::create_table::RULES,
    super::delete::RULES,
    super::delete_table::RULES,
    super::error_category::RULES,
    super::escrow::RULES,
    super::index::RULES,
    super::index_keys::RULES,
    super::index_options::RULES,
    super::local_storage::RULES,
    super::lock::RULES,
    super::open_table::RULES,
    super::operation::RULES,
    super::operation::OPERATION_RULES,
    super::prepare::RULES,
    super::row_keys::RULES,
    super::schema::RULES,
    super::set_column::RULES,
    super::update::RULES,
    super::compound::RULES,
    super::replace::RULES,
    super::bookmark::RULES,
    super::current_index::RULES,
    super::navigate::RULES,
    super::index_range::RULES,
    super::retrieve::RULES,
    super::retrieve_default::RULES,
    super::retrieve_index::RULES,
    super::enumerate_columns::RULES,
    super::record_size::RULES,
    super::temp_table::RULES,
    super::stored_callback::RULES,
    super::column_default::RULES,
    super::hints::RULES,
    super::intersect::RULES,
    super::cleanup::RULES,
    super::cursor_filter::RULES,
    super::name::RULES,
    super::outputs::RULES,
    super::parameter::RULES,
    super::position::RULES,
    super::redo::RULES,
    super::registration::RULES,
    super::session::RULES,
    super::settings::RULES,
    super::snapshot::RULES,
    super::snapshot_freeze::RULES,
    super::start::RULES,
    super::term::RULES,
    super::room::RULES,
    super::files::RULES,
    super::first_files::RULES,
    super::resize::RULES,
    super::restore::RULES,
    super::thread_statistics::RULES,
    super::status::RULES,
    super::structures::RULES,
    super::table_information::RULES,
    super::transaction::RULES,
    super::levels::RULES,
    super::value::columns::RULES,
    super::value::definition::RULES,
    super::value::fit::RULES,
    super::value::key::RULES,
    super::value::record::RULES,
    super::value::set::RULES,
    super::value::retrieve::RULES,
    super::value::enumerate::RULES,
];

/// Every rule, file by file.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().flat_map(|file| file.iter().copied())
}

/// The rules with a requirement id; several places of the engine may keep the same requirement.
pub fn find(id: &str) -> impl Iterator<Item = &'static Rule> {
    all().filter(move |rule| rule.id == id)
}

/// Whether a rule may be off: the next reset has something to do.
static SWITCHED: AtomicBool = AtomicBool::new(false);

/// Switches every rule with the id on or off; `false` when no rule has it.
pub fn switch(id: &str, on: bool) -> bool {
    SWITCHED.store(true, Ordering::Release);
    find(id).map(|rule| rule.switch(on)).count() > 0
}

/// Switches every rule on.
pub fn reset() {
    if SWITCHED.swap(false, Ordering::AcqRel) {
        all().for_each(|rule| rule.switch(true));
    }
}

/// Switching for the calling thread alone, so that tests can run side by side.
#[cfg(test)]
pub(crate) mod tests_switch {
    use std::cell::RefCell;

    thread_local!(static OFF: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });

    pub(super) fn is_off(id: &str) -> bool {
        OFF.with_borrow(|off| off.contains(&id))
    }

    /// Runs `body` with the rule off on this thread.
    pub(crate) fn without<R>(rule: &super::Rule, body: impl FnOnce() -> R) -> R {
        OFF.with_borrow_mut(|off| off.push(rule.id));
        let result = body();
        OFF.with_borrow_mut(|off| off.retain(|id| *id != rule.id));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_area_and_words() {
        for rule in all() {
            let (area, words) = rule.id.split_once('/').expect("area/words");
            let plain = |text: &str| {
                !text.is_empty()
                    && text
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            };
            assert!(plain(area) && plain(words), "{}", rule.id);
        }
    }

    #[test]
    fn a_rule_that_is_off_refuses_nothing() {
        static RULE: Rule = Rule::new("test/rule");
        assert_eq!(
            RULE.refuse(true, JetError::InvalidParameter),
            Err(JetError::InvalidParameter)
        );
        assert_eq!(RULE.refuse(false, JetError::InvalidParameter), Ok(()));
        RULE.switch(false);
        assert_eq!(RULE.refuse(true, JetError::InvalidParameter), Ok(()));
    }
}
