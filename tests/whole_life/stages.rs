//! The stages of a story: the backup, the restores, the compaction.

use super::history::{Event, KillAt};
use super::story::{Generations, Story, events, function, replay_events};

impl Story {
    /// Backs the instance up while a transaction is open or none is; a process that is killed meanwhile
    /// leaves a folder of no use.
    pub fn back_up(&mut self, killed: Option<KillAt>, across: Option<&[Event]>) {
        for folder in ["first", "second"] {
            self.step(&format!("make-folder: {folder}"));
        }
        if let Some(at) = killed {
            self.leave_open(across.unwrap_or_default());
            let events = events(at, "any");
            let function = function(at);
            self.step(&format!(
                "JetBackupInstance: {{ szBackupPath: first, pfnStatus: {function} }}\n    expect: killed\n    events: [{events}]"
            ));
            self.open.clear();
            self.start_process("jetspec");
            self.open();
            self.check();
        }
        if let Some(events) = across {
            self.leave_open(events);
        }
        self.step("JetBackupInstance: { szBackupPath: second, pfnStatus: null }");
        self.check();
    }

    /// Asks the database for the generations of its backup.
    pub fn ask_for_the_generations(&mut self) {
        let passed = [
            "ulVersion",
            "ulUpdate",
            "signDb",
            "lgposConsistent",
            "logtimeConsistent",
            "logtimeAttach",
            "lgposAttach",
            "logtimeDetach",
            "lgposDetach",
            "signLog",
            "lSPNumber",
            "dwBuildNumber",
            "dwMinorVersion",
            "dwMajorVersion",
            "logtimeGenMaxCreate",
            "bkinfoFullPrev",
        ];
        let passed = passed
            .map(|field| format!("pvResult.{field}: any"))
            .join(", ");
        self.step(&format!(
            "JetGetDatabaseInfo: {{ pvResult: {{ structure: JET_DBINFOMISC4, bkinfoFullPrev: ->backup }}, \
             InfoLevel: DbInfoMisc }}\n    out: {{ {passed} }}"
        ));
    }

    /// The backup has all of its log files.
    pub fn look_at_the_logs(&mut self, logs: Generations) {
        for generation in logs.low..=logs.high {
            let log = log_of_the_backup(generation);
            self.step(&format!("file-exists: {log}"));
        }
    }

    /// Nothing is restored where a log file between two others is gone.
    fn miss_a_log(&mut self, generation: u32) {
        let (file, log) = (self.file.clone(), log_of_the_backup(generation));
        self.step(&format!("copy-file: {{ from: {log}, to: kept.log }}"));
        self.step(&format!("remove-file: {log}"));
        self.create_instance("jetspec");
        self.step(
            "JetRestoreInstance: { instance: instance, sz: second }\n    \
             expect: { documented: JET_errMissingLogFile, genuine: JET_errFileNotFound }",
        );
        self.step(&format!("file-absent: {file}"));
        self.step("JetTerm: {}");
        self.step(&format!("copy-file: {{ from: kept.log, to: {log} }}"));
    }

    /// Restores the backup where it was, with what the log says that came later; a process that is
    /// killed meanwhile leaves what can be restored again.
    pub fn restore_with_what_came_later(&mut self, killed: Option<KillAt>, logs: Generations) {
        self.step("kill-host: true");
        self.open.clear();
        let file = self.file.clone();
        self.step(&format!("remove-file: {file}"));
        if let Some(generation) = logs.middle() {
            self.miss_a_log(generation);
        }
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
    pub fn restore_elsewhere(&mut self, killed: Option<KillAt>, logs: Generations) {
        self.step("kill-host: true");
        self.step("make-folder: elsewhere");
        let name = self.file.rsplit('/').next().unwrap_or_default().to_owned();
        self.step(&format!(
            "copy-file: {{ from: second/{name}, to: elsewhere/renamed.edb }}"
        ));
        if let Some(at) = killed {
            let (function, events) = (function(at), replay_events(at));
            self.external_restore(
                logs,
                &function,
                &format!("\n    expect: killed\n    events: [{events}]"),
            );
            if at != KillAt::Complete {
                self.is_not_whole("elsewhere/renamed.edb");
            }
        }
        self.external_restore(logs, "null", "");
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
    fn external_restore(&mut self, logs: Generations, function: &str, modifiers: &str) {
        let Generations { low, high } = logs;
        let before = self.file.clone();
        self.step(&format!(
            "JetExternalRestore: {{ szCheckpointFilePath: elsewhere, szLogPath: elsewhere, \
             rgrstmap: [{{ szDatabaseName: {before}, szNewDatabaseName: elsewhere/renamed.edb }}], \
             szBackupLogPath: second, genLow: {low}, genHigh: {high}, pfn: {function} }}{modifiers}"
        ));
    }

    /// Compacts the database, and goes on with the copy.
    pub fn compact(&mut self, killed: Option<KillAt>) {
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
            if at == KillAt::Progress {
                self.step("JetAttachDatabase: { szFilename: half.edb }\n    expect: error");
            }
        }
        self.step(&format!(
            "JetCompact: {{ szDatabaseSrc: {source}, szDatabaseDest: small.edb, pfnStatus: null }}"
        ));
        self.open_attached();
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
}

fn log_of_the_backup(generation: u32) -> String {
    format!("second/edb{generation:05X}.log")
}
