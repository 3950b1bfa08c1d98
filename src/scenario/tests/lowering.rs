//! What scenarios are lowered to: memory, patches and outputs by role.

use std::path::Path;

use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::scenario::parse;
use crate::scenario::plan::{
    Action, Argument, Call, CallbackId, Codes, Content, Expected, Length, Memory, MemoryId,
    PATTERN, Part, Plan, Show, Step, VariableKind,
};

fn plans(text: &str) -> Vec<Plan> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    match parse("test.yaml", text, Some(&folder)) {
        Ok(scenario) => scenario
            .plans()
            .iter()
            .map(|plan| (**plan).clone())
            .collect(),
        Err(faults) => {
            let rendered: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
            panic!("{}", rendered.join("\n"))
        }
    }
}

/// The plan of one case with these steps on the table fixture.
fn plan(steps: &str) -> Plan {
    let head = "title: t\nfixture: table\ncallbacks:\n  spy: {}\nsteps:\n  - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: spy }\n";
    plans(&[head, steps].concat()).remove(0)
}

/// The steps of the case itself, without the registration that each begins with.
fn case(plan: &Plan) -> Vec<&Step> {
    plan.steps
        .iter()
        .filter(|step| step.part == Part::Case)
        .skip(1)
        .collect()
}

fn call(plan: &Plan, index: usize) -> &Call {
    match &case(plan)[index].action {
        Action::Call(call) => call,
        other => panic!("{other:?}"),
    }
}

fn memory<'p>(call: &'p Call, name: &str) -> &'p Memory {
    let found = call.memory.iter().find(|memory| memory.name == name);
    found.unwrap_or_else(|| panic!("no {name}"))
}

fn argument(call: &Call, name: &str) -> Argument {
    let (index, _) = call.function.get().parameter(name).expect("a parameter");
    call.arguments[index]
}

fn named(plan: &Plan, argument: Argument) -> &str {
    match argument {
        Argument::Variable(id) => &plan.variables[id.0 as usize].name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn inputs_left_out_take_the_variable_of_their_name() {
    let plan = plan("  - JetMove: { cRow: Previous }\n");
    let call = call(&plan, 0);
    assert_eq!(named(&plan, argument(call, "sesid")), "sesid");
    assert_eq!(named(&plan, argument(call, "tableid")), "tableid");
    assert_eq!(argument(call, "cRow"), Argument::Word(-1i64 as u64));
    assert_eq!(argument(call, "grbit"), Argument::Word(0));
}

#[test]
fn lengths_are_computed_and_may_be_smaller() {
    let plan = plan(
        "  - JetMakeKey: { pvData: { i32: 7 }, grbit: NewKey }\n  - JetMakeKey: { pvData: [{ i16: -1 }, { text: ab }], cbData: 3, grbit: 0 }\n",
    );
    assert_eq!(argument(call(&plan, 0), "cbData"), Argument::Word(4));
    assert_eq!(memory(call(&plan, 0), "pvData").bytes[..], [7, 0, 0, 0]);
    assert_eq!(argument(call(&plan, 1), "cbData"), Argument::Word(3));
    assert_eq!(
        memory(call(&plan, 1), "pvData").bytes[..],
        [0xFF, 0xFF, b'a', b'b']
    );
}

#[test]
fn buffers_know_where_their_length_is_left() {
    let plan = plan(
        "  - JetRetrieveColumn: { columnid: id, pvData: ->data }\n  - JetMakeKey: { pvData: { from: data }, grbit: NewKey }\n",
    );
    let retrieve = call(&plan, 0);
    let buffer = memory(retrieve, "pvData");
    assert_eq!((buffer.bytes.len(), buffer.bytes[0]), (300, PATTERN));
    assert_eq!(argument(retrieve, "cbData"), Argument::Word(300));
    let Argument::Memory(actual) = argument(retrieve, "pcbActual") else {
        panic!("pcbActual has memory");
    };
    let length = Some(Length {
        memory: actual,
        offset: 0,
    });
    assert_eq!(buffer.outputs[0].show, Show::Bytes { length });
    let variable = buffer.outputs[0].bind.expect("it is bound");
    assert_eq!(
        plan.variables[variable.0 as usize].kind,
        VariableKind::Bytes
    );
    let key = call(&plan, 1);
    assert_eq!(
        memory(key, "pvData").from,
        Some(Content::Variable(variable))
    );
    assert_eq!(argument(key, "cbData"), Argument::LengthOf(variable));
    assert_eq!(argument(retrieve, "pretinfo"), Argument::Word(0));
}

#[test]
fn structures_are_laid_out_with_what_they_point_to() {
    let plan = plan(
        "  - JetCreateTableColumnIndex2:
      ptablecreate:
        szTableName: other
        rgcolumncreate:
          - szColumnName: computed
            coltyp: Long
            grbit: ColumnTagged | ColumnUserDefinedDefault
            pvDefault: { structure: JET_USERDEFINEDDEFAULT, szCallback: { callback: spy }, pbUserData: { text: abc } }
            columnid: ->computed
        tableid: ->other
  - JetSetColumn: { tableid: other, columnid: computed, pvData: { i32: 1 } }
",
    );
    let create = call(&plan, 0);
    let table = memory(create, "ptablecreate");
    let structure = crate::abi::structure("JET_TABLECREATE2").expect("it is listed");
    let at = |name: &str| structure.field(name).expect("a field").offset[0];
    assert_eq!(table.bytes.len(), structure.size[0]);
    assert_eq!(table.bytes[0], structure.size[0] as u8);
    assert_eq!(table.bytes[at("cColumns")], 1);
    assert_eq!(table.bytes[at("tableid")], PATTERN);
    let patched = |memory: &Memory, offset: usize| {
        let patch = memory
            .patches
            .iter()
            .find(|patch| patch.offset as usize == offset);
        patch.map(|patch| patch.value)
    };
    let Some(Argument::Memory(columns)) = patched(table, at("rgcolumncreate")) else {
        panic!("the columns have memory");
    };
    let columns = &create.memory[columns.0 as usize];
    assert_eq!(
        columns.outputs[0].name,
        "ptablecreate.rgcolumncreate[0].columnid"
    );
    let default = memory(create, "ptablecreate.rgcolumncreate[0].pvDefault");
    let size = crate::abi::structure("JET_USERDEFINEDDEFAULT")
        .expect("it is listed")
        .size[0];
    assert_eq!(default.bytes.len(), size);
    let callback = memory(
        create,
        "ptablecreate.rgcolumncreate[0].pvDefault.szCallback",
    );
    assert_eq!(
        callback.from,
        Some(Content::ExportName(CallbackId(0), Form::Narrow))
    );
}

#[test]
fn arrays_of_structures_are_read_and_written() {
    let plan = plan(
        "  - JetRetrieveColumns:\n      pretrievecolumn:\n        - { columnid: id, cbData: 4 }\n        - { columnid: value, pvData: { bind: got, size: 8 }, itagSequence: 1 }\n  - JetMakeKey: { pvData: { from: got }, grbit: NewKey }\n",
    );
    let retrieve = call(&plan, 0);
    assert_eq!(argument(retrieve, "cretrievecolumn"), Argument::Word(2));
    let structure = crate::abi::structure("JET_RETRIEVECOLUMN").expect("it is listed");
    let actual = structure.field("cbActual").expect("a field").offset[0];
    assert_eq!(memory(retrieve, "pretrievecolumn[0].pvData").bytes.len(), 4);
    let second = memory(retrieve, "pretrievecolumn[1].pvData");
    let length = Some(Length {
        memory: MemoryId(0),
        offset: (structure.size[0] + actual) as u32,
    });
    assert_eq!(second.outputs[0].show, Show::Bytes { length });
}

#[test]
fn each_case_is_planned_in_each_width() {
    let text = "title: t\ntext: both\nfixture: table\ncases:\n  a: { JetDeleteTable: { szTableName: other }, expect: JET_errObjectNotFound }\n  b: { JetMove: { cRow: First }, expect: JET_errNoCurrentRecord }\n";
    let plans = plans(text);
    let names: Vec<_> = plans
        .iter()
        .map(|plan| (plan.case.as_str(), plan.form))
        .collect();
    assert_eq!(
        names,
        [
            ("a", Form::Narrow),
            ("a", Form::Wide),
            ("b", Form::Narrow),
            ("b", Form::Wide)
        ]
    );
    let texts = |plan: &Plan| {
        let last = plan.steps.last().expect("a step");
        let Action::Call(call) = &last.action else {
            panic!("a call")
        };
        (call.form, memory(call, "szTableName").bytes.to_vec())
    };
    assert_eq!(texts(&plans[0]), (Form::Narrow, b"other\0".to_vec()));
    assert_eq!(
        texts(&plans[1]),
        (Form::Wide, b"o\0t\0h\0e\0r\0\0\0".to_vec())
    );
}

#[test]
fn a_shorthand_stands_for_its_steps_where_it_is_used() {
    let plan = plan(
        "  - insert: { id: 1, text: a }\n    expect: JET_errKeyDuplicate\n    covers: cbtyp/before-error-vetoes-insert\n",
    );
    let steps = case(&plan);
    let names: Vec<_> = (0..steps.len())
        .map(|index| call(&plan, index).function.get().name)
        .collect();
    assert_eq!(
        names,
        [
            "JetPrepareUpdate",
            "JetSetColumn",
            "JetSetColumn",
            "JetUpdate"
        ]
    );
    assert!(
        steps
            .iter()
            .all(|step| (step.place.line, step.place.column) == (7, 5))
    );
    assert_eq!(
        steps[3].expect.code.documented,
        Codes::OneOf(vec![-1605].into())
    );
    assert_eq!(steps[3].expect.covers.len(), 1);
    assert_eq!(
        steps[0].expect.code.documented,
        Codes::OneOf(vec![0].into())
    );
}

#[test]
fn a_body_means_the_arguments_of_its_callback() {
    let text = "title: t\nfixture: table\ncallbacks:\n  spy:\n    reasons:\n      BeforeInsert | AfterInsert:\n        times: 1\n        returns: JET_errRecordNotFound\n        steps:\n          - JetGetLock: { grbit: ReadLock }\n          - JetGetLock: { tableid: outer.tableid, grbit: ReadLock }\n      any: { writes: { pvArg2: 4 } }\nsteps:\n  - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: spy }\n";
    let plan = plans(text).remove(0);
    let callback = &plan.callbacks[0];
    let [first, second] = &callback.bodies[..] else {
        panic!("two bodies")
    };
    assert_eq!(
        (first.reasons.len(), first.times, first.returns),
        (2, Some(1), -1601)
    );
    assert_eq!((second.reasons.len(), second.write_arg2), (0, Some(4)));
    let table = |step: &Step| match &step.action {
        Action::Call(call) => argument(call, "tableid"),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        table(&first.steps[0]),
        Argument::Variable(callback.arguments[2])
    );
    assert_eq!(named(&plan, table(&first.steps[1])), "tableid");
}

#[test]
fn expectations_may_differ_by_profile() {
    let plan = plan(
        "  - JetGetBookmark: {}\n    expect: { documented: JET_errNoCurrentRecord, genuine: { any: [JET_errNoCurrentRecord, -1] } }\n    out: { pvBookmark: untouched, pcbActual: { documented: 4, genuine: any } }\n    events: { documented: [], genuine: [spy: BeforeInsert] }\n",
    );
    let expect = &case(&plan)[0].expect;
    assert_eq!(expect.code.genuine, Codes::OneOf(vec![-1603, -1].into()));
    assert_eq!(expect.outputs[0].value.documented, Expected::Untouched);
    assert_eq!(expect.outputs[1].value.documented, Expected::Number(4));
    assert_eq!(expect.outputs[1].value.genuine, Expected::Any);
    assert_eq!(
        (expect.events.documented.len(), expect.events.genuine.len()),
        (0, 1)
    );
}

#[test]
fn a_call_may_be_expected_to_fail_whichever_the_error() {
    let plan = plan(
        "  - JetGetBookmark: {}\n    expect: error\n  - JetGetBookmark: {}\n    expect: { documented: error, genuine: JET_errNoCurrentRecord }\n",
    );
    let steps = case(&plan);
    assert_eq!(steps[0].expect.code.documented, Codes::Error);
    assert_eq!(steps[0].expect.code.genuine, Codes::Error);
    assert_eq!(steps[1].expect.code.documented, Codes::Error);
    assert_eq!(
        steps[1].expect.code.genuine,
        Codes::OneOf(vec![-1603].into())
    );
}

#[test]
fn threads_begin_and_end_calls() {
    let text = "title: t\nfixture: table\nthreads: [other]\nsteps:\n  - start: { label: first, JetMove: { cRow: First } }\n    thread: other\n  - end: first\n    expect: JET_errNoCurrentRecord\n  - wake: go\n  - wait: go\n    thread: other\n  - until: { codes: [JET_errNoCurrentRecord], JetMove: { cRow: First } }\n  - repeat: { times: 3, steps: [{ JetMove: { cRow: First }, expect: JET_errNoCurrentRecord }] }\n";
    let plan = plans(text).remove(0);
    let steps: Vec<&Step> = plan
        .steps
        .iter()
        .filter(|step| step.part == Part::Case)
        .collect();
    assert_eq!(plan.threads, ["main", "other"]);
    assert_eq!(plan.signals, ["go"]);
    assert!(matches!(&steps[0].action, Action::Start { label, .. } if label == "first"));
    assert_eq!(steps[0].thread.0, 1);
    assert!(matches!(&steps[1].action, Action::End { label } if label == "first"));
    assert!(matches!(steps[3].action, Action::Wait { signal: 0 }));
    assert_eq!(
        steps[4].expect.code.documented,
        Codes::OneOf(vec![-1603].into())
    );
    assert!(matches!(&steps[5].action, Action::Repeat { times: 3, steps } if steps.len() == 1));
}

#[test]
fn information_is_read_as_what_the_step_says() {
    let plan = plan(
        "  - JetGetTableColumnInfo: { szColumnName: id, InfoLevel: ColInfo, pvResult: { structure: JET_COLUMNDEF, columnid: ->found } }\n  - JetGetTableInfo: { InfoLevel: TblInfoDbid, pvResult: { as: Dbid, bind: which } }\n  - same: [which, dbid]\n  - same: [found, id]\n",
    );
    let info = call(&plan, 0);
    let size = crate::abi::structure("JET_COLUMNDEF")
        .expect("it is listed")
        .size[0];
    assert_eq!(argument(info, "cbMax"), Argument::Word(size as u64));
    assert!(
        memory(info, "pvResult")
            .outputs
            .iter()
            .any(|output| output.name == "pvResult.columnid")
    );
    let table = memory(call(&plan, 1), "pvResult");
    assert_eq!(
        (table.bytes.len(), table.outputs[0].show),
        (4, Show::Scalar(Scalar::Dbid))
    );
}

#[test]
fn a_wide_text_ends_behind_half_a_unit_too() {
    let wide = "title: t\ntext: wide\nfixture: table\nsteps:\n  - JetRenameColumn: { szName: value, szNameNew: { hex: 61c328 } }\n";
    let plan = plans(wide).remove(0);
    let step = plan.steps.iter().find(|step| step.part == Part::Case);
    let Some(Action::Call(call)) = step.map(|step| &step.action) else {
        panic!("no call: {step:?}");
    };
    let expected = [0x61, 0xC3, 0x28, 0, 0, 0];
    assert_eq!(memory(call, "szNameNew").bytes[..], expected);
}

#[test]
fn an_output_can_be_where_another_one_is() {
    let plan = plan(
        "  - JetGetBookmark: { pcbActual: { overlaps: pvBookmark }, pvBookmark: { size: 12 } }\n",
    );
    let call = call(&plan, 0);
    assert_eq!(argument(call, "pcbActual"), argument(call, "pvBookmark"));
    assert_eq!(call.memory.len(), 1);
    assert_eq!(call.memory[0].outputs[0].size, 12);
}

#[test]
fn an_output_can_be_where_an_input_is_which_grows_for_it() {
    let plan = plan(concat!(
        "  - JetOpenTable: { szTableName: table, ptableid: { overlaps: szTableName, at: 2 } }\n",
        "  - JetEscrowUpdate: { columnid: id, pv: { i32: 1 }, pvOld: { overlaps: pv, size: 3 } }\n",
    ));
    let (open, escrow) = (call(&plan, 0), call(&plan, 1));
    let name = memory(open, "szTableName");
    assert_eq!(name.bytes[..7], *b"table\0\xA5");
    assert_eq!(name.bytes.len(), 10);
    let written = &name.outputs[0];
    assert_eq!(
        (&*written.name, written.offset, written.size),
        ("ptableid", 2, 8)
    );
    let Argument::Memory(id) = argument(open, "szTableName") else {
        panic!("no memory");
    };
    assert_eq!(argument(open, "ptableid"), Argument::Inside(id, 2));
    assert_eq!(argument(escrow, "pv"), argument(escrow, "pvOld"));
    assert_eq!(argument(escrow, "cbOldMax"), Argument::Word(3));
    assert_eq!(memory(escrow, "pv").outputs[0].size, 3);
}

#[test]
fn an_input_can_be_read_from_where_another_one_is() {
    let plan = plan(concat!(
        "  - JetRenameTable: { szName: table, szNameNew: { overlaps: szName, at: 2 } }\n",
        "  - JetSetColumns:\n",
        "      psetcolumn:\n",
        "        - { columnid: id, pvData: { hex: 0102030405 } }\n",
        "        - { columnid: id, pvData: { overlaps: 'psetcolumn[0].pvData', at: 1, size: 2 } }\n",
    ));
    let (rename, set) = (call(&plan, 0), call(&plan, 1));
    assert_eq!(rename.memory.len(), 1);
    assert!(rename.memory[0].outputs.is_empty());
    let inside = Argument::Inside(crate::scenario::plan::MemoryId(0), 2);
    assert_eq!(argument(rename, "szNameNew"), inside);
    let columns = memory(set, "psetcolumn");
    let places = columns.patches.iter().map(|patch| patch.value);
    let pointers: Vec<_> = places
        .filter(|place| matches!(place, Argument::Memory(_) | Argument::Inside(..)))
        .collect();
    assert!(
        matches!(pointers[..], [Argument::Memory(one), Argument::Inside(other, 1)] if one == other),
        "{pointers:?}"
    );
    let size = |element: usize| {
        let structure = crate::abi::structure("JET_SETCOLUMN").expect("it is listed");
        let at = structure.field("cbData").expect("a field").offset[0];
        columns.bytes[element * structure.size[0] + at]
    };
    assert_eq!((size(0), size(1)), (5, 2));
}

#[test]
fn a_text_can_stand_where_memory_ends_with_its_end_or_without() {
    let plan = plan(concat!(
        "  - JetDeleteTable: { szTableName: { at-end: other } }\n",
        "  - JetDeleteTable: { szTableName: { unended: { repeat: a, times: 262144 } } }\n",
    ));
    let (ended, unended) = (call(&plan, 0), call(&plan, 1));
    assert_eq!(memory(ended, "szTableName").bytes[..], *b"other\0");
    let letters = &memory(unended, "szTableName").bytes;
    assert_eq!(
        (letters.len(), letters.iter().all(|unit| *unit == b'a')),
        (262_144, true)
    );
    assert!(memory(ended, "szTableName").at_end && memory(unended, "szTableName").at_end);
}

#[test]
fn bytes_and_keys_can_stand_where_memory_ends() {
    let plan = plan(concat!(
        "  - JetMakeKey: { pvData: { at-end: { i32: 1 } }, grbit: NewKey }\n",
        "  - JetCreateIndex: { szIndexName: more, szKey: { at-end: [+id] }, lDensity: 100 }\n",
    ));
    let (key, index) = (call(&plan, 0), call(&plan, 1));
    assert_eq!(memory(key, "pvData").bytes[..], [1, 0, 0, 0]);
    assert_eq!(argument(key, "cbData"), Argument::Word(4));
    assert_eq!(memory(index, "szKey").bytes[..], *b"+id\0\0");
    assert!(memory(key, "pvData").at_end && memory(index, "szKey").at_end);
    assert!(!memory(index, "szIndexName").at_end);
}
