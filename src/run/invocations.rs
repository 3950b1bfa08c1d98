//! The arguments of callbacks by their documented names.

use std::collections::VecDeque;
use std::sync::Arc;

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::role::Scalar;

use super::invocation::{Pointee, STATUS, is_documented};
use super::names::Names;
use super::show::address;
use super::trace::{Name, Value};

/// Shows the arguments of invocations.
pub(super) struct Invocations {
    words: ArgumentNames,
    /// The invocations seen last, for those that repeat.
    seen: VecDeque<Seen>,
}

/// An invocation and how its arguments are shown.
struct Seen {
    kind: u8,
    words: [u64; 8],
    pointee: Pointee,
    /// The names that were valid then.
    names: u64,
    arguments: Arguments,
}

/// The arguments of an invocation, by name.
pub(super) type Arguments = Arc<[(Name, Value)]>;

/// How many different invocations are remembered.
const SEEN: usize = 8;

/// The documented names of the arguments of callbacks.
struct ArgumentNames {
    callback: [Name; 8],
    status: [Name; 4],
    progress: [Name; 3],
}

impl ArgumentNames {
    fn new() -> ArgumentNames {
        let callback = [
            "sesid",
            "dbid",
            "tableid",
            "cbtyp",
            "pvArg1",
            "pvArg2",
            "pvContext",
            "ulUnused",
        ];
        ArgumentNames {
            callback: callback.map(Name::new_static),
            status: ["sesid", "snp", "snt", "pv"].map(Name::new_static),
            progress: ["cbStruct", "cunitDone", "cunitTotal"].map(Name::new_static),
        }
    }
}

impl Invocations {
    pub(super) fn new() -> Invocations {
        Invocations {
            words: ArgumentNames::new(),
            seen: VecDeque::new(),
        }
    }

    /// The arguments by name; those of an invocation like an earlier one are shared with it.
    pub(super) fn arguments(
        &mut self,
        names: &mut Names,
        kind: u8,
        words: &[u64; 8],
        pointee: Pointee,
        user_data: &[u8],
    ) -> Arguments {
        let version = names.version();
        let same = |seen: &&Seen| {
            seen.words == *words
                && (seen.kind, seen.pointee, seen.names) == (kind, pointee, version)
        };
        if let Some(seen) = self.seen.iter().find(same).filter(|_| user_data.is_empty()) {
            return seen.arguments.clone();
        }
        let arguments: Arguments = match kind {
            STATUS => self.status_arguments(names, words, pointee).into(),
            _ => self
                .callback_arguments(names, words, pointee, user_data)
                .into(),
        };
        if user_data.is_empty() {
            self.seen.truncate(SEEN - 1);
            self.seen.push_front(Seen {
                kind,
                words: *words,
                pointee,
                names: version,
                arguments: arguments.clone(),
            });
        }
        arguments
    }

    /// jet-callback-callback-function.md; what the untyped arguments mean depends on the reason
    /// (jet-cbtyp.md): of a user-defined default, the size at `*pvArg2` and the stored data are
    /// shown instead of their addresses.
    fn callback_arguments(
        &self,
        names: &mut Names,
        words: &[u64; 8],
        pointee: Pointee,
        user_data: &[u8],
    ) -> Vec<(Name, Value)> {
        let reason = words[3] as u32;
        let storage = jet::JET_cbtypFreeCursorLS | jet::JET_cbtypFreeTableLS;
        let default = reason == jet::JET_cbtypUserDefinedDefaultValue;
        let values = [
            names.value(Scalar::Sesid, words[0]),
            names.value(Scalar::Dbid, words[1]),
            names.value(Scalar::Tableid, words[2]),
            Value::Number(words[3] as i64),
            match reason & storage {
                0 => address(words[4]),
                _ => names.value(Scalar::Ls, words[4]),
            },
            match default && words[5] != 0 {
                true => Value::Number(i64::from(pointee.numbers[0])),
                false => address(words[5]),
            },
            match (default, user_data) {
                (false, _) => Value::Number(words[6] as i64),
                (true, []) => address(words[6]),
                (true, data) => Value::Bytes(data.to_vec()),
            },
            match default {
                true => names.value(Scalar::Columnid, words[7]),
                false => Value::Number(words[7] as i64),
            },
        ];
        let mut arguments = Vec::with_capacity(8);
        for (name, value) in self.words.callback.iter().zip(values) {
            arguments.push((name.clone(), value));
        }
        arguments
    }

    /// jet-pfnstatus-callback-function.md.
    fn status_arguments(
        &self,
        names: &mut Names,
        words: &[u64; 8],
        pointee: Pointee,
    ) -> Vec<(Name, Value)> {
        let [sesid, snp, snt, pv] = &self.words.status;
        let pointed = match words[3] != 0 && is_documented(words[1] as u32) {
            true => Value::Structure(self.progress(pointee)),
            false => address(words[3]),
        };
        vec![
            (sesid.clone(), names.value(Scalar::Sesid, words[0])),
            (snp.clone(), Value::Number(words[1] as i64)),
            (snt.clone(), Value::Number(words[2] as i64)),
            (pv.clone(), pointed),
        ]
    }
    /// jet-snprog-structure.md; a structure that says it is smaller has no other fields.
    fn progress(&self, pointee: Pointee) -> Vec<(Name, Value)> {
        let [done, total] = pointee.numbers;
        let shown = match pointee.size as usize >= size_of::<jet::JET_SNPROG>() {
            true => 3,
            false => 1,
        };
        let values = [pointee.size, done, total].map(|number| Value::Number(i64::from(number)));
        let fields = self.words.progress.iter().cloned().zip(values);
        fields.take(shown).collect()
    }
}
