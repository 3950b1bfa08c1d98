//! Outputs that share the place of another one: `{overlaps: pvData}`.

use super::draft::{Draft, Overlap};
use super::fault::FaultKind;
use super::lower::Lowering;
use super::node::Node;
use super::plan::Argument;
use super::values::shape;
use crate::abi::role::Scalar;

/// The word for it.
pub const OVERLAPS: &str = "overlaps";

impl Lowering<'_> {
    /// Whether an output of one number shares the place of another output, which may come later in the
    /// call and so is looked for when all are there. Faults are noted.
    pub(super) fn overlaps(
        &mut self,
        draft: &mut Draft,
        own: usize,
        node: &Node,
        scalar: Scalar,
    ) -> bool {
        let Some([entry]) = node.entries() else {
            return false;
        };
        if &*entry.key != OVERLAPS {
            return false;
        }
        let function = draft.function;
        let Some(name) = entry.value.text() else {
            let wanted = "the name of another output of the call";
            shape("`overlaps`", wanted, &entry.value, &mut self.faults);
            return true;
        };
        let Some((other, _)) = function.parameter(name) else {
            let kind = FaultKind::UnknownName {
                what: "parameter",
                name: name.to_owned(),
            };
            let known = function.parameters.iter().map(|own| own.name);
            self.faults.add(kind, entry.value.spot).nearest(name, known);
            return true;
        };
        draft.overlaps.push(Overlap {
            own,
            size: scalar.size() as u32,
            other,
            spot: entry.value.spot,
        });
        true
    }

    /// Gives such outputs their places.
    pub(super) fn share_places(&mut self, draft: &mut Draft) {
        for overlap in std::mem::take(&mut draft.overlaps) {
            let place = draft.arguments[overlap.other];
            let fits = match place {
                Argument::Memory(id) if overlap.own != overlap.other => {
                    let outputs = &draft.at(id).outputs;
                    outputs
                        .iter()
                        .any(|output| output.offset == 0 && output.size >= overlap.size)
                }
                _ => false,
            };
            if fits {
                draft.arguments[overlap.own] = place;
                continue;
            }
            let parameters = draft.function.parameters;
            let message = format!(
                "`{}` does not fit into the place of `{}`, which has to be an output that is as large",
                parameters[overlap.own].name, parameters[overlap.other].name
            );
            self.faults.add(FaultKind::Value(message), overlap.spot);
        }
    }
}
