//! Somebody who looks at a shell, and checks that every byte comes once and in order.

use futures::{SinkExt as _, StreamExt as _};
use slipway_protocol::terminal::{Terminal, TerminalNotice, TerminalRequest};
use slipway_tools::client::TerminalStream;
use slipway_tools::terminals::Message;

use super::LIMIT;

pub(crate) struct Reader {
    stream: Box<dyn TerminalStream>,
    /// What was said first.
    pub(super) attached: Terminal,
    pub(super) start: u64,
    pub(super) end: u64,
    /// All output.
    said: String,
    /// Bytes of it that were waited for.
    seen: usize,
    offset: u64,
    terminal: Terminal,
    has_ended: bool,
}

impl Reader {
    pub(super) async fn new(mut stream: impl TerminalStream + 'static) -> Self {
        let first = tokio::time::timeout(LIMIT, stream.next()).await.expect("a first message");
        let Some(Ok(Message::Text(text))) = first else { panic!("{first:?}") };
        let TerminalNotice::Attached { terminal, start, end } = notice(&text) else { panic!("{text}") };
        Self {
            stream: Box::new(stream),
            attached: terminal.clone(),
            start,
            end,
            said: String::new(),
            seen: 0,
            offset: start,
            terminal,
            has_ended: false,
        }
    }

    pub(crate) async fn types(&mut self, text: &str) {
        self.try_to_type(text).await.expect("it is sent");
    }

    pub(super) async fn try_to_type(&mut self, text: &str) -> std::io::Result<()> {
        self.stream.send(Message::Binary(text.to_owned().into())).await
    }

    pub(super) async fn asks(&mut self, request: &TerminalRequest) {
        let text = serde_json::to_string(request).expect("it has a JSON form");
        self.stream.send(Message::Text(text)).await.expect("it is sent");
    }

    /// All output so far.
    pub(super) fn all(&self) -> &str {
        &self.said
    }

    /// The next piece of output, which is acknowledged.
    pub(super) async fn next(&mut self) -> String {
        let before = self.said.len();
        while self.said.len() == before {
            self.hear().await;
        }
        self.seen = self.said.len();
        self.said.get(before..).unwrap_or_default().to_owned()
    }

    /// What came and was not waited for.
    pub(super) fn rest(&mut self) -> String {
        let rest = self.said.get(self.seen..).unwrap_or_default().to_owned();
        self.seen = self.said.len();
        rest
    }

    /// Waits until `words` are printed; what was printed up to their end.
    pub(super) async fn until(&mut self, words: &str) -> String {
        loop {
            let fresh = self.said.get(self.seen..).unwrap_or_default();
            if let Some(at) = fresh.find(words) {
                let found = fresh.get(..at + words.len()).unwrap_or_default().to_owned();
                self.seen += found.len();
                return found;
            }
            self.hear().await;
        }
    }

    /// Waits until the shell is told to be like this.
    pub(super) async fn until_changed(&mut self, is_so: impl Fn(&Terminal) -> bool) -> Terminal {
        while !is_so(&self.terminal) {
            self.hear().await;
        }
        self.terminal.clone()
    }

    /// Waits until the stream ends; what was said of the shell last.
    pub(super) async fn until_end(&mut self) -> Terminal {
        while !self.has_ended {
            self.hear().await;
        }
        self.terminal.clone()
    }

    async fn hear(&mut self) {
        let heard = tokio::time::timeout(LIMIT, self.stream.next()).await;
        let Ok(heard) = heard else { panic!("nothing more after {:?}", self.last_words()) };
        match heard {
            Some(Ok(Message::Binary(bytes))) => {
                let (offset, output) = bytes.split_at(8);
                let offset = u64::from_be_bytes(offset.try_into().expect("eight bytes"));
                assert_eq!(offset, self.offset, "every byte comes once and in order");
                self.offset += output.len() as u64;
                self.said.push_str(&String::from_utf8_lossy(output));
                let ack = serde_json::to_string(&TerminalRequest::Ack { offset: self.offset });
                // Nobody hears it any more when that were the shell's last words.
                let _ = self.stream.send(Message::Text(ack.expect("it has a JSON form"))).await;
            }
            Some(Ok(Message::Text(text))) => {
                let TerminalNotice::Changed { terminal } = notice(&text) else { panic!("{text}") };
                self.terminal = terminal;
            }
            None => {
                assert!(!self.has_ended, "the stream has ended");
                self.has_ended = true;
            }
            Some(Err(error)) => panic!("{error} after {:?}", self.last_words()),
        }
    }

    fn last_words(&self) -> &str {
        self.said.get(self.said.len().saturating_sub(500)..).unwrap_or(&self.said)
    }
}

fn notice(text: &str) -> TerminalNotice {
    serde_json::from_str(text).expect("a notice")
}
