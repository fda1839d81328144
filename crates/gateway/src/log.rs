//! What the gateway logs: lines for stderr, and the newest of them in memory for a diagnostics bundle. Secrets that
//! the gateway knows are taken out of both, whoever put them there: an error of a library, a path, a provider's answer.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use crate::export::Scrubber;

/// Most lines kept.
const MAX_LINES: usize = 400;
/// Most bytes kept of them.
const MAX_BYTES: usize = 128 << 10;
/// Most secrets that are looked for; the oldest are forgotten first, as keys are that were replaced long ago.
const MAX_SECRETS: usize = 64;

/// The process's log; there is one, as there is one stderr.
static LOG: Mutex<Log> = Mutex::new(Log::new());

struct Log {
    secrets: VecDeque<String>,
    /// Looks for `secrets`; `None` until there are some.
    scrubber: Option<Scrubber>,
    lines: VecDeque<String>,
    bytes: usize,
}

impl Log {
    const fn new() -> Self {
        Self { secrets: VecDeque::new(), scrubber: None, lines: VecDeque::new(), bytes: 0 }
    }

    fn withhold(&mut self, secret: &str) {
        if secret.is_empty() || self.secrets.iter().any(|known| known == secret) {
            return;
        }
        self.secrets.push_back(secret.to_owned());
        if self.secrets.len() > MAX_SECRETS {
            self.secrets.pop_front();
        }
        self.scrubber = Some(Scrubber::new(self.secrets.make_contiguous(), ""));
    }

    /// Keeps a line without secrets, and gives it.
    fn add(&mut self, text: &str) -> String {
        let line = match &self.scrubber {
            Some(scrubber) => scrubber.clean(text),
            None => text.to_owned(),
        };
        self.bytes += line.len();
        self.lines.push_back(line.clone());
        while self.lines.len() > MAX_LINES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len();
        }
        line
    }
}

fn lock() -> MutexGuard<'static, Log> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on `[removed]` is logged where this stands.
pub fn withhold(secret: &SecretString) {
    lock().withhold(secret.expose_secret().trim());
}

/// The newest lines, oldest first.
pub fn recent() -> Vec<String> {
    lock().lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Writes log lines to stderr; each write is one line or more, as `tracing_subscriber` makes them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = lock().add(&String::from_utf8_lossy(bytes));
        io::stderr().write_all(line.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_without_secrets_and_are_bounded() {
        let mut log = Log::new();
        log.withhold("sk-hidden-1");
        log.withhold("sk-hidden-1");
        assert_eq!(log.secrets.len(), 1);
        assert_eq!(log.add("a key sk-hidden-1 in a line\n"), "a key [removed] in a line\n");
        assert_eq!(log.add(r#"{"message":"sk-hidden-1"}"#), r#"{"message":"[removed]"}"#);
        for number in 0..2 * MAX_LINES {
            log.add(&number.to_string());
        }
        assert_eq!(log.lines.len(), MAX_LINES);
        log.add(&"x".repeat(MAX_BYTES));
        assert_eq!(log.lines.len(), 1, "one long line takes the place of all others");
        for number in 0..2 * MAX_SECRETS {
            log.withhold(&format!("secret-{number}"));
        }
        assert_eq!(log.secrets.len(), MAX_SECRETS);
    }
}
