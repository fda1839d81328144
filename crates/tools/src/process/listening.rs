//! Where the processes of a conversation listen.

/// Pairs of a process's handle and a port.
pub(super) struct Listening(pub(super) Vec<(String, u16)>);

impl Listening {
    /// The ports of one process.
    pub(super) fn of(&self, process_id: &str) -> impl Iterator<Item = u16> {
        self.0.iter().filter(move |(id, _)| id == process_id).map(|(_, port)| *port)
    }

    /// As the model is told, for example `, listening on 5173`; empty when it does not listen.
    pub(super) fn told(&self, process_id: &str) -> String {
        let ports: Vec<String> = self.of(process_id).map(|port| port.to_string()).collect();
        if ports.is_empty() { String::new() } else { format!(", listening on {}", ports.join(" and ")) }
    }
}
