//! A history as a scenario, with what must be there after each stage.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::history::{Event, History, IDS, KillAt};

/// The records that there are: value by identity.
type Records = BTreeMap<i32, i32>;

/// The scenario of a history.
pub fn tell(history: &History) -> String {
    let mut story = Story::default();
    story.begin();
    story.happen(&history.events);
    story.stop_writing();
    story.back_up(history.backup_killed);
    let backed_up = story.committed.clone();
    story.happen(&history.between);
    story.stop_writing();
    story.step("JetTerm: {}");
    story.restore_with_what_came_later(history.restore_killed);
    story.committed = backed_up;
    story.restore_elsewhere(history.restore_killed);
    story.happen(&history.afterwards);
    story.stop_writing();
    story.compact(history.compaction_killed);
    let functions = callbacks(history);
    format!("title: A random history\n{functions}steps:\n{}", story.text)
}

/// A status function for each notification at which the process is killed.
fn callbacks(history: &History) -> String {
    let recoveries = history.events.iter().chain(&history.between);
    let recoveries = recoveries.chain(&history.afterwards);
    let recoveries = recoveries.filter_map(|event| match event {
        Event::KillInRecovery { at } => Some(*at),
        _ => None,
    });
    let operations = [
        history.backup_killed,
        history.restore_killed,
        history.compaction_killed,
    ];
    let used: Vec<KillAt> = operations.into_iter().flatten().chain(recoveries).collect();
    let kills = [KillAt::Begin, KillAt::Progress, KillAt::Complete]
        .into_iter()
        .filter(|at| used.contains(at));
    let lines: Vec<String> = kills
        .map(|at| {
            let body = format!("{{ {at:?}: {{ steps: [{{ kill-host: true }}] }} }}");
            format!("  {}: {{ reasons: {body} }}\n", function(at))
        })
        .collect();
    match lines.is_empty() {
        true => String::new(),
        false => format!("callbacks:\n{}", lines.concat()),
    }
}

fn function(at: KillAt) -> String {
    format!("kills-at-{}", format!("{at:?}").to_lowercase())
}

/// A scenario while it is written.
#[derive(Default)]
struct Story {
    text: String,
    /// The database's file.
    file: String,
    /// How often it was moved.
    moves: u32,
    /// What is committed.
    committed: Records,
    /// What each open transaction sees, the outermost first.
    open: Vec<Records>,
}

impl Story {
    fn step(&mut self, step: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "  - {step}");
    }

    fn begin(&mut self) {
        self.file = "jetspec.edb".to_owned();
        self.start_process("jetspec");
        self.step("JetCreateDatabase: { szFilename: jetspec.edb, pdbid: ->dbid }");
        self.step(
            "JetCreateTableColumnIndex2: { ptablecreate: { szTableName: table, ulPages: 1, ulDensity: 80, \
             rgcolumncreate: [{ szColumnName: id, coltyp: Long, columnid: ->id }, \
             { szColumnName: value, coltyp: Long, columnid: ->value }, \
             { szColumnName: memo, coltyp: LongBinary, columnid: ->memo }], \
             rgindexcreate: [{ szIndexName: primary, szKey: +id, grbit: IndexPrimary | IndexUnique, ulDensity: 80 }, \
             { szIndexName: values, szKey: +value, ulDensity: 80 }], tableid: ->tableid } }",
        );
    }

    fn start_process(&mut self, instance: &str) {
        self.create_instance(instance);
        self.step("JetInit: {}");
        self.step("JetBeginSession: { psesid: ->sesid }");
    }

    /// An instance whose log changes its file often.
    fn create_instance(&mut self, name: &str) {
        self.step(&format!(
            "JetCreateInstance: {{ pinstance: ->instance, szInstanceName: {name} }}"
        ));
        for (parameter, value) in [("LogFileSize", 64), ("CheckpointDepthMax", 65536)] {
            self.step(&format!(
                "JetSetSystemParameter: {{ pinstance: instance, sesid: null, paramid: {parameter}, lParam: {value} }}"
            ));
        }
    }

    /// Attaches the database and opens its table.
    fn open(&mut self) {
        let file = self.file.clone();
        self.step(&format!("JetAttachDatabase: {{ szFilename: {file} }}"));
        self.step(&format!(
            "JetOpenDatabase: {{ szFilename: {file}, pdbid: ->dbid }}"
        ));
        self.step("JetOpenTable: { szTableName: table, ptableid: ->tableid }");
    }

    fn happen(&mut self, events: &[Event]) {
        for event in events {
            self.event(*event);
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Put { id, value } => self.put(id, value),
            Event::Delete { id } => self.delete(id),
            Event::Begin if self.open.len() < 3 => {
                let seen = self.seen().clone();
                self.open.push(seen);
                self.step("JetBeginTransaction: {}");
            }
            Event::Commit if !self.open.is_empty() => {
                self.step("JetCommitTransaction: {}");
                self.committed_level();
            }
            Event::Rollback if !self.open.is_empty() => {
                self.step("JetRollback: {}");
                self.open.pop();
            }
            Event::Kill => self.die(),
            Event::KillInUpdate { id } => {
                self.prepare(id, -1);
                self.die();
            }
            Event::Reattach if self.open.is_empty() => {
                self.close();
                let file = self.file.clone();
                self.step(&format!("JetDetachDatabase: {{ szFilename: {file} }}"));
                self.open();
                self.check();
            }
            Event::KillInRecovery { at } => self.die_again(at),
            Event::KillAndMove => self.move_away(),
            Event::Begin | Event::Commit | Event::Rollback | Event::Reattach => {}
        }
    }

    fn seen(&mut self) -> &mut Records {
        self.open.last_mut().unwrap_or(&mut self.committed)
    }

    fn committed_level(&mut self) {
        if let Some(inner) = self.open.pop() {
            *self.seen() = inner;
        }
    }

    /// The process is killed, and another one takes the database up.
    fn die(&mut self) {
        self.step("kill-host: true");
        self.open.clear();
        self.start_process("jetspec");
        self.open();
        self.check();
    }

    /// The process is killed, and the one that recovers what it left is killed meanwhile.
    fn die_again(&mut self, at: KillAt) {
        self.step("kill-host: true");
        self.open.clear();
        self.create_instance("jetspec");
        let (function, events) = (function(at), replay_events(at));
        self.step(&format!(
            "JetInit3: {{ prstInfo: {{ pfnStatus: {function} }} }}\n    expect: killed\n    events: [{events}]"
        ));
        self.start_process("jetspec");
        self.open();
        self.check();
    }

    /// The process is killed, and what it left is recovered elsewhere under a new name.
    fn move_away(&mut self) {
        self.step("kill-host: true");
        self.open.clear();
        self.moves += 1;
        let (before, folder) = (self.file.clone(), format!("moved{}", self.moves));
        self.file = format!("{folder}/other.edb");
        let after = self.file.clone();
        self.step(&format!("make-folder: {folder}"));
        self.step(&format!("copy-file: {{ from: {before}, to: {after} }}"));
        self.step(&format!("remove-file: {before}"));
        self.create_instance("jetspec");
        self.step(&format!(
            "JetInit3: {{ prstInfo: {{ rgrstmap: [{{ szDatabaseName: {before}, szNewDatabaseName: {after} }}] }} }}"
        ));
        self.step("JetBeginSession: { psesid: ->sesid }");
        self.open();
        self.check();
    }

    fn seek(&mut self, id: i32) {
        self.step(&format!(
            "JetMakeKey: {{ pvData: {{ i32: {id} }}, grbit: NewKey }}"
        ));
        self.step("JetSeek: { grbit: SeekEQ }");
    }

    /// Prepares a record and sets its columns; a long value only inside a transaction.
    fn prepare(&mut self, id: i32, value: i32) {
        if self.seen().contains_key(&id) {
            self.seek(id);
            self.step("JetPrepareUpdate: { prep: Replace }");
        } else {
            self.step("JetPrepareUpdate: { prep: Insert }");
            self.step(&format!(
                "JetSetColumn: {{ columnid: id, pvData: {{ i32: {id} }} }}"
            ));
        }
        self.step(&format!(
            "JetSetColumn: {{ columnid: value, pvData: {{ i32: {value} }} }}"
        ));
    }

    fn put(&mut self, id: i32, value: i32) {
        self.step("JetBeginTransaction: {}");
        self.prepare(id, value);
        let times = memo(value);
        self.step(&format!(
            "JetSetColumn: {{ columnid: memo, pvData: {{ repeat: m, times: {times} }} }}"
        ));
        self.step("JetUpdate: {}");
        self.step("JetCommitTransaction: {}");
        self.seen().insert(id, value);
    }

    fn delete(&mut self, id: i32) {
        if self.seen().remove(&id).is_none() {
            return;
        }
        self.seek(id);
        self.step("JetDelete: {}");
    }

    /// Ends what is open, half of it committed, and closes the table and the database.
    fn stop_writing(&mut self) {
        while !self.open.is_empty() {
            self.event(Event::Commit);
            self.event(Event::Rollback);
        }
        self.check();
    }

    fn close(&mut self) {
        self.step("JetCloseTable: {}");
        self.step("JetCloseDatabase: {}");
    }

    /// Walks through the table in the order of its primary index, then of its values: exactly the
    /// committed records are there.
    fn check(&mut self) {
        let records = self.committed.clone();
        self.walk(
            &records
                .iter()
                .map(|(id, value)| (*id, *value))
                .collect::<Vec<_>>(),
        );
        let mut by_value: Vec<(i32, i32)> = records.into_iter().collect();
        by_value.sort_by_key(|(id, value)| (*value, *id));
        self.step("JetSetCurrentIndex: { szIndexName: values }");
        self.walk(&by_value);
        self.step("JetSetCurrentIndex: { szIndexName: null }");
    }

    fn walk(&mut self, records: &[(i32, i32)]) {
        let mut to = "JET_MoveFirst";
        for (id, value) in records {
            self.step(&format!("JetMove: {{ cRow: {to} }}"));
            for (column, content) in [("id", id), ("value", value)] {
                self.step(&format!(
                    "JetRetrieveColumn: {{ columnid: {column}, cbData: 4 }}\n    out: {{ pvData: {{ i32: {content} }} }}"
                ));
            }
            let times = memo(*value);
            self.step(&format!(
                "JetRetrieveColumn: {{ columnid: memo, cbData: {times} }}\n    out: {{ pvData: {{ repeat: m, times: {times} }}, pcbActual: {times} }}"
            ));
            to = "JET_MoveNext";
        }
        self.step(&format!(
            "JetMove: {{ cRow: {to} }}\n    expect: JET_errNoCurrentRecord"
        ));
    }

    /// Backs the instance up; a process that is killed meanwhile leaves a folder of no use.
    fn back_up(&mut self, killed: Option<KillAt>) {
        for folder in ["first", "second"] {
            self.step(&format!("make-folder: {folder}"));
        }
        if let Some(at) = killed {
            let events = events(at, "any");
            let function = function(at);
            self.step(&format!(
                "JetBackupInstance: {{ szBackupPath: first, pfnStatus: {function} }}\n    expect: killed\n    events: [{events}]"
            ));
            self.start_process("jetspec");
            self.open();
            self.check();
        }
        self.step("JetBackupInstance: { szBackupPath: second, pfnStatus: null }");
        self.check();
    }

    /// Restores the backup where it was, with what the log says that came later; a process that is
    /// killed meanwhile leaves what can be restored again.
    fn restore_with_what_came_later(&mut self, killed: Option<KillAt>) {
        self.step("kill-host: true");
        let file = self.file.clone();
        self.step(&format!("remove-file: {file}"));
        if let Some(at) = killed {
            let (function, events) = (function(at), replay_events(at));
            self.create_instance("jetspec");
            self.step(&format!(
                "JetRestoreInstance: {{ instance: instance, sz: second, pfn: {function} }}\n    expect: killed\n    events: [{events}]"
            ));
            if at == KillAt::Begin {
                self.step(&format!("file-absent: {file}"));
            }
        }
        self.create_instance("jetspec");
        self.step("JetRestoreInstance: { instance: instance, sz: second }");
        self.step("JetInit: {}");
        self.step("JetBeginSession: { psesid: ->sesid }");
        self.open();
        self.check();
        self.step("JetTerm: {}");
    }

    /// Restores the backup into another folder under another name, in another process, and goes on
    /// with it there. What a process that is killed meanwhile leaves is no whole database, and can be
    /// restored again.
    fn restore_elsewhere(&mut self, killed: Option<KillAt>) {
        self.step("kill-host: true");
        self.step("make-folder: elsewhere");
        let name = self.file.rsplit('/').next().unwrap_or_default().to_owned();
        self.step(&format!(
            "copy-file: {{ from: second/{name}, to: elsewhere/renamed.edb }}"
        ));
        if let Some(at) = killed {
            let (function, events) = (function(at), replay_events(at));
            self.external_restore(
                &function,
                &format!("\n    expect: killed\n    events: [{events}]"),
            );
            if at != KillAt::Complete {
                self.is_not_whole("elsewhere/renamed.edb");
            }
        }
        self.external_restore("null", "");
        self.step("kill-host: true");
        self.file = "elsewhere/renamed.edb".to_owned();
        self.start_process("jetspec");
        self.open();
        self.check();
    }

    /// A file that was not restored to the end cannot be attached.
    fn is_not_whole(&mut self, file: &str) {
        self.start_process("jetspec");
        self.step(&format!(
            "JetAttachDatabase: {{ szFilename: {file} }}\n    expect: error"
        ));
        self.step("JetTerm: {}");
        self.step("kill-host: true");
    }

    /// Restores the backup as an application does that puts the files in their places.
    fn external_restore(&mut self, function: &str, modifiers: &str) {
        let before = self.file.clone();
        self.step(&format!(
            "JetExternalRestore: {{ szCheckpointFilePath: elsewhere, szLogPath: elsewhere, \
             rgrstmap: [{{ szDatabaseName: {before}, szNewDatabaseName: elsewhere/renamed.edb }}], \
             szBackupLogPath: second, genLow: 1, genHigh: 0x7fffffff, pfn: {function} }}{modifiers}"
        ));
    }

    /// Compacts the database, and goes on with the copy.
    fn compact(&mut self, killed: Option<KillAt>) {
        self.close();
        let source = self.file.clone();
        if let Some(at) = killed {
            let events = events(at, "some");
            let function = function(at);
            self.step(&format!(
                "JetCompact: {{ szDatabaseSrc: {source}, szDatabaseDest: half.edb, pfnStatus: {function} }}\n    expect: killed\n    events: [{events}]"
            ));
            self.start_process("jetspec");
            self.open();
            self.check();
            self.close();
        }
        self.step(&format!(
            "JetCompact: {{ szDatabaseSrc: {source}, szDatabaseDest: small.edb, pfnStatus: null }}"
        ));
        self.open_opened();
        self.check();
        self.close();
        self.file = "small.edb".to_owned();
        self.open();
        self.check();
        self.step("JetTerm: {}");
        self.step("kill-host: true");
        self.start_process("jetspec");
        self.open();
        self.check();
    }

    /// Opens the database that is attached, and its table.
    fn open_opened(&mut self) {
        let file = self.file.clone();
        self.step(&format!(
            "JetOpenDatabase: {{ szFilename: {file}, pdbid: ->dbid }}"
        ));
        self.step("JetOpenTable: { szTableName: table, ptableid: ->tableid }");
    }
}

/// The notifications of a recovery or of a restore up to the one at which the process is killed; the
/// published engine tells more between them.
fn replay_events(at: KillAt) -> String {
    let function = function(at);
    format!(
        "{{ {function}: {{ snp: 18, times: anywhere }} }}, {}",
        events(at, "some")
    )
}

/// The bytes of the long value of a record with that value: none, in the record, or beside it.
fn memo(value: i32) -> i32 {
    1 + value.rem_euclid(IDS) * 700
}

/// The notifications up to the one at which the process is killed.
fn events(at: KillAt, progress: &str) -> String {
    let function = function(at);
    let begin = format!("{{ {function}: Begin }}");
    match at {
        KillAt::Begin => begin,
        KillAt::Progress => format!("{begin}, {{ {function}: Progress }}"),
        KillAt::Complete => format!(
            "{begin}, {{ {function}: {{ snt: Progress, times: {progress} }} }}, {{ {function}: Complete }}"
        ),
    }
}
