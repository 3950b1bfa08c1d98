//! What each function is to somebody, found out by its name once and not at every call.

use std::sync::OnceLock;

use super::{FUNCTIONS, FunctionId};

/// A value for each function of the list.
pub struct ByFunction<T> {
    named: fn(&'static str) -> T,
    all: OnceLock<Vec<T>>,
}

impl<T: Copy> ByFunction<T> {
    /// The values that this function gives to the documented names.
    pub const fn new(named: fn(&'static str) -> T) -> Self {
        Self {
            named,
            all: OnceLock::new(),
        }
    }

    /// The value of a function.
    pub fn of(&self, function: FunctionId) -> T {
        let values = || FUNCTIONS.iter().map(|own| (self.named)(own.name)).collect();
        let found = self.all.get_or_init(values).get(usize::from(function.0));
        found
            .copied()
            .unwrap_or_else(|| (self.named)(function.get().name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::function;

    #[test]
    fn each_function_has_the_value_of_its_name() {
        static LENGTHS: ByFunction<usize> = ByFunction::new(str::len);
        for name in ["JetInit", "JetUnregisterCallback"] {
            let function = function(name).expect("a function");
            assert_eq!(LENGTHS.of(function), name.len());
        }
    }
}
