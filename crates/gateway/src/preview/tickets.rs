//! Which previews there are, and who may look at them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::{random_token, secrets_match};

/// How long a ticket can be used.
const TICKET_LIFE: Duration = Duration::from_secs(60);

/// Most tickets of one preview that wait to be used; the oldest make room.
const MAX_TICKETS: usize = 8;

/// Random characters of a host name: it has to be unknown to other sites' pages, not secret.
const LABEL_RANDOM: usize = 16;

/// The previews that were opened since the gateway started, one for each port.
#[derive(Default)]
pub struct Previews(Mutex<HashMap<u16, Preview>>);

struct Preview {
    label: String,
    secret: secrecy::SecretString,
    tickets: Vec<(String, Instant)>,
}

impl Previews {
    /// The label of the host name for a port, and a ticket of one use to it.
    pub fn open(&self, port: u16) -> (String, String) {
        let ticket = random_token();
        let mut previews = self.lock();
        let preview = previews.entry(port).or_insert_with(|| Preview::new(port));
        preview.tickets.retain(|(_, made)| made.elapsed() < TICKET_LIFE);
        if preview.tickets.len() >= MAX_TICKETS {
            preview.tickets.remove(0);
        }
        preview.tickets.push((ticket.clone(), Instant::now()));
        (preview.label.clone(), ticket)
    }

    /// Uses a ticket up: the secret that the preview's cookie holds.
    pub fn enter(&self, label: &str, ticket: &str) -> Option<String> {
        let mut previews = self.lock();
        let preview = previews.values_mut().find(|preview| preview.label == label)?;
        let place =
            preview.tickets.iter().position(|(known, _)| secrets_match(&known.as_str().into(), ticket))?;
        let (_, made) = preview.tickets.remove(place);
        (made.elapsed() < TICKET_LIFE)
            .then(|| secrecy::ExposeSecret::expose_secret(&preview.secret).to_owned())
    }

    /// The port that a preview shows to whoever has its secret.
    pub fn port(&self, label: &str, secret: &str) -> Option<u16> {
        let previews = self.lock();
        let (port, preview) = previews.iter().find(|(_, preview)| preview.label == label)?;
        secrets_match(&preview.secret, secret).then_some(*port)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Preview>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Preview {
    fn new(port: u16) -> Self {
        let random: String = random_token().chars().take(LABEL_RANDOM).collect();
        Self { label: format!("p-{port}-{random}"), secret: random_token().into(), tickets: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_its_own_preview() {
        let previews = Previews::default();
        let (label, ticket) = previews.open(5173);
        let (other, _) = previews.open(3000);
        assert_eq!(previews.enter(&other, &ticket), None);
        let secret = previews.enter(&label, &ticket).expect("the first use");
        assert_eq!(previews.enter(&label, &ticket), None);
        assert_eq!(previews.port(&label, &secret), Some(5173));
        assert_eq!(previews.port(&other, &secret), None);
        assert_eq!(previews.port(&label, &ticket), None);
        assert_eq!(previews.open(5173).0, label, "the same port keeps its origin");
    }
}
