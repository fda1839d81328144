//! Which calls of tools are made, which the person is asked about first, and which are not made: rules, and what
//! is read out of commands for them. Nothing here does I/O. docs/permissions.md states what matches what.
//!
//! Rules spare the person surprises. They are no wall: a program may do more than its name says, and the sandbox is
//! what bounds that.

mod interpret;
mod pattern;
mod policy;
mod risks;
mod script;

pub(crate) use self::policy::{Call, judge};
pub(crate) use self::risks::risks;

/// The tool whose arguments are commands.
pub(crate) const COMMAND_TOOL: &str = "run_terminal_command";
