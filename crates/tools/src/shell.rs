//! Persistent shells: bash on a pseudo-terminal, one for each conversation.
//!
//! - A command's text is written to a file that bash is told to source by one line on a pipe of its own. Quotes,
//!   heredocs, comments and syntax errors can therefore not confuse the shell, `declare` stays global, and
//!   nothing that reads the terminal can take the line away.
//! - Its end is reported over a private pipe that commands do not inherit, with a random token; the same
//!   token on the terminal only tells that all output has been read. Output cannot forge it.
//! - The shell's own death is noticed by waiting for its process, whoever else holds the terminal.
//! - A command that does not end (time-out, prompt, full-screen program) keeps its shell and becomes a
//!   process; the next command gets a fresh shell with the same directory, variables, functions, aliases
//!   and options.
//! - The shell adopts what its commands leave behind (it is a subreaper), so that a stop reaches programs that
//!   left its session, too.
//!
//! `session` is one shell, `reader` the thread that reads its terminal, `watch` decides when there is
//! something to tell, `conversation` queues commands and decides what becomes of the shell, `pool` has all
//! of them. `terminal` is the only module with `unsafe`.

mod conversation;
mod environment;
mod input_wait;
mod jobs;
mod left_running;
mod mark;
mod outcome;
mod outputs;
mod pool;
mod processes;
mod reader;
mod record;
mod recording;
mod report;
mod reserve;
mod screen;
mod session;
mod shared;
mod stop;
mod terminal;
mod text;
mod tool;
mod watch;

pub(crate) use self::environment::build as environment;
pub use self::environment::inheritable;
pub(crate) use self::jobs::{BackgroundJob, ProgramGroup, ShellHandle};
pub(crate) use self::left_running::{Activity, ProcessState};
pub use self::left_running::{LeftRunning, ProcessTable};
pub use self::outcome::CommandReport;
pub use self::pool::{CommandRequest, RunError, ShellOptions, ShellPool};
pub(crate) use self::processes::{of_shell, signal};
pub(crate) use self::recording::Kept;
pub use self::report::{CommandData, CommandStatus};
pub(crate) use self::report::{Shown, spoken};
pub use self::session::StartError;
pub(crate) use self::stop::{end_shell, end_started, sweep};
pub(crate) use self::terminal::{Size, detach, open_interactive, resize};
pub use self::tool::{RunTerminalCommand, RunTerminalCommandArguments};
