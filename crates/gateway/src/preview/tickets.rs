//! Which previews there are, and who may look at them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::auth::{Viewer, random_token, secrets_match};

/// How long a ticket can be used.
const TICKET_LIFE: Duration = Duration::from_secs(60);

/// Most tickets of one preview that wait to be used; the oldest make room.
const MAX_TICKETS: usize = 8;

/// Most people, or sessions of theirs, that one preview is open to; the oldest make room.
const MAX_HOLDERS: usize = 64;

/// Random characters of a host name: it has to be unknown to other sites' pages, not secret.
const LABEL_RANDOM: usize = 16;

/// The previews that were opened since the gateway started, one for each port.
#[derive(Default)]
pub struct Previews(Mutex<HashMap<u16, Preview>>);

struct Preview {
    label: String,
    /// Who has opened it, each with the secret that their cookie holds.
    holders: Vec<(Viewer, secrecy::SecretString)>,
    tickets: Vec<Ticket>,
}

struct Ticket {
    token: String,
    made: Instant,
    holder: Viewer,
}

impl Previews {
    /// The label of the host name for a port, and a ticket of one use to it for whoever asks.
    pub fn open(&self, port: u16, holder: &Viewer) -> (String, String) {
        let token = random_token();
        let mut previews = self.lock();
        let preview = previews.entry(port).or_insert_with(|| Preview::new(port));
        preview.tickets.retain(|ticket| ticket.made.elapsed() < TICKET_LIFE);
        if preview.tickets.len() >= MAX_TICKETS {
            preview.tickets.remove(0);
        }
        let ticket = Ticket { token: token.clone(), made: Instant::now(), holder: holder.clone() };
        preview.tickets.push(ticket);
        (preview.label.clone(), token)
    }

    /// Uses a ticket up: the secret that the preview's cookie holds.
    pub fn enter(&self, label: &str, ticket: &str) -> Option<String> {
        let mut previews = self.lock();
        let preview = previews.values_mut().find(|preview| preview.label == label)?;
        let place =
            preview.tickets.iter().position(|known| secrets_match(&known.token.as_str().into(), ticket))?;
        let Ticket { made, holder, .. } = preview.tickets.remove(place);
        (made.elapsed() < TICKET_LIFE).then(|| preview.secret_for(holder))
    }

    /// The port that a preview shows to whoever has one of its secrets, and who was given that.
    pub fn port(&self, label: &str, secret: &str) -> Option<(u16, Viewer)> {
        let previews = self.lock();
        let (port, preview) = previews.iter().find(|(_, preview)| preview.label == label)?;
        let (holder, _) = preview.holders.iter().find(|(_, known)| secrets_match(known, secret))?;
        Some((*port, holder.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Preview>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Preview {
    /// The secret of somebody who comes in, the same as long as they come by the same session.
    fn secret_for(&mut self, holder: Viewer) -> String {
        if let Some((_, secret)) = self.holders.iter().find(|(known, _)| *known == holder) {
            return secrecy::ExposeSecret::expose_secret(secret).to_owned();
        }
        if self.holders.len() >= MAX_HOLDERS {
            self.holders.remove(0);
        }
        let secret = random_token();
        self.holders.push((holder, secret.clone().into()));
        secret
    }

    fn new(port: u16) -> Self {
        let random: String = random_token().chars().take(LABEL_RANDOM).collect();
        Self { label: format!("p-{port}-{random}"), holders: Vec::new(), tickets: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_its_own_preview() {
        let previews = Previews::default();
        let holder = Viewer::launcher();
        let (label, ticket) = previews.open(5173, &holder);
        let (other, _) = previews.open(3000, &holder);
        assert_eq!(previews.enter(&other, &ticket), None);
        let secret = previews.enter(&label, &ticket).expect("the first use");
        assert_eq!(previews.enter(&label, &ticket), None);
        assert_eq!(previews.port(&label, &secret), Some((5173, holder.clone())));
        assert_eq!(previews.port(&other, &secret), None);
        assert_eq!(previews.port(&label, &ticket), None);
        assert_eq!(previews.open(5173, &holder).0, label, "the same port keeps its origin");
    }
}
