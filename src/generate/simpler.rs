//! Simpler programs that still show the same: fewer steps first (delta debugging), then fewer and
//! plainer arguments, then fewer sessions and cursors.

use std::time::{Duration, Instant};

use smol_str::SmolStr;

use super::program::{AT_END, Action, Body, Callback, Invocation, Program, Step, Value};
use crate::scenario::{Node, UNENDED};

/// Whether a program still shows what it was found for.
pub type Shows<'s> = &'s mut dyn FnMut(&Program) -> bool;

/// The simplest program found that still shows it, within the time.
pub fn shrink(program: &Program, within: Duration, shows: Shows<'_>) -> Program {
    let mut search = Search {
        best: program.clone(),
        until: Instant::now() + within,
        shows,
    };
    loop {
        let before = search.best.clone();
        search.steps();
        search.arguments();
        search.names();
        search.rest();
        if search.best == before || search.is_over() {
            return tidy(search.best);
        }
    }
}

/// Programs with one step less each, for whoever searches by himself.
pub fn simpler_steps(program: &Program) -> Vec<Program> {
    (0..program.steps.len())
        .rev()
        .map(|index| without(program, index..index + 1))
        .filter(|simpler| !simpler.steps.is_empty())
        .collect()
}

struct Search<'s> {
    best: Program,
    until: Instant,
    shows: Shows<'s>,
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Takes a candidate over if it still shows it.
    fn take(&mut self, candidate: Program) -> bool {
        if self.is_over() || candidate.steps.is_empty() || candidate == self.best {
            return false;
        }
        // What a step has lost belongs to nothing any more.
        let candidate = tidy(candidate);
        if !(self.shows)(&candidate) {
            return false;
        }
        self.best = candidate;
        true
    }

    /// Leaves out steps: halves, then quarters, down to single ones, from the end.
    fn steps(&mut self) {
        let mut size = self.best.steps.len().div_ceil(2);
        while size > 0 && !self.is_over() {
            let mut end = self.best.steps.len();
            while end > 0 {
                let start = end.saturating_sub(size);
                let candidate = without(&self.best, start..end);
                self.take(candidate);
                end = start.min(self.best.steps.len());
            }
            size /= 2;
        }
    }

    /// Leaves out arguments, and makes those that stay plainer.
    fn arguments(&mut self) {
        for index in (0..self.best.steps.len()).rev() {
            let mut at = 0;
            while let Some(call) = self.call(index)
                && at < call.arguments.len()
                && !self.is_over()
            {
                let (name, value) = call.arguments[at].clone();
                if self.edit(index, |call| call.arguments.retain(|(own, _)| *own != name)) {
                    continue;
                }
                for plainer in plainer(&value) {
                    if self.edit(index, |call| call.set_in_place(name, plainer.clone())) {
                        break;
                    }
                }
                at += 1;
            }
        }
    }

    fn call(&self, index: usize) -> Option<&Invocation> {
        self.best.steps.get(index)?.invocation()
    }

    fn edit(&mut self, index: usize, change: impl FnOnce(&mut Invocation)) -> bool {
        let mut candidate = self.best.clone();
        if let Some(Step {
            action: Action::Call(call),
            ..
        }) = candidate.steps.get_mut(index)
        {
            change(call);
        }
        self.take(candidate)
    }

    /// Uses one handle in the place of another, so that what opens the other can go.
    fn names(&mut self) {
        let mut names = Vec::new();
        for step in &self.best.steps {
            step.variables(&mut |name, _| {
                if !names.iter().any(|own| own == name) {
                    names.push(name.to_owned());
                }
            });
        }
        // What the fixture opened needs no step of its own.
        let mut targets: Vec<SmolStr> = super::fixtures::world(self.best.fixture)
            .things
            .into_iter()
            .map(|thing| thing.name)
            .collect();
        targets.extend(names.iter().map(SmolStr::from));
        for from in names.iter().rev() {
            let stem = |name: &str| {
                name.trim_end_matches(|c: char| c.is_ascii_digit())
                    .to_owned()
            };
            for to in targets
                .iter()
                .filter(|to| *to != from && stem(to) == stem(from))
            {
                let mut candidate = self.best.clone();
                for step in &mut candidate.steps {
                    if let Action::Call(call) = &mut step.action {
                        call.arguments
                            .iter_mut()
                            .for_each(|(_, value)| rename_uses(value, from, to));
                    }
                }
                if self.take(candidate) || self.is_over() {
                    break;
                }
            }
        }
    }

    /// Plain bodies, one thread, narrow texts.
    fn rest(&mut self) {
        for index in 0..self.best.callbacks.len() {
            self.callback(index, |callback| {
                callback.bodies.iter_mut().for_each(plain_body)
            });
            let bodies = |search: &Self| {
                let callback = search.best.callbacks.get(index);
                callback.map_or(0, |callback| callback.bodies.len())
            };
            for body in (0..bodies(self)).rev() {
                self.callback(index, |callback| drop(callback.bodies.remove(body)));
            }
            for body in 0..bodies(self) {
                self.body(index, body);
            }
        }
        self.whole(|program| program.steps.iter_mut().for_each(|step| step.thread = None));
        self.whole(|program| program.steps.iter_mut().for_each(|step| step.wide = None));
        self.whole(|program| program.wide = false);
    }

    /// Leaves out what is inside one body, bit by bit.
    fn body(&mut self, index: usize, body: usize) {
        fn of(callback: &mut Callback, body: usize, change: impl FnOnce(&mut Body)) {
            if let Some(body) = callback.bodies.get_mut(body) {
                change(body);
            }
        }
        self.callback(index, |own| of(own, body, plain_body));
        self.callback(index, |own| of(own, body, |body| body.steps.clear()));
        self.callback(index, |own| of(own, body, |body| body.returns = 0));
        self.callback(index, |own| of(own, body, |body| body.times = None));
        self.callback(index, |own| of(own, body, |body| body.writes.clear()));
        self.callback(index, |own| of(own, body, |body| body.reasons.clear()));
        let steps = self
            .best
            .callbacks
            .get(index)
            .and_then(|own| own.bodies.get(body));
        for step in (0..steps.map_or(0, |body| body.steps.len())).rev() {
            self.callback(index, |own| {
                of(own, body, |body| drop(body.steps.remove(step)))
            });
        }
    }

    fn callback(&mut self, index: usize, change: impl FnOnce(&mut Callback)) -> bool {
        self.whole(|program| {
            if let Some(callback) = program.callbacks.get_mut(index) {
                change(callback);
            }
        })
    }

    fn whole(&mut self, change: impl FnOnce(&mut Program)) -> bool {
        let mut candidate = self.best.clone();
        change(&mut candidate);
        self.take(candidate)
    }
}

/// Makes a body do nothing.
fn plain_body(body: &mut Body) {
    *body = Body {
        reasons: body.reasons.clone(),
        ..Body::default()
    };
}

impl Invocation {
    fn set_in_place(&mut self, name: &str, value: Value) {
        if let Some(entry) = self.arguments.iter_mut().find(|(own, _)| *own == name) {
            entry.1 = value;
        }
    }
}

/// The program without some steps, and without those that need what these set.
pub fn leave_out(program: &Program, range: std::ops::Range<usize>) -> Program {
    without(program, range)
}

fn without(program: &Program, range: std::ops::Range<usize>) -> Program {
    let mut lost: Vec<String> = Vec::new();
    let mut kept: Vec<Step> = Vec::new();
    for (index, step) in program.steps.iter().enumerate() {
        let mut needs = false;
        step.variables(&mut |name, sets| {
            needs |= !sets && lost.iter().any(|own| own == name);
        });
        let goes = range.contains(&index) || needs;
        step.variables(&mut |name, sets| {
            if sets && goes {
                lost.push(name.to_owned());
            }
        });
        if !goes {
            kept.push(step.clone());
        }
    }
    Program {
        steps: kept,
        ..program.clone()
    }
}

/// The program without callbacks that nothing names.
fn tidy(mut program: Program) -> Program {
    let used = |name: &str| {
        program.steps.iter().any(|step| match &step.action {
            Action::Call(call) => call
                .arguments
                .iter()
                .any(|(_, value)| mentions(value, name)),
            Action::Other(_, value) => mentions(value, name),
        })
    };
    let kept: Vec<_> = program
        .callbacks
        .iter()
        .filter(|callback| callback.name == "keeper" || used(&callback.name))
        .cloned()
        .collect();
    program.callbacks = kept;
    program
}

fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::Variable(own) | Value::Callback(own) => own == name,
        Value::List(items) => items.iter().any(|item| mentions(item, name)),
        Value::Map(entries) => entries.iter().any(|(_, value)| mentions(value, name)),
        Value::Written(node) => written_mentions(node, name),
        _ => false,
    }
}

fn written_mentions(node: &Node, name: &str) -> bool {
    let inside = node.items().unwrap_or_default().iter();
    let entries = node.entries().unwrap_or_default().iter();
    node.text() == Some(name)
        || inside
            .chain(entries.map(|entry| &entry.value))
            .any(|node| written_mentions(node, name))
}

fn rename_uses(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::Variable(name) if name == from => *name = to.into(),
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| rename_uses(item, from, to)),
        Value::Map(entries) => {
            for (key, value) in entries {
                match (*key, &mut *value) {
                    ("from", Value::Text(name)) if name == from => *name = to.into(),
                    _ => rename_uses(value, from, to),
                }
            }
        }
        _ => {}
    }
}

/// What may stand for a value and says less.
fn plainer(value: &Value) -> Vec<Value> {
    match value {
        Value::Constants(names) if names.len() > 1 => {
            let without = |index: usize| {
                let mut fewer = names.clone();
                fewer.remove(index);
                Value::Constants(fewer)
            };
            (0..names.len()).map(without).collect()
        }
        Value::Number(number) if *number != 0 && *number != 1 => {
            vec![Value::Number(0), Value::Number(1)]
        }
        Value::I32(number) if *number != 1 => vec![Value::I32(1)],
        Value::Raw(raw) if *raw != 1 => vec![Value::Raw(1)],
        Value::Repeat(text, times) if *times > 65 => [65, 256, 300]
            .into_iter()
            .filter(|fewer| fewer < times)
            .map(|fewer| Value::Repeat(text, fewer))
            .collect(),
        Value::List(items) => {
            let mut found = Vec::new();
            for index in (0..items.len()).rev() {
                let mut fewer = items.clone();
                fewer.remove(index);
                found.push(Value::List(fewer));
            }
            for (index, item) in items.iter().enumerate() {
                for simple in plainer(item) {
                    let mut other = items.clone();
                    other[index] = simple;
                    found.push(Value::List(other));
                }
            }
            found
        }
        Value::Map(entries) => {
            let mut found = Vec::new();
            if let [(UNENDED, inner)] = &entries[..] {
                // A shorter one would be read beyond where memory ends.
                return vec![inner.clone()];
            }
            if let [(AT_END, inner)] = &entries[..] {
                found.push(inner.clone());
            }
            for index in (0..entries.len()).rev() {
                let mut fewer = entries.clone();
                fewer.remove(index);
                found.push(Value::Map(fewer));
            }
            for (index, (key, item)) in entries.iter().enumerate() {
                for simple in plainer(item) {
                    let mut other = entries.clone();
                    other[index] = (*key, simple);
                    found.push(Value::Map(other));
                }
            }
            found
        }
        _ => Vec::new(),
    }
}
