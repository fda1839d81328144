//! What people's own shells run.

use slipway_protocol::id::{ConversationId, TerminalId};

use super::Terminals;
use crate::shell::of_shell;

/// A process that a person's shell started, or the program that took the shell's place.
pub(crate) struct TerminalProgram {
    pub(crate) conversation: ConversationId,
    pub(crate) terminal: TerminalId,
    /// The process's id.
    pub(crate) process: i32,
}

impl TerminalProgram {
    /// The program's name as the kernel has it. Its arguments may hold secrets.
    pub(crate) fn name(&self) -> String {
        let name = std::fs::read_to_string(format!("/proc/{}/comm", self.process)).unwrap_or_default();
        name.trim_end().to_owned()
    }
}

impl Terminals {
    /// Every process of the shells that run. Blocks for some milliseconds when there are any.
    pub(crate) fn programs(&self) -> Vec<TerminalProgram> {
        let shells: Vec<_> = self
            .lock()
            .iter()
            .flat_map(|(conversation, own)| own.iter().map(move |terminal| (conversation, terminal)))
            .filter(|(_, terminal)| terminal.is_running())
            .filter_map(|(conversation, terminal)| {
                Some((conversation.clone(), terminal.id.clone(), terminal.shell?))
            })
            .collect();
        let of_one = |(conversation, terminal, shell): (ConversationId, TerminalId, i32)| {
            let started = of_shell(shell).into_iter().map(|process| process.id);
            let processes: Vec<i32> = std::iter::once(shell).chain(started).collect();
            processes.into_iter().map(move |process| TerminalProgram {
                conversation: conversation.clone(),
                terminal: terminal.clone(),
                process,
            })
        };
        shells.into_iter().flat_map(of_one).collect()
    }
}
