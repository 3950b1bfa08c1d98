//! Local storage: setting, reading, and giving back.

use std::sync::{Arc, Mutex};

use super::callback::{Argument, Callback, Event};
use super::fixture::Fixture;
use super::local_storage::NIL;
use super::profile::{Profile, tests_profile::under};
use crate::abi::errors::JetError;

/// A runtime callback that notes reasons and values.
#[derive(Debug, Default)]
struct Given(Mutex<Vec<(u32, Argument)>>);

impl Callback for Given {
    fn call(&self, event: &mut Event) -> i32 {
        self.0
            .lock()
            .unwrap()
            .push((event.cbtyp, event.arg1.clone()));
        -1
    }
}

fn scene() -> (Fixture, Arc<Given>) {
    let f = Fixture::new();
    let given = Arc::new(Given::default());
    let mut state = f.engine.lock();
    let settings = &mut state.instance_mut(f.instance).expect("instance").settings;
    settings.runtime_callback = Some(given.clone());
    drop(state);
    (f, given)
}

#[test]
fn nothing_is_kept_without_a_runtime_callback() {
    let f = Fixture::new();
    let set = f.engine.set_ls(f.sesid, f.tableid, 1, 6);
    assert_eq!(set, Err(JetError::LSCallbackNotSpecified));
    let found = f.engine.get_ls(f.sesid, f.tableid, 0).expect("read");
    assert_eq!((found.value, found.result), (NIL, Err(JetError::LSNotSet)));
}

#[test]
fn a_place_is_taken_until_it_is_emptied() {
    let (f, given) = scene();
    let set = |value, grbit| f.engine.set_ls(f.sesid, f.tableid, value, grbit);
    assert_eq!(set(1, 6), Err(JetError::InvalidGrbit));
    assert_eq!(set(0, 0), Ok(()));
    assert_eq!(set(0, 2), Err(JetError::LSAlreadySet));
    assert_eq!(set(5, 4), Ok(()));
    assert_eq!(set(9, 1), Ok(()));
    assert_eq!(set(NIL, 0), Ok(()));
    let get = |grbit| f.engine.get_ls(f.sesid, f.tableid, grbit).expect("read");
    assert_eq!(get(1).result, Ok(()));
    assert_eq!(get(5).value, 5);
    let unset = |profile| under(profile, || get(5).result);
    assert_eq!(unset(Profile::Documented), Ok(()));
    assert_eq!(unset(Profile::Genuine), Err(JetError::LSNotSet));
    assert!(given.0.lock().unwrap().is_empty());
}

#[test]
fn what_is_kept_is_given_back_when_its_place_goes() {
    let (f, given) = scene();
    let set = |value, grbit| f.engine.set_ls(f.sesid, f.tableid, value, grbit);
    assert_eq!(set(7, 2), Ok(()));
    assert_eq!(set(8, 4), Ok(()));
    assert_eq!(f.engine.close_table(f.sesid, f.tableid), Ok(()));
    let seen = || std::mem::take(&mut *given.0.lock().unwrap());
    assert_eq!(seen(), [(0x200, Argument::Value(7))]);
    assert_eq!(f.engine.term(f.instance, 0), Ok(()));
    assert_eq!(seen(), [(0x400, Argument::Value(8))]);
}
