//! The structures that calls take and give, one file for each group of pages.

mod definition;
mod information;
mod maintenance;
mod retrieval;

pub use definition::*;
pub use information::*;
pub use maintenance::*;
pub use retrieval::*;

use super::structure::{Structure, StructureRole};

macro_rules! all {
    ($($name:ident)*) => { &[$(<$name as StructureRole>::STRUCTURE),*] };
}

/// Every structure, by documented name.
pub const STRUCTURES: &[&Structure] = all![
    JET_COLUMNDEF JET_COLUMNCREATE JET_USERDEFINEDDEFAULT JET_CONDITIONALCOLUMN JET_UNICODEINDEX
    JET_UNICODEINDEX2 JET_TUPLELIMITS JET_SPACEHINTS JET_INDEXCREATE JET_INDEXCREATE2 JET_INDEXCREATE3
    JET_TABLECREATE JET_TABLECREATE2 JET_TABLECREATE3 JET_TABLECREATE4 JET_OPENTEMPORARYTABLE
    JET_OPENTEMPORARYTABLE2 JET_SETINFO JET_RETINFO JET_SETCOLUMN JET_RETRIEVECOLUMN JET_ENUMCOLUMNID
    JET_ENUMCOLUMN JET_ENUMCOLUMNVALUE JET_RECPOS JET_RECSIZE JET_RECSIZE2 JET_INDEXID JET_INDEXRANGE
    JET_INDEX_COLUMN JET_INDEX_RANGE JET_RECORDLIST JET_SETSYSPARAM JET_RSTMAP JET_RSTINFO JET_LOGINFO
    JET_CONVERT JET_SNPROG JET_COMMIT_ID JET_OBJECTINFO JET_OBJECTLIST JET_COLUMNBASE JET_COLUMNLIST
    JET_INDEXLIST JET_INSTANCE_INFO JET_ERRINFOBASIC_W JET_THREADSTATS JET_DBINFOMISC JET_DBINFOMISC4
];

/// The structure of that documented name.
pub fn structure(name: &str) -> Option<&'static Structure> {
    STRUCTURES
        .iter()
        .copied()
        .find(|structure| structure.name == name)
}
