//! Whatever a file holds, reading it ends, and its faults can be shown.

use std::path::Path;

use proptest::prelude::*;

use crate::scenario::{fmt, parse};

const SEEDS: [&str; 2] = [
    include_str!("../../../conformance/fixtures/table.yaml"),
    "\
title: An error that a callback returns keeps the record out
since: windows-xp
text: both
fixture: table
callbacks:
  veto: { reasons: { BeforeInsert: { returns: JET_errRecordNotFound, times: 1 }, any: {} } }
threads: [other]
cases:
  once:
    - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: veto, pvContext: { raw: 0x1234 }, phCallbackId: ->h }
      out: { phCallbackId: some }
    - insert: { id: 1, text: \"a\" }
      expect: { documented: JET_errRecordNotFound, genuine: { any: [JET_errRecordNotFound, -1] } }
      events:
        - veto: { cbtyp: BeforeInsert, sesid: sesid, tableid: tableid, thread: same }
      covers: [cbtyp/before-error-vetoes-insert]
    - start: { label: move, JetMove: { cRow: First } }
      thread: other
    - end: move # it waits for nothing
      expect: JET_errNoCurrentRecord
then:
  - JetSetColumns: { psetcolumn: [{ columnid: id, pvData: { i32: 1 }, cbData: 4 }], csetcolumn: 1 }
    expect: JET_errUpdateNotPrepared
",
];

fn read(text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    if let Err(faults) = parse("any.yaml", text, Some(&folder)) {
        for fault in faults {
            assert!(!fault.render(false).is_empty());
        }
    }
    let _ = fmt("any.yaml", text);
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in any::<String>()) {
        read(&text);
    }

    #[test]
    fn a_scenario_with_a_piece_put_in_the_wrong_place_is_read_to_its_end(
        seed in 0..SEEDS.len(),
        from in any::<prop::sample::Index>(),
        length in 0..60usize,
        to in any::<prop::sample::Index>(),
        cut in 0..30usize,
    ) {
        let letters: Vec<char> = SEEDS[seed].chars().collect();
        let from = from.index(letters.len());
        let piece = &letters[from..letters.len().min(from + length)];
        let to = to.index(letters.len());
        let rest = &letters[letters.len().min(to + cut)..];
        let text: String = letters[..to].iter().chain(piece).chain(rest).collect();
        read(&text);
    }
}

#[test]
fn many_faults_are_found_in_little_time() {
    let step = "  - JetSeeek: { grbit: SeekXX }\n  - JetMove: { tabelid: x, cRow: [] }\n";
    let text = format!("title: t\nsteps:\n{}", step.repeat(5_000));
    let faults = parse("many.yaml", &text, None).err().unwrap_or_default();
    assert!(faults.len() >= 10_000);
}
