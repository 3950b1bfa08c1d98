//! Bad texts and keys of indexes, and what stands where memory ends.

use smol_str::SmolStr;

use super::maker::Maker;
use super::order::Ground;
use super::pairs::Badness;
use super::program::{AT_END, Value};
use crate::reference::MOST_UNITS;
use crate::scenario::UNENDED;

/// Longer than any name, key or value that fits a record; what no limit lets pass.
pub(super) const LONG: u32 = 70_000;

impl Maker<'_> {
    pub(super) fn bad_text(&mut self, badness: Badness) -> Option<Value> {
        Some(match badness {
            Badness::Null => Value::Null,
            Badness::Empty => Value::Text(SmolStr::default()),
            Badness::Long => Value::Repeat("a", self.choices.of([64, 65, 256, 1025, LONG])),
            Badness::NotText => Value::Hex(
                self.choices
                    .of([&b"\xff\xfe"[..], b"a\xc3\x28", b"\x00\xd8\x00\xd8"])
                    .to_vec(),
            ),
            Badness::Separators => Value::Text(
                self.choices
                    .of([
                        "a!b", " a", "a.b", "a[b]", "a\u{1}b", "a/b", "a`b", "a\u{7f}", "\t",
                    ])
                    .into(),
            ),
            Badness::NotThere => Value::Text(self.choices.of(["absent", "Absent"]).into()),
            Badness::Unended => {
                let times = MOST_UNITS as u32 + self.choices.of([0, 1, 1000]);
                Value::Map(vec![(UNENDED, Value::Repeat("a", times))])
            }
            _ => return None,
        })
    }

    /// A key where memory ends. Without what ends it, too, where nobody is asked whose pages say that
    /// it has to be there.
    pub(super) fn key_at_end(&mut self, present: Option<&Value>) -> Value {
        let endless = self.order.ground == Ground::Reference && self.choices.once_in(2);
        at_end(match present {
            _ if endless => Value::Hex(b"+value".to_vec()),
            Some(list @ Value::List(_)) => list.clone(),
            _ => Value::List(vec![Value::Text("+value".into())]),
        })
    }

    pub(super) fn bad_key(&mut self, badness: Badness) -> Option<Value> {
        let list = |texts: &[&str]| {
            Value::List(
                texts
                    .iter()
                    .map(|text| Value::Text((*text).into()))
                    .collect(),
            )
        };
        Some(match badness {
            Badness::Null => Value::Null,
            Badness::Empty => Value::List(Vec::new()),
            Badness::Long => {
                let count = self.choices.of([13, 17, 40]);
                Value::List(vec![Value::Text("+value".into()); count])
            }
            // Nothing ends the key, so its length has to.
            Badness::NotText => Value::Hex(b"+value".to_vec()),
            Badness::Separators => {
                let keys = [&["id"][..], &["*id"], &["+"], &["+id", ""], &["+ id"]];
                list(self.choices.of(keys))
            }
            Badness::NotThere => list(&["+absent"]),
            _ => return None,
        })
    }
}

/// A value in memory that ends with it.
pub(super) fn at_end(value: Value) -> Value {
    Value::Map(vec![(AT_END, value)])
}
