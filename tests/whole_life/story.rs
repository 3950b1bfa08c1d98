//! A history as a scenario, with what must be there after each stage.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::history::{Event, History, KillAt, Record};

/// The records that there are: value by record.
pub type Records = BTreeMap<Record, i32>;

/// The log files of the backup, by their generations. How many there are depends on how the engine
/// writes its log: what a history does says only what they must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// The first.
    pub low: u32,
    /// The last.
    pub high: u32,
}

impl Generations {
    /// One that is between two others.
    pub fn middle(self) -> Option<u32> {
        let middle = self.low + (self.high - self.low) / 2;
        (middle > self.low && middle < self.high).then_some(middle)
    }
}

/// The scenario of a history up to its backup; the last step asks which log files that has.
pub fn tell_until_the_backup(history: &History) -> String {
    let mut story = Story::until_the_backup(history);
    story.ask_for_the_generations();
    story.scenario()
}

/// The scenario of a history.
pub fn tell(history: &History, logs: Generations) -> String {
    let mut story = Story::until_the_backup(history);
    let backed_up = story.committed.clone();
    story.look_at_the_logs(logs);
    story.happen(&history.between);
    if history.ends {
        story.stop_writing();
        story.step("JetTerm: {}");
    }
    story.restore_with_what_came_later(history.restore_killed, logs);
    story.committed = backed_up;
    story.restore_elsewhere(history.restore_killed, logs);
    story.happen(&history.afterwards);
    story.stop_writing();
    story.compact(history.compaction_killed);
    story.scenario()
}

/// A status function for each notification at which a story kills the process.
fn callbacks(text: &str) -> String {
    let kills = [KillAt::Begin, KillAt::Progress, KillAt::Complete].into_iter();
    let used = kills.filter(|at| text.contains(&function(*at)));
    let lines: Vec<String> = used
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

/// The name of the function that kills there.
pub fn function(at: KillAt) -> String {
    format!("kills-at-{}", format!("{at:?}").to_lowercase())
}

/// A scenario while it is written.
#[derive(Default)]
pub struct Story {
    text: String,
    /// Whether the files of the database follow the log closely.
    checkpoints: bool,
    /// The database's file.
    pub file: String,
    /// How often it was moved.
    moves: u32,
    /// What is committed.
    pub committed: Records,
    /// What each open transaction sees, the outermost first.
    pub open: Vec<Records>,
}

impl Story {
    fn until_the_backup(history: &History) -> Self {
        let mut story = Self {
            checkpoints: history.checkpoints,
            ..Self::default()
        };
        story.begin();
        story.happen(&history.events);
        story.stop_writing();
        story.back_up(history.backup_killed, history.across.as_deref());
        story
    }

    fn scenario(&self) -> String {
        let (functions, text) = (callbacks(&self.text), &self.text);
        format!("title: A random history\n{functions}steps:\n{text}")
    }

    /// Writes a step down.
    pub fn step(&mut self, step: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "  - {step}");
    }

    fn begin(&mut self) {
        self.file = "jetspec.edb".to_owned();
        self.start_process("jetspec");
        self.step("JetCreateDatabase: { szFilename: jetspec.edb, pdbid: ->dbid }");
        self.create_tables();
    }

    /// Begins with an instance and a session, in a process that has none.
    pub fn start_process(&mut self, instance: &str) {
        self.create_instance(instance);
        self.step("JetInit: {}");
        self.step("JetBeginSession: { psesid: ->sesid }");
    }

    /// An instance whose log changes its file often.
    pub fn create_instance(&mut self, name: &str) {
        self.step(&format!(
            "JetCreateInstance: {{ pinstance: ->instance, szInstanceName: {name} }}"
        ));
        self.set_parameter("LogFileSize", 64);
        if self.checkpoints {
            self.set_parameter("CheckpointDepthMax", 65536);
        }
    }

    fn set_parameter(&mut self, parameter: &str, value: u32) {
        self.step(&format!(
            "JetSetSystemParameter: {{ pinstance: instance, sesid: null, paramid: {parameter}, lParam: {value} }}"
        ));
    }

    /// Attaches the database and opens its tables.
    pub fn open(&mut self) {
        let file = self.file.clone();
        self.step(&format!("JetAttachDatabase: {{ szFilename: {file} }}"));
        self.open_attached();
    }

    /// Opens the database that is attached, and its tables.
    pub fn open_attached(&mut self) {
        let file = self.file.clone();
        self.step(&format!(
            "JetOpenDatabase: {{ szFilename: {file}, pdbid: ->dbid }}"
        ));
        self.open_tables();
    }

    /// Does what happens.
    pub fn happen(&mut self, events: &[Event]) {
        for event in events {
            self.event(*event);
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Put { record, value } => self.put(record, value),
            Event::Delete { record } => self.delete(record),
            Event::Rewrite { table, value } => self.rewrite(table, value),
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
            Event::KillInUpdate { record } => {
                self.prepare(record, -1);
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

    /// What the session sees.
    pub fn seen(&mut self) -> &mut Records {
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

    /// Leaves a transaction open in which this happens.
    pub fn leave_open(&mut self, events: &[Event]) {
        self.event(Event::Begin);
        self.happen(events);
    }

    /// Ends what is open, half of it committed.
    fn stop_writing(&mut self) {
        while !self.open.is_empty() {
            self.event(Event::Commit);
            self.event(Event::Rollback);
        }
        self.check();
    }
}

/// The notifications of a recovery or of a restore up to the one at which the process is killed; the
/// published engine tells more between them.
pub fn replay_events(at: KillAt) -> String {
    let function = function(at);
    format!(
        "{{ {function}: {{ snp: 18, times: anywhere }} }}, {}",
        events(at, "some")
    )
}

/// The notifications up to the one at which the process is killed.
pub fn events(at: KillAt, progress: &str) -> String {
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
