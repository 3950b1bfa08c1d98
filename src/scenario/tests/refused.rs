//! Files that are refused, with their messages: one for each kind of fault.

use std::path::Path;

use crate::scenario::{Fault, parse};

fn faults(text: &str) -> Vec<Fault> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    match parse("wrong.yaml", text, Some(&folder)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults,
    }
}

fn messages(text: &str) -> String {
    let rendered: Vec<String> = faults(text)
        .iter()
        .map(|fault| fault.render(false))
        .collect();
    rendered.join("\n\n")
}

/// A scenario with these steps on the table fixture.
fn steps(steps: &str) -> String {
    format!(
        "title: wrong\nfixture: table\ncallbacks:\n  spy: {{}}\nsteps:\n  - JetRegisterCallback: {{ cbtyp: BeforeInsert, pCallback: spy }}\n{steps}"
    )
}

/// A scenario with these steps and a second thread.
fn threaded(steps: &str) -> String {
    format!("title: wrong\nfixture: table\nthreads: [other]\nsteps:\n{steps}")
}

macro_rules! refused {
    ($($name:ident: $text:expr;)*) => { $(
        #[test]
        fn $name() {
            let name = concat!("refused-", stringify!($name)).replace('_', "-");
            insta::with_settings!({
                snapshot_path => "../../../snapshots",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                insta::assert_snapshot!(name, messages(&$text));
            });
        }
    )* };
}

refused! {
    no_yaml: "title: [a";
    binding_without_dash: steps("  - JetOpenTable: { szTableName: table, ptableid: >other }\n");
    nothing: "";
    second_document: "title: a\n---\ntitle: b\n";
    too_deep: format!("title: {}", "[".repeat(70));
    too_deep_block: (0..80).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>();
    alias: "title: &a a\nsteps: *a\n";
    alias_bomb: "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    tag: "title: !!str a\n";
    key_no_text: "[a, b]: c\n";
    duplicate_key: "title: a\nsteps: []\ntitle: b\n";
    no_mapping: "- a\n- b\n";
    missing_title: "steps:\n  - JetMove: { cRow: 1, sesid: 0, tableid: 0 }\n";
    no_steps: "title: a\n";
    cases_and_steps: "title: a\ncases: {}\nsteps: []\n";
    unknown_key: "titel: a\nsteps:\n  - kill-host: true\n";
    release_too_low: "title: a\nsince: windows-xp\nfixture: session\ncases:\n  one: { JetGetSessionParameter: { sesparamid: 4099, pvParam: { size: 4 } } }\n";
    unknown_release: "title: a\nsince: windows-vist\nsteps:\n  - kill-host: true\n";
    unknown_profile: "title: a\nprofiles: [documentd]\nsteps:\n  - kill-host: true\n";
    unknown_fixture: "title: a\nfixture: tabel\nsteps:\n  - kill-host: true\n";
    unknown_function: steps("  - JetSeeek: { grbit: SeekEQ }\n");
    unknown_shorthand: steps("  - inser: { id: 1 }\n");
    unknown_modifier: steps("  - JetMove: { cRow: First }\n    expects: JET_errSuccess\n");
    two_actions: steps("  - JetMove: { cRow: First }\n    JetDelete: {}\n");
    no_action: steps("  - expect: JET_errSuccess\n");
    step_no_mapping: steps("  - JetDelete\n");
    unknown_parameter: steps("  - JetSeek: { grbits: SeekEQ }\n");
    unknown_constant: steps("  - JetSeek: { grbit: SeekEQ | SetIndexRnge }\n");
    unknown_full_constant: steps("  - JetSeek: { grbit: JET_bitSeekQE }\n");
    unknown_variable: steps("  - JetSeek: { tableid: tabelid, grbit: SeekEQ }\n");
    unknown_code: steps("  - JetMove: { cRow: First }\n    expect: JET_errNoCurentRecord\n");
    unknown_callback: steps("  - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: spi }\n");
    unknown_thread: steps("  - JetMove: { cRow: First }\n    thread: othr\n");
    unknown_label: steps("  - end: first\n");
    unknown_output: steps("  - JetGetBookmark: {}\n    out: { pcbActul: 4 }\n");
    unknown_structure: steps("  - JetGetTableColumnInfo: { szColumnName: id, InfoLevel: ColInfo, pvResult: { structure: JET_COLUMNDEFF } }\n");
    unknown_field: steps("  - JetSetColumn: { columnid: id, pvData: { i32: 1 }, psetinfo: { itagSequenc: 1 } }\n");
    unknown_requirement: steps("  - JetMove: { cRow: First }\n    expect: JET_errNoCurrentRecord\n    covers: register/cbtyp-zeros\n");
    unknown_bytes: steps("  - JetMakeKey: { pvData: { int32: 1 } }\n");
    unknown_reason: "title: a\ncallbacks:\n  spy: { reasons: { BeforeInsrt: {} } }\nsteps:\n  - JetMove: { sesid: 0, tableid: 0, cRow: 1 }\n    events: [spy: BeforeInsert]\n";
    unknown_event_argument: steps("  - insert: { id: 1 }\n    events: [spy: { cbtype: BeforeInsert }]\n");
    missing_argument: "title: a\nsteps:\n  - JetMove: { cRow: First }\n";
    missing_shorthand_argument: steps("  - insert: { value: 1 }\n");
    fault_inside_shorthand: steps("  - insert: { id: wrong }\n");
    length_too_large: steps("  - JetMakeKey: { pvData: { i32: 1 }, cbData: 5, grbit: NewKey }\n");
    count_too_large: steps("  - JetSetColumns: { psetcolumn: [{ columnid: id, pvData: { i32: 1 } }], csetcolumn: 2 }\n");
    field_length_too_large: steps("  - JetSetColumns: { psetcolumn: [{ columnid: id, pvData: { i32: 1 }, cbData: 8 }] }\n");
    number_too_large: steps("  - JetMove: { cRow: 0x100000000 }\n");
    bytes_too_large: steps("  - JetMakeKey: { pvData: { u8: 256 }, grbit: NewKey }\n");
    memory_too_large: steps("  - JetMakeKey: { pvData: { zeros: 5000000 }, grbit: NewKey }\n");
    two_ends: steps("  - JetSetColumns: { psetcolumn: [{ columnid: id, pvData: { at-end: { i32: 1 } } }, { columnid: id, pvData: { at-end: { i32: 2 } } }] }\n");
    overlaps_nothing: steps("  - JetRetrieveColumn: { columnid: id, pvData: null, cbData: 0, pcbActual: { overlaps: pvData } }\n");
    overlaps_unknown: steps("  - JetRetrieveColumn: { columnid: id, pcbActual: { overlaps: pvDat } }\n");
    overlaps_later_field: steps("  - JetSetColumns: { psetcolumn: [{ columnid: id, pvData: { overlaps: 'psetcolumn[1].pvData' } }, { columnid: id, pvData: { i32: 2 } }] }\n");
    overlaps_behind: steps("  - JetRenameTable: { szName: table, szNameNew: { overlaps: szName, at: 6 } }\n");
    overlaps_a_structure: steps("  - JetRetrieveColumn: { columnid: id, pretinfo: { overlaps: pvData } }\n");
    overlaps_too_much: steps("  - JetRetrieveColumn: { columnid: id, pvData: { overlaps: pcbActual }, cbData: 4294967295 }\n");
    overlaps_more_than_there_is: steps("  - JetSetColumns: { psetcolumn: [{ columnid: id, pvData: { i32: 1 } }, { columnid: id, pvData: { overlaps: 'psetcolumn[0].pvData', size: 5 } }] }\n");
    overlaps_an_address: steps("  - JetRetrieveColumns: { pretrievecolumn: [{ columnid: id, pvData: { overlaps: pretrievecolumn, at: 8, size: 8 } }] }\n");
    overlaps_an_end: steps("  - JetEscrowUpdate: { columnid: id, pv: { at-end: { i32: 1 } }, pvOld: { overlaps: pv } }\n");
    overlaps_far_behind: steps("  - JetEscrowUpdate: { columnid: id, pv: { i32: 1 }, pvOld: { overlaps: pv, at: 5 } }\n");
    overlaps_with_a_size: steps("  - JetRenameTable: { szName: table, szNameNew: { overlaps: szName, size: 400 } }\n");
    overlaps_at_an_end: steps("  - JetRenameTable: { szName: table, szNameNew: { at-end: { overlaps: szName } } }\n");
    overlaps_with_an_expectation: steps("  - JetOpenTable: { szTableName: table, ptableid: { overlaps: szTableName } }\n    out: { ptableid: untouched }\n");
    overlaps_beyond_the_budget: overlapping();
    unended_too_short: "title: t\nfixture: table\ntext: wide\nsteps:\n  - JetDeleteTable: { szTableName: { unended: { hex: aabbcc } } }\n";
    narrow_text: steps("  - JetDeleteTable: { szTableName: tablé }\n");
    text_no_text: steps("  - JetDeleteTable: { szTableName: [a] }\n");
    odd_hex: steps("  - JetMakeKey: { pvData: { hex: abc }, grbit: NewKey }\n");
    output_that_is_read: steps("  - JetSeek: { grbit: ->grbit }\n");
    input_that_is_written: steps("  - JetGetVersion: { pwVersion: 5 }\n");
    used_too_early: steps("  - JetCloseTable: { tableid: other }\n  - JetOpenTable: { szTableName: table, ptableid: ->other }\n");
    name_taken: steps("  - JetOpenTable: { szTableName: table, ptableid: ->sesid }\n");
    name_of_a_constant: steps("  - JetOpenTable: { szTableName: table, ptableid: ->nil }\n");
    unused_callback: "title: a\ncallbacks:\n  spy: {}\nsteps:\n  - kill-host: true\n";
    unused_thread: "title: a\nthreads: [other]\nsteps:\n  - kill-host: true\n";
    never_ended: threaded("  - start: { label: first, JetMove: { cRow: First } }\n    thread: other\n");
    begun_twice: threaded("  - start: { label: first, JetMove: { cRow: First } }\n    thread: other\n  - start: { label: first, JetMove: { cRow: First } }\n    thread: other\n  - end: first\n");
    begun_on_main: steps("  - start: { label: first, JetMove: { cRow: First } }\n  - end: first\n");
    busy_thread: threaded("  - start: { label: first, JetMove: { cRow: First } }\n    thread: other\n  - JetDelete: {}\n    thread: other\n  - end: first\n");
    judged_where_it_begins: threaded("  - start: { label: first, JetMove: { cRow: First } }\n    thread: other\n    expect: JET_errNoCurrentRecord\n  - end: first\n");
    never_woken: steps("  - wait: go\n");
    until_without_codes: steps("  - until: { JetMove: { cRow: First } }\n");
    expectation_without_call: steps("  - remove-file: a\n    expect: JET_errSuccess\n");
    one_profile: steps("  - JetMove: { cRow: First }\n    expect: { documented: JET_errNoCurrentRecord }\n");
    path_outside: steps("  - remove-file: ../a\n");
    not_remembered: steps("  - file-unchanged: jetspec.edb\n");
    all_at_once: "titel: a\nsince: windows-95\nfixture: table\nsteps:\n  - JetMoove: {}\n  - JetSeek: { grbit: SeekXX }\n    covers: a/b\n";
}

/// A call whose outputs ask for more than a file may, in places that they share.
fn overlapping() -> String {
    let element = |index: usize| {
        format!(
            "{{ columnid: id, pvData: {{ size: 1 }} }}, {{ columnid: id, pvData: {{ overlaps: 'pretrievecolumn[{}].pvData', size: 4194304 }} }}",
            2 * index
        )
    };
    let elements: Vec<_> = (0..20).map(element).collect();
    let elements = elements.join(", ");
    steps(&format!(
        "  - JetRetrieveColumns: {{ pretrievecolumn: [{elements}] }}\n"
    ))
}
