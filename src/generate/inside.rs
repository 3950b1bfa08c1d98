//! Callbacks, and what they do inside.

use smol_str::{SmolStr, format_smolstr};

use super::arguments::Scene;
use super::maker::Maker;
use super::program::{Callback, Invocation, Step};
use crate::abi::errors::JetError;
use crate::abi::role::Kind;
use crate::abi::{FunctionId, function};

/// The most callbacks that a program names; its own pool of functions has more.
const CALLBACKS: usize = 4;

impl Maker<'_> {
    /// The name of a callback, mostly of one that is there.
    pub(super) fn callback(&mut self) -> SmolStr {
        let count = self.program.callbacks.len();
        if count > 0 && (count >= CALLBACKS || !self.choices.once_in(3)) {
            let chosen = self.choices.below(count);
            return self.program.callbacks[chosen].name.clone();
        }
        let name = format_smolstr!("spy{}", count + 1);
        let mut callback = Callback::plain(name.clone());
        match self.choices.below(8) {
            0 => callback.body_mut().returns = JetError::InvalidParameter.code(),
            1 => callback.body_mut().returns = JetError::CallbackFailed.code(),
            2 => callback.body_mut().steps = self.body(),
            3 => callback.body_mut().returns = 1004,
            _ => {}
        }
        self.program.callbacks.push(callback);
        name
    }

    /// The name of a callback for a status function: one without a body, for no cursor is handed to it.
    pub(super) fn status(&mut self) -> SmolStr {
        let mut plain = self.program.callbacks.iter();
        if let Some(callback) = plain.find(|callback| callback.is_idle()) {
            return callback.name.clone();
        }
        let name = format_smolstr!("spy{}", self.program.callbacks.len() + 1);
        self.program.callbacks.push(Callback::plain(name.clone()));
        name
    }

    /// What a callback does inside: a call or two with its own arguments.
    fn body(&mut self) -> Vec<Step> {
        let names = [
            "JetRetrieveColumn",
            "JetSetColumn",
            "JetMove",
            "JetBeginTransaction",
            "JetRollback",
            "JetCommitTransaction",
            "JetGetLS",
            "JetUpdate",
            "JetPrepareUpdate",
            "JetDelete",
            "JetGetBookmark",
            "JetDupCursor",
        ];
        let count = self.choices.of([1, 1, 2]);
        let mut steps = Vec::new();
        for _ in 0..count {
            let name = self.choices.of(names);
            if let Some(function) = function(name) {
                steps.push(self.inside(function));
            }
        }
        steps
    }

    /// A call inside a callback: `sesid` and `tableid` are left out, so that they are its own.
    pub(super) fn inside_step(&mut self, name: &str) -> Step {
        let function = function(name).unwrap_or(FunctionId(0));
        self.inside(function)
    }

    fn inside(&mut self, function: FunctionId) -> Step {
        let table = self.any_table();
        let scene = Scene {
            table,
            ..Scene::default()
        };
        let mut call = Invocation::new(function);
        for parameter in function.get().parameters {
            let own = matches!(parameter.name, "sesid" | "dbid" | "tableid");
            let is_output = matches!(parameter.kind, Kind::Out(_) | Kind::Buffer | Kind::Actual);
            if own || is_output || parameter.optional {
                continue;
            }
            if let Some(value) = self.good(function, parameter, &scene) {
                call.arguments.push((parameter.name, value));
            }
        }
        Step::call(call)
    }
}
