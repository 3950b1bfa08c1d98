//! The suite as a whole: the cases that are selected, run side by side against a library and the
//! reference, and judged.

mod bench;
mod case;
mod filter;
mod load;
mod reached;
mod session;
mod steadiness;

pub use bench::{HostBench, LocalBench};
pub use case::Case;
pub use filter::Filter;
pub use reached::{WholeFiles, fault_unreached};
pub use session::{Bench, Desk, Session, Setting, Task};
