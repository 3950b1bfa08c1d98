//! Sizes of files: a database that fills half of a disk is written for minutes, and nothing else comes
//! of it than of a small one. What no disk holds is refused at once, and stays.

use super::program::{Invocation, Value};
use crate::abi::{ByFunction, function};

/// The pages that a file is to have. (jetresizedatabase-function.md, jetgrowdatabase-function.md,
/// jetsetdatabasesize-function.md)
const PAGES: &str = "cpg";

/// So many are written quickly: 256 MiB, with the largest pages, which have 32 KiB.
const QUICK: u32 = 8_192;

/// So many have room on no machine that programs are run on: 4 TiB.
const TOO_MANY: u32 = 0x4000_0000;

/// Makes a file smaller that would take long to write.
pub(super) fn settle(call: &mut Invocation) {
    static SIZED: ByFunction<bool> = ByFunction::new(takes_pages);
    if !SIZED.of(call.function) {
        return;
    }
    let asked = call.arguments.iter_mut().find(|(name, _)| *name == PAGES);
    let Some((_, value)) = asked else {
        return;
    };
    // The parameter has 32 bits.
    let pages = match value {
        Value::Number(number) => *number as u32,
        Value::Raw(raw) => *raw as u32,
        _ => return,
    };
    if (QUICK..TOO_MANY).contains(&pages) {
        *value = Value::Number(i64::from(pages % QUICK));
    }
}

fn takes_pages(name: &'static str) -> bool {
    function(name).is_some_and(|function| function.get().parameter(PAGES).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_small_or_has_no_room_anywhere() {
        let settled = |pages: i64| {
            let mut call = Invocation::new(function("JetResizeDatabase").expect("known"));
            call.set(PAGES, Value::Number(pages));
            settle(&mut call);
            call.get(PAGES).cloned()
        };
        assert_eq!(settled(256), Some(Value::Number(256)));
        assert_eq!(settled(14_716_550), Some(Value::Number(14_716_550 % 8_192)));
        assert_eq!(settled(0x7FFF_FFFF), Some(Value::Number(0x7FFF_FFFF)));
        assert_eq!(settled(-1), Some(Value::Number(-1)));
    }
}
