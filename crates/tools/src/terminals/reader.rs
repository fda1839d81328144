//! One reader of a shell: sends it output as far as it reads, and takes what it types.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use slipway_protocol::terminal::{TerminalNotice, TerminalRequest, UNREAD_BYTES};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_util::codec::Framed;

use super::frame::{Message, MessageCodec, messages};
use super::life::LiveTerminal;
use super::state::{About, Entrance, ReaderKey};

/// Most bytes of output in one message.
const CHUNK: usize = 64 * 1024;

/// Pieces of input that wait until the shell reads them. More hold the reader's connection up, acknowledgements
/// included; a paste comes in one or a few.
const WAITING_INPUT: usize = 16;

/// Serves a reader until the shell has ended and all was sent, or the reader is gone.
pub(super) async fn serve<Io>(terminal: Arc<LiveTerminal>, from: Option<u64>, io: Io)
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let Entrance { key, start, end, dismissed } = terminal.shared.enter(from);
    let _place = Place { terminal: &terminal, key };
    let (to_reader, from_reader) = messages(io).split();
    let (input, typed) = mpsc::channel(WAITING_INPUT);
    tokio::select! {
        () = send(&terminal, key, start, end, to_reader) => {}
        () = listen(&terminal, key, from_reader, input) => {}
        () = type_in(&terminal, typed) => {}
        // It may be in the middle of a message that nobody takes.
        () = dismissed.cancelled() => {}
    }
}

/// A reader's place, which it leaves however it goes.
struct Place<'a> {
    terminal: &'a LiveTerminal,
    key: ReaderKey,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.terminal.shared.leave(self.key);
    }
}

async fn send<Io: AsyncRead + AsyncWrite>(
    terminal: &LiveTerminal,
    key: ReaderKey,
    start: u64,
    end: u64,
    mut to_reader: SplitSink<Framed<Io, MessageCodec>, Message>,
) {
    let mut changes = terminal.shared.changes();
    let mut told = terminal.shared.about();
    let attached = TerminalNotice::Attached { terminal: terminal.tell_of(told.clone()), start, end };
    if to_reader.send(notice(&attached)).await.is_err() {
        return;
    }
    let mut offset = start;
    loop {
        // Before looking, so that nothing that changes meanwhile is missed.
        changes.mark_unchanged();
        let Some(news) = terminal.shared.news(key, offset, CHUNK, UNREAD_BYTES) else { return };
        let is_quiet = news.bytes.is_empty();
        if !is_quiet {
            let output = output(offset, &news.bytes);
            offset += news.bytes.len() as u64;
            if to_reader.send(output).await.is_err() {
                return;
            }
        }
        if let Some(changed) = changed(&told, &news.about, news.is_all) {
            told = changed;
            let changed = TerminalNotice::Changed { terminal: terminal.tell_of(told.clone()) };
            if to_reader.send(notice(&changed)).await.is_err() {
                return;
            }
        }
        if news.is_all {
            let _ = to_reader.close().await;
            return;
        }
        if is_quiet && changes.changed().await.is_err() {
            return;
        }
    }
}

/// What there is to be told; the end only after all output.
fn changed(told: &About, now: &About, is_all: bool) -> Option<About> {
    let now = match is_all {
        true => now.clone(),
        false => About { status: told.status, exit_code: told.exit_code, ..now.clone() },
    };
    (*told != now || is_all).then_some(now)
}

async fn listen<Io: AsyncRead + AsyncWrite>(
    terminal: &LiveTerminal,
    key: ReaderKey,
    mut from_reader: SplitStream<Framed<Io, MessageCodec>>,
    input: mpsc::Sender<Bytes>,
) {
    while let Some(Ok(message)) = from_reader.next().await {
        match message {
            Message::Binary(bytes) => {
                if input.send(bytes).await.is_err() {
                    return;
                }
            }
            Message::Text(text) => match serde_json::from_str(&text) {
                Ok(TerminalRequest::Ack { offset }) => terminal.shared.acknowledge(key, offset),
                Ok(TerminalRequest::Resize { columns, rows }) => terminal.resize(columns, rows),
                // Something that a later version asks for.
                Err(error) => tracing::debug!(%error, "a reader of a terminal asks for what nobody knows"),
            },
        }
    }
}

/// Types what the reader sends. Goes on when the shell is gone: there may be output to be read.
async fn type_in(terminal: &LiveTerminal, mut typed: mpsc::Receiver<Bytes>) {
    while let Some(bytes) = typed.recv().await {
        if let Err(error) = terminal.write(&bytes).await {
            tracing::debug!(%error, "nothing can be typed into a terminal");
            break;
        }
    }
    std::future::pending::<()>().await;
}

fn output(offset: u64, bytes: &[u8]) -> Message {
    let mut message = BytesMut::with_capacity(bytes.len() + 8);
    message.put_u64(offset);
    message.extend_from_slice(bytes);
    Message::Binary(message.freeze())
}

fn notice(notice: &TerminalNotice) -> Message {
    // Strings, numbers and maps with string keys always serialize.
    Message::Text(serde_json::to_string(notice).unwrap_or_default())
}
