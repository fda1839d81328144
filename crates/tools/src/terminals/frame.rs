//! Messages of a shell's stream as frames on a byte stream.

use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::{Decoder, Encoder, Framed, LengthDelimitedCodec};

/// Longest message, in bytes.
pub const MAX_MESSAGE_BYTES: usize = 128 * 1024;

/// A message of a shell's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// What is typed, or what is printed with its offset before it.
    Binary(Bytes),
    /// JSON.
    Text(String),
}

/// Turns messages into frames and back.
pub struct MessageCodec(LengthDelimitedCodec);

const BINARY: u8 = 0;
const TEXT: u8 = 1;

/// The messages that a byte stream carries.
pub fn messages<Io: AsyncRead + AsyncWrite>(io: Io) -> Framed<Io, MessageCodec> {
    let lengths = LengthDelimitedCodec::builder().max_frame_length(MAX_MESSAGE_BYTES + 1).new_codec();
    Framed::new(io, MessageCodec(lengths))
}

impl Encoder<Message> for MessageCodec {
    type Error = std::io::Error;

    fn encode(&mut self, message: Message, into: &mut BytesMut) -> std::io::Result<()> {
        let (kind, content) = match message {
            Message::Binary(bytes) => (BINARY, bytes),
            Message::Text(text) => (TEXT, text.into()),
        };
        let mut frame = BytesMut::with_capacity(content.len() + 1);
        frame.put_u8(kind);
        frame.extend_from_slice(&content);
        self.0.encode(frame.freeze(), into)
    }
}

impl Decoder for MessageCodec {
    type Item = Message;
    type Error = std::io::Error;

    fn decode(&mut self, from: &mut BytesMut) -> std::io::Result<Option<Message>> {
        let Some(mut frame) = self.0.decode(from)? else { return Ok(None) };
        if frame.is_empty() {
            return Err(nonsense("a frame without a kind"));
        }
        let kind = frame.split_to(1);
        match kind.first() {
            Some(&BINARY) => Ok(Some(Message::Binary(frame.freeze()))),
            Some(&TEXT) => {
                let text =
                    String::from_utf8(frame.into()).map_err(|_| nonsense("a text that is not UTF-8"))?;
                Ok(Some(Message::Text(text)))
            }
            _ => Err(nonsense("a frame of an unknown kind")),
        }
    }
}

fn nonsense(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use futures::{SinkExt as _, StreamExt as _};
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[tokio::test]
    async fn messages_arrive_as_they_were_sent_and_nonsense_is_an_error() {
        let (here, there) = tokio::io::duplex(7);
        let (mut here, mut there) = (messages(here), messages(there));
        let sent = [
            Message::Text("{}".to_owned()),
            Message::Binary(Bytes::new()),
            Message::Binary(vec![0, 1, 255].into()),
        ];
        for message in sent {
            let (done, received) = tokio::join!(here.send(message.clone()), there.next());
            done.expect("it is sent");
            assert_eq!(received.expect("a message").expect("a frame"), message);
        }
        for bytes in [&[0, 0, 0, 0][..], &[0, 0, 0, 1, 9], &[0, 0, 0, 2, 1, 255], &[255, 255, 255, 255]] {
            let (mut here, there) = tokio::io::duplex(64);
            here.write_all(bytes).await.expect("there is room");
            let received = messages(there).next().await;
            assert!(received.is_some_and(|frame| frame.is_err()), "{bytes:?}");
        }
    }
}
