//! Delivering an event to the callbacks of a table: which ones, in which order, with what.
//!
//! The lock is let go around every single call, so the application may call back in, from the
//! thread of the callback with any session, and from other threads with other sessions. While the
//! event is delivered its cursor allows only the listed operations. What is the same for all
//! callbacks of an event is done once for the event; one more callback costs little more than its
//! own call.

use std::borrow::Cow;
use std::mem;

use super::callback::*;
use super::gate::Call;
use super::handles::{Dbid, HandleId, Sesid, TableKey, Tableid};
use super::quirks;
use super::registration::{Registration, VISIBLE_BEFORE_COMMIT};
use super::registrations::Registrations;
use super::rules::Rule;
use super::settings::id;
use super::stored_callback as stored;
use super::threads::Inside;
use crate::abi::errors::{JetError, JetWarning};

/// An event on its way through the callbacks of a table and its template.
struct Delivery {
    /// The cursor whose event it is.
    tableid: Tableid,
    /// The table of the cursor.
    home: TableKey,
    /// The one reason.
    cbtyp: u32,
    /// The column of a user-defined default, else zero.
    columnid: u32,
    /// What the functions get; of what they write, the next one sees it.
    event: Event,
    /// Whether the instance keeps registered functions from being called.
    disabled: bool,
    /// Whether a function has been called, so that thread and cursor are marked.
    begun: bool,
}

impl Call<'_> {
    /// Delivers an occasion to the table's callbacks and then to its template's, and gives the last
    /// return code, the first error if there was one.
    pub fn fire(&mut self, occasion: &mut Occasion) -> i32 {
        let Ok(cursor) = self.cursor(occasion.tableid) else {
            return 0;
        };
        let home = cursor.table;
        let instance = self.instance(self.instance);
        if instance.is_ok_and(|instance| instance.stopped) && !STOPPED_MEANWHILE.holds() {
            return 0;
        }
        let depth = self.threads.depth(self.thread());
        if (depth > 0 && !NESTS.holds()) || (depth > 10 && !NESTS_DEEP.holds()) {
            return 0;
        }
        if occasion.cbtyp == reason::USER_DEFINED_DEFAULT && self.default_disabled() {
            return JetWarning::ColumnNull.code();
        }
        let mut delivery = self.delivery(occasion, home);
        let template = self.template_of(home);
        let chain = match TEMPLATE_LAST.holds() {
            true => [Some(home), template],
            false => [template, Some(home)],
        };
        let kin = self.kin(home, template);
        let mut code = 0;
        for key in chain.into_iter().flatten().chain(kin) {
            if code < 0 && STOPS_AT_ERROR.holds() {
                break;
            }
            code = match self.walk(key, &mut delivery) {
                None if stored::derived_warning_counts() => code,
                last => last.unwrap_or(0),
            };
        }
        self.end_delivery(&mut delivery);
        occasion.arg1 = delivery.event.arg1;
        occasion.arg2 = delivery.event.arg2;
        code
    }

    /// The template whose callbacks are called too.
    fn template_of(&self, key: TableKey) -> Option<TableKey> {
        let table = self.table(key).ok()?;
        table.template.filter(|_| TEMPLATE_FIRES.holds())
    }

    /// Tables whose callbacks have no business with the event, and are called without the rule.
    fn kin(&self, key: TableKey, template: Option<TableKey>) -> Vec<TableKey> {
        if DERIVED_ALONE.holds() {
            return Vec::new();
        }
        let kin = self.tables.values().filter(|table| {
            table.key != key
                && table.template.is_some()
                && (table.template == Some(key) || table.template == template)
        });
        kin.map(|table| table.key).collect()
    }

    /// Calls the callbacks of one table; the last return code, `None` when none was called.
    fn walk(&mut self, key: TableKey, delivery: &mut Delivery) -> Option<i32> {
        let at_start = self.table(key).ok()?.registrations.clone();
        let mut code = None;
        let cbtyp = delivery.cbtyp;
        for registration in at_start.iter().filter(|own| own.is_for(cbtyp)) {
            // Until a function has been called the list is what it was.
            let now = match delivery.begun {
                true => self.as_it_is_now(key, &at_start, registration),
                false => Some(Cow::Borrowed(registration)),
            };
            let Some(registration) = now else { continue };
            if self.concerns(key, &registration, delivery) {
                let result = self.invoke(&registration, delivery);
                code = code.filter(|first| *first < 0).or(Some(result));
                if ends_walk(result) {
                    return code;
                }
            }
        }
        if !NEW_WAITS.holds() {
            code = self.walk_new(key, &at_start, delivery).or(code);
        }
        code
    }

    /// A registration of the list that is being walked in its present form: a function called before
    /// may have taken it back.
    fn as_it_is_now<'l>(
        &self,
        key: TableKey,
        at_start: &Registrations,
        registration: &'l Registration,
    ) -> Option<Cow<'l, Registration>> {
        if !UNREGISTERED_MEANWHILE.holds() {
            return Some(Cow::Borrowed(registration));
        }
        let now = &self.table(key).ok()?.registrations;
        if now.is_same(at_start) {
            return Some(Cow::Borrowed(registration));
        }
        let same = now.iter().find(|own| own.handle == registration.handle)?;
        Some(Cow::Owned(same.clone()))
    }

    /// Calls what was registered during the walk; a good engine leaves it for the next event.
    fn walk_new(
        &mut self,
        key: TableKey,
        at_start: &Registrations,
        delivery: &mut Delivery,
    ) -> Option<i32> {
        let now = self.table(key).ok()?.registrations.clone();
        let was_there = |handle| at_start.iter().any(|own| own.handle == handle);
        let mut code = None;
        for registration in now.iter().filter(|own| !was_there(own.handle)) {
            if self.concerns(key, registration, delivery) {
                code = Some(self.invoke(registration, delivery));
            }
        }
        code
    }

    /// Calls one callback for an occasion of its own.
    pub(super) fn call_one(&mut self, registration: &Registration, occasion: &mut Occasion) -> i32 {
        let Ok(home) = self.cursor(occasion.tableid).map(|cursor| cursor.table) else {
            return 0;
        };
        let mut delivery = self.delivery(occasion, home);
        let code = self.invoke(registration, &mut delivery);
        self.end_delivery(&mut delivery);
        code
    }

    /// Calls one callback without the lock.
    fn invoke(&mut self, registration: &Registration, delivery: &mut Delivery) -> i32 {
        let Some(callback) = &registration.callback else {
            return unresolved(registration);
        };
        self.begin_function(registration.handle, delivery);
        delivery
            .event
            .set_registration(registration, delivery.cbtyp);
        let level = self.level_to_end_at();
        let code = self.unlocked(|| call(&**callback, &mut delivery.event));
        self.end_unmatched(level);
        code
    }

    /// The event with everything that does not depend on the registration.
    fn delivery(&self, occasion: &mut Occasion, home: TableKey) -> Delivery {
        let dbid = self.cursor(occasion.tableid).map(|cursor| cursor.dbid);
        let right = ARGUMENTS.holds();
        let event = Event {
            sesid: match SESID.holds() {
                true => self.sesid,
                false => Sesid::NIL,
            },
            dbid: dbid.ok().filter(|_| right).unwrap_or(Dbid::NIL),
            tableid: match right {
                true => occasion.tableid,
                false => Tableid::NIL,
            },
            cbtyp: occasion.cbtyp,
            arg1: mem::take(&mut occasion.arg1),
            arg2: mem::take(&mut occasion.arg2),
            context: Context::NULL,
            unused: match stored::DEFAULT_ARGUMENTS.holds() {
                true => occasion.columnid as usize,
                false => 0,
            },
        };
        Delivery {
            tableid: occasion.tableid,
            home,
            cbtyp: occasion.cbtyp,
            columnid: occasion.columnid,
            event,
            disabled: self.disabled(),
            begun: false,
        }
    }

    /// The function of a registration is about to be called. With the first one the event begins:
    /// the thread is inside a callback, its session serves it, and the cursor is restricted.
    fn begin_function(&mut self, handle: HandleId, delivery: &mut Delivery) {
        let thread = self.thread();
        if delivery.begun {
            self.threads.go_on_with(handle, thread);
            return;
        }
        delivery.begun = true;
        let (sesid, tableid, cbtyp) = (self.sesid, delivery.tableid, delivery.cbtyp);
        self.threads.begin_callback(Inside {
            thread,
            sesid,
            tableid,
            cbtyp,
            handle,
        });
    }

    fn end_delivery(&mut self, delivery: &mut Delivery) {
        if !mem::take(&mut delivery.begun) {
            return;
        }
        let thread = self.thread();
        self.threads.end_callback(thread);
        if !RESTRICTION_ENDS.holds() {
            self.threads.restrict_on(delivery.tableid);
        }
    }

    /// The level that a stricter engine would go back to after a function that began transactions.
    fn level_to_end_at(&self) -> Option<usize> {
        if UNMATCHED_BEGIN.holds() {
            return None;
        }
        let session = self.session(self.sesid).ok();
        session.map(|session| session.level())
    }

    /// Ends what the callback began, where a stricter engine would.
    fn end_unmatched(&mut self, level: Option<usize>) {
        let sesid = self.sesid;
        let Some(level) = level else { return };
        while self
            .session(sesid)
            .is_ok_and(|session| session.level() > level)
        {
            self.rollback_inner(sesid);
        }
    }

    /// Whether user-defined defaults are not to be computed: their columns are null then.
    fn default_disabled(&self) -> bool {
        let set = self
            .instance(self.instance)
            .is_ok_and(|instance| instance.settings.flag(id::DISABLE_CALLBACKS));
        set && !quirks::DISABLED_DEFAULTS_FIRE.genuine() && DISABLED_DEFAULT.holds()
    }

    /// Whether the instance keeps registered functions from being called. Neither parameter can
    /// change while an instance runs.
    fn disabled(&self) -> bool {
        let Ok(instance) = self.instance(self.instance) else {
            return false;
        };
        let off = instance.settings.flag(id::DISABLE_CALLBACKS);
        let only_stored =
            ONLY_STORED.holds() || instance.settings.flag(id::ENABLE_PERSISTED_CALLBACKS);
        !only_stored || (off && !quirks::DISABLED_CALLBACKS_FIRE.genuine() && DISABLED.holds())
    }

    /// Whether the registration is to be called for the event.
    fn concerns(&self, key: TableKey, registration: &Registration, delivery: &Delivery) -> bool {
        let off = delivery.disabled && !registration.stored;
        if registration.cbtyp == 0 || !delivered(delivery.cbtyp) || off {
            return false;
        }
        let whole_table = SCOPE_IS_TABLE.holds() && LATER_CURSORS.holds();
        let own = registration.stored || delivery.tableid == registration.cursor;
        if !own && !whole_table {
            return false;
        }
        let (no_default, template_fires) = match registration.stored {
            true => (&stored::NO_DEFAULT, &stored::TEMPLATE_FIRES),
            false => (&NO_USER_DEFAULT, &TEMPLATE_FIRES),
        };
        if delivery.home != key && registration.columnid == 0 && !template_fires.holds() {
            return false;
        }
        let column = registration.columnid == delivery.columnid
            || (registration.columnid == 0 && !no_default.holds());
        column && self.in_force(registration, delivery) && registration.is_for(delivery.cbtyp)
    }

    /// Whether the registration counts for the cursor already.
    fn in_force(&self, registration: &Registration, delivery: &Delivery) -> bool {
        if VISIBLE_BEFORE_COMMIT.holds() {
            return true;
        }
        let own = |cursor: &super::cursor::Cursor| cursor.sesid == registration.sesid;
        let open = self
            .session(registration.sesid)
            .is_ok_and(|session| session.level() > 0);
        !open || self.cursor(delivery.tableid).is_ok_and(own)
    }
}

impl Event {
    /// Puts in what depends on the registration.
    fn set_registration(&mut self, registration: &Registration, cbtyp: u32) {
        self.cbtyp = match ONE_BIT.holds() {
            true => cbtyp,
            false => registration.cbtyp,
        };
        self.context = match context_rule(registration).holds() {
            true => registration.context.clone(),
            false => Context::Value(1),
        };
    }
}

/// What a stored callback answers whose function was not looked for.
fn unresolved(registration: &Registration) -> i32 {
    let rule = match registration.columnid {
        0 => &STORED_DISABLED,
        _ => &stored::DEFAULT_NOT_ENABLED,
    };
    match rule.holds() {
        true => JetError::CallbackFailed.code(),
        false => 0,
    }
}

/// The rule about what the function gets as pvContext.
fn context_rule(registration: &Registration) -> &'static Rule {
    match (registration.stored, registration.columnid) {
        (false, _) => &CONTEXT,
        (true, 0) => &stored::CONTEXT_NULL,
        (true, _) => &stored::USER_DATA,
    }
}

/// Calls the function on this thread; without the rule on another, while this one waits.
fn call(callback: &dyn Callback, event: &mut Event) -> i32 {
    if SAME_THREAD.holds() {
        return callback.call(event);
    }
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| callback.call(event));
        // A function of the application does not unwind.
        worker.join().unwrap_or_default()
    })
}

/// Whether the callbacks after one that answered so are not called.
fn ends_walk(result: i32) -> bool {
    (result > 0 && !WARNING_DROPPED.holds()) || (result < 0 && STOPS_AT_ERROR.holds())
}

/// Whether the reasons of that kind of change are delivered at all.
fn delivered(cbtyp: u32) -> bool {
    match cbtyp {
        reason::BEFORE_INSERT | reason::AFTER_INSERT => INSERT_REASONS.holds(),
        reason::BEFORE_REPLACE | reason::AFTER_REPLACE => REPLACE_REASONS.holds(),
        reason::BEFORE_DELETE | reason::AFTER_DELETE => DELETE_REASONS.holds(),
        _ => true,
    }
}
