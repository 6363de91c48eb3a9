//! proctor: holds any web server, in any language, to a stage of the book, over the
//! wire alone, and says what is wrong in a way that helps.

pub mod catalogue;
pub mod check;
pub mod checks;
pub mod confine;
pub mod cover;
pub mod draw;
pub mod exercises;
pub mod grade;
pub mod launch;
pub mod line;
pub mod machine;
pub mod narrow;
pub mod places;
pub mod points;
pub mod progress;
pub mod queue;
pub mod report;
pub mod response;
pub mod results;
pub mod run;
pub mod stage;
pub mod sweep;
pub mod target;
pub mod tree;
pub mod usage;
pub mod variant;
pub mod watch;
