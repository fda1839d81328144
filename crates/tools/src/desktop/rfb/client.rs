//! A connection that looks and acts.

use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, ReadHalf, WriteHalf,
};
use tokio::time::{Instant, timeout};

use super::frame::{Area, Frame};
use super::wire::{self, Message};
use super::{ANSWER_LIMIT, RfbError};

/// Bytes read at once.
const BUFFER: usize = 64 * 1024;

/// How often the whole picture is asked for while the desktop changes its size.
const FULL_FRAME_TRIES: u32 = 5;

/// A viewer of the desktop that shares it with others.
pub(crate) struct RfbClient<S> {
    reader: BufReader<ReadHalf<S>>,
    writer: WriteHalf<S>,
    frame: Frame,
    /// Whether the server owes an answer to a request for changes.
    is_asked: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> RfbClient<S> {
    /// Says hello on a new connection.
    ///
    /// # Errors
    /// See [`RfbError`].
    pub(crate) async fn connect(stream: S) -> Result<Self, RfbError> {
        timeout(ANSWER_LIMIT, Self::shake_hands(stream)).await.map_err(|_| RfbError::Silent)?
    }

    async fn shake_hands(stream: S) -> Result<Self, RfbError> {
        let (reader, mut writer) = tokio::io::split(stream);
        let mut reader = BufReader::with_capacity(BUFFER, reader);
        wire::read_version(&mut reader).await?;
        writer.write_all(b"RFB 003.008\n").await?;
        wire::read_security(&mut reader).await?;
        writer.write_all(&[1]).await?;
        wire::read_security_result(&mut reader).await?;
        // The desktop is shared: others stay connected.
        writer.write_all(&[1]).await?;
        let frame = wire::read_start(&mut reader).await?;
        let encodings = [wire::RAW, wire::COPY, wire::DESKTOP_SIZE];
        let mut words = wire::PIXEL_FORMAT.to_vec();
        words.extend([2, 0, 0, encodings.len() as u8]);
        words.extend(encodings.iter().flat_map(|encoding| encoding.to_be_bytes()));
        writer.write_all(&words).await?;
        Ok(Self { reader, writer, frame, is_asked: false })
    }

    /// The picture as last received.
    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The picture as last received, without a copy.
    pub(crate) fn into_frame(self) -> Frame {
        self.frame
    }

    /// Fetches the whole picture.
    ///
    /// # Errors
    /// See [`RfbError`].
    pub(crate) async fn fetch(&mut self) -> Result<(), RfbError> {
        for _ in 0..FULL_FRAME_TRIES {
            self.ask(self.frame.area(), Extent::Everything).await?;
            if self.read_all_of_it().await? {
                return Ok(());
            }
        }
        Err(RfbError::Nonsense("the desktop does not stop changing its size".to_owned()))
    }

    /// Whether all pixels came before the size changed.
    async fn read_all_of_it(&mut self) -> Result<bool, RfbError> {
        let deadline = Instant::now() + ANSWER_LIMIT;
        let mut missing = self.frame.area().pixels();
        while missing > 0 {
            match self.next(deadline).await?.ok_or(RfbError::Silent)? {
                Message::Update(areas) => {
                    let came: u64 = areas.iter().map(|area| area.pixels()).sum();
                    missing = missing.saturating_sub(came);
                }
                Message::Resized => return Ok(false),
                Message::Other => {}
            }
        }
        self.is_asked = false;
        Ok(true)
    }

    /// Waits until something on the desktop was drawn anew, at most until `deadline`; gives the area around
    /// it, or `None` when the time is over. What was drawn may look as before.
    ///
    /// # Errors
    /// See [`RfbError`].
    pub(crate) async fn change(&mut self, deadline: Instant) -> Result<Option<Area>, RfbError> {
        loop {
            if !self.is_asked {
                self.ask(self.frame.area(), Extent::Changes).await?;
                self.is_asked = true;
            }
            match self.next(deadline).await? {
                None => return Ok(None),
                Some(Message::Update(areas)) => {
                    self.is_asked = false;
                    let around = areas.into_iter().fold(Area::default(), Area::around);
                    if !around.is_empty() {
                        return Ok(Some(around));
                    }
                }
                Some(Message::Resized) => {
                    self.fetch().await?;
                    return Ok(Some(self.frame.area()));
                }
                Some(Message::Other) => {}
            }
        }
    }

    /// Reads changes until there are none for `rest`, at most for `limit`.
    ///
    /// # Errors
    /// See [`RfbError`].
    pub(crate) async fn settle(&mut self, rest: Duration, limit: Duration) -> Result<(), RfbError> {
        let deadline = Instant::now() + limit;
        while self.change(deadline.min(Instant::now() + rest)).await?.is_some() {}
        Ok(())
    }

    /// Moves the pointer, with the buttons of `mask` (left 1, middle 2, right 4, wheel up 8, down 16, left
    /// 32, right 64) held down.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(crate) async fn pointer(&mut self, mask: u8, x: u16, y: u16) -> Result<(), RfbError> {
        let ([x1, x2], [y1, y2]) = (x.to_be_bytes(), y.to_be_bytes());
        Ok(self.writer.write_all(&[5, mask, x1, x2, y1, y2]).await?)
    }

    /// Presses a key or lets it go.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(crate) async fn key(&mut self, stroke: Stroke, keysym: u32) -> Result<(), RfbError> {
        let [a, b, c, d] = keysym.to_be_bytes();
        Ok(self.writer.write_all(&[4, u8::from(stroke == Stroke::Down), 0, 0, a, b, c, d]).await?)
    }

    /// Waits until the server has dealt with all that it was told.
    ///
    /// # Errors
    /// See [`RfbError`].
    pub(crate) async fn synchronise(&mut self) -> Result<(), RfbError> {
        self.ask(Area { x: 0, y: 0, width: 1, height: 1 }, Extent::Everything).await?;
        let deadline = Instant::now() + ANSWER_LIMIT;
        while let Message::Other = self.next(deadline).await?.ok_or(RfbError::Silent)? {}
        // The answer may have been one to an earlier request, which counts as answered either way.
        self.is_asked = false;
        Ok(())
    }

    async fn ask(&mut self, area: Area, extent: Extent) -> Result<(), RfbError> {
        let mut words = vec![3, u8::from(extent == Extent::Changes)];
        for number in [area.x, area.y, area.width, area.height] {
            words.extend(u16::try_from(number).unwrap_or(u16::MAX).to_be_bytes());
        }
        Ok(self.writer.write_all(&words).await?)
    }

    /// The next message; `None` when none has begun by `deadline`.
    async fn next(&mut self, deadline: Instant) -> Result<Option<Message>, RfbError> {
        // A single byte is either read or not, so giving up here loses nothing.
        let Ok(kind) = tokio::time::timeout_at(deadline, self.reader.read_u8()).await else {
            return Ok(None);
        };
        let reading = wire::read_message(kind?, &mut self.reader, &mut self.frame);
        timeout(ANSWER_LIMIT, reading).await.map_err(|_| RfbError::Silent)?.map(Some)
    }
}

/// Whether a key goes down or up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    Down,
    Up,
}

/// How much of the picture is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Everything,
    Changes,
}
