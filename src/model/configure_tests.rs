//! Setting and reading parameters in the phases of an instance.

use super::configure::{Setting, Whose};
use super::engine::Engine;
use super::fixture::{Fixture, engine_in};
use super::handles::{Instance, Sesid};
use super::outcome::Jet;
use super::parameter::ParameterValue;
use super::profile::{Profile, tests_profile::under};
use super::settings::id;
use super::start::InitTarget;
use crate::abi::errors::JetError;

fn number(number: u64) -> Setting<'static> {
    Setting {
        number,
        ..Setting::default()
    }
}

fn of(instance: Instance) -> Whose {
    Whose {
        instance: Some(instance),
        sesid: None,
    }
}

fn get(engine: &Engine, whose: Whose, id: u32) -> Jet<ParameterValue> {
    engine.system_parameter(whose, id, 0)
}

#[test]
fn a_parameter_is_set_in_its_phase() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = engine_in(folder.path());
    let set = |whose, id, value| engine.set_system_parameter(whose, id, number(value));
    assert_eq!(set(Whose::PROCESS, id::MAX_INSTANCES, 20), Ok(()));
    let instance = engine.create_instance(None, None, true).expect("created");
    let late = Err(JetError::AlreadyInitialized);
    assert_eq!(set(of(instance), id::MAX_INSTANCES, 21), late);
    assert_eq!(
        set(of(instance), id::MAX_SESSIONS, 30001),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(set(of(instance), id::MAX_SESSIONS, 5), Ok(()));
    let init = engine.init(InitTarget::Handle(instance), 0);
    assert_eq!(init, Ok(instance));
    assert_eq!(set(of(instance), id::MAX_SESSIONS, 6), late);
    assert_eq!(set(of(instance), id::MAX_SESSIONS, 5), Ok(()));
    assert_eq!(
        get(&engine, of(instance), id::MAX_SESSIONS),
        Ok(ParameterValue::Number(5))
    );
    assert_eq!(
        get(&engine, Whose::PROCESS, id::MAX_SESSIONS),
        Ok(ParameterValue::Number(16))
    );
}

#[test]
fn handles_come_before_the_parameter() {
    let f = Fixture::new();
    let nowhere = of(Instance(0x99));
    assert_eq!(get(&f.engine, nowhere, 999), Err(JetError::InvalidInstance));
    let stranger = Whose {
        instance: Some(f.instance),
        sesid: Some(Sesid(0x99)),
    };
    assert_eq!(get(&f.engine, stranger, 999), Err(JetError::InvalidSesid));
    assert_eq!(
        get(&f.engine, of(f.instance), 999),
        Err(JetError::InvalidParameter)
    );
}

#[test]
fn a_refused_parameter_ends_the_enabling_of_multi_instance_mode() {
    for (profile, again) in [
        (Profile::Documented, Ok(())),
        (Profile::Genuine, Err(JetError::SystemParamsAlreadySet)),
    ] {
        under(profile, || {
            let engine = Engine::new();
            let three = vec![
                (id::MAX_SESSIONS, number(3)),
                (999, number(1)),
                (id::MAX_CURSORS, number(9)),
            ];
            let enabled = engine.enable_multi_instance(three);
            assert_eq!(enabled.result, Err(JetError::InvalidParameter));
            assert_eq!(enabled.succeeded(), Some(1));
            let value = get(&engine, Whose::PROCESS, id::MAX_SESSIONS);
            assert_eq!(value, Ok(ParameterValue::Number(3)));
            assert_eq!(engine.enable_multi_instance(Vec::new()).result, again);
        });
    }
}

#[test]
fn a_session_has_parameters_of_its_own() {
    let f = Fixture::new();
    let set = |id, size| f.engine.set_session_parameter(f.sesid, id, 1, size);
    assert_eq!(set(4097, 4), Ok(()));
    assert_eq!(set(4097, 3), Err(JetError::InvalidBufferSize));
    assert_eq!(set(4999, 4), Err(JetError::InvalidParameter));
    let genuine = under(Profile::Genuine, || set(4999, 4));
    assert_eq!(genuine, Err(JetError::InvalidSesparamId));
    assert_eq!(f.engine.session_parameter(f.sesid, 4097, 4), Ok(1));
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    assert_eq!(f.engine.session_parameter(f.sesid, 4099, 4), Ok(1));
}
