//! What the server says, read piece by piece into a frame.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::RfbError;
use super::frame::{Area, Frame, PIXEL};

/// Encodings that are asked for: raw pixels, copies within the frame, and changes of the desktop's size.
pub(super) const RAW: i32 = 0;
pub(super) const COPY: i32 = 1;
pub(super) const DESKTOP_SIZE: i32 = -223;

/// Longest text that is read past (a clipboard, a name, a reason).
const MAX_TEXT: u32 = 1 << 20;

/// What one message of the server was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// These areas have new pixels.
    Update(Vec<Area>),
    /// The desktop has another size; all pixels are void.
    Resized,
    /// Nothing that matters here: a bell, a clipboard.
    Other,
}

/// Reads what is said up to the answer to which version is spoken, and answers nothing.
pub(super) async fn read_version(from: &mut (impl AsyncRead + Unpin)) -> Result<(), RfbError> {
    let mut version = [0; 12];
    from.read_exact(&mut version).await?;
    if version.starts_with(b"RFB 003.00") { Ok(()) } else { Err(nonsense("it does not speak RFB 3.8")) }
}

/// Reads the ways to log in; fails when none is without a password.
pub(super) async fn read_security(from: &mut (impl AsyncRead + Unpin)) -> Result<(), RfbError> {
    let count = from.read_u8().await?;
    if count == 0 {
        return Err(nonsense(&format!("it refuses: {}", read_text(from).await?)));
    }
    let mut kinds = vec![0; count.into()];
    from.read_exact(&mut kinds).await?;
    if kinds.contains(&1) { Ok(()) } else { Err(nonsense("it wants a password")) }
}

/// Reads whether the login was accepted.
pub(super) async fn read_security_result(from: &mut (impl AsyncRead + Unpin)) -> Result<(), RfbError> {
    match from.read_u32().await? {
        0 => Ok(()),
        _ => Err(nonsense(&format!("it refuses: {}", read_text(from).await?))),
    }
}

/// Reads the size of the desktop, as a black frame.
pub(super) async fn read_start(from: &mut (impl AsyncRead + Unpin)) -> Result<Frame, RfbError> {
    let (width, height) = (from.read_u16().await?, from.read_u16().await?);
    let mut pixel_format = [0; 16];
    from.read_exact(&mut pixel_format).await?;
    read_text(from).await?;
    frame(width, height)
}

/// Reads one message whose kind was read already, and draws it into `frame`.
pub(super) async fn read_message(
    kind: u8,
    from: &mut (impl AsyncRead + Unpin),
    frame: &mut Frame,
) -> Result<Message, RfbError> {
    match kind {
        0 => read_update(from, frame).await,
        1 => {
            from.read_u8().await?;
            from.read_u16().await?;
            let colours = from.read_u16().await?;
            skip(from, u64::from(colours) * 6).await?;
            Ok(Message::Other)
        }
        2 => Ok(Message::Other),
        3 => {
            skip(from, 3).await?;
            read_text(from).await?;
            Ok(Message::Other)
        }
        other => Err(nonsense(&format!("a message of the unknown kind {other}"))),
    }
}

async fn read_update(from: &mut (impl AsyncRead + Unpin), frame: &mut Frame) -> Result<Message, RfbError> {
    from.read_u8().await?;
    let count = from.read_u16().await?;
    let mut areas = Vec::new();
    let mut is_resized = false;
    for _ in 0..count {
        let (x, y) = (from.read_u16().await?, from.read_u16().await?);
        let (width, height) = (from.read_u16().await?, from.read_u16().await?);
        let encoding = from.read_i32().await?;
        let area = Area { x: x.into(), y: y.into(), width: width.into(), height: height.into() };
        if encoding == DESKTOP_SIZE {
            *frame = self::frame(width, height)?;
            is_resized = true;
            continue;
        }
        check(area, frame)?;
        match encoding {
            RAW => {
                for row in 0..area.height {
                    from.read_exact(frame.row_mut(area, row)).await?;
                }
            }
            COPY => {
                let (x, y) = (from.read_u16().await?, from.read_u16().await?);
                let source = Area { x: x.into(), y: y.into(), ..area };
                check(source, frame)?;
                frame.copy(source, area);
            }
            other => return Err(nonsense(&format!("pixels in the encoding {other}"))),
        }
        areas.push(area);
    }
    Ok(if is_resized { Message::Resized } else { Message::Update(areas) })
}

fn frame(width: u16, height: u16) -> Result<Frame, RfbError> {
    Frame::new(width, height).ok_or_else(|| nonsense(&format!("a desktop of {width}×{height} pixels")))
}

fn check(area: Area, frame: &Frame) -> Result<(), RfbError> {
    if area.common(frame.area()) == area || area.is_empty() {
        return Ok(());
    }
    Err(nonsense("pixels outside the desktop"))
}

/// Reads a text with its length before it.
async fn read_text(from: &mut (impl AsyncRead + Unpin)) -> Result<String, RfbError> {
    let length = from.read_u32().await?;
    if length > MAX_TEXT {
        return Err(nonsense(&format!("a text of {length} bytes")));
    }
    let mut text = Vec::new();
    from.take(length.into()).read_to_end(&mut text).await?;
    if text.len() < length as usize {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

async fn skip(from: &mut (impl AsyncRead + Unpin), length: u64) -> Result<(), RfbError> {
    tokio::io::copy(&mut from.take(length), &mut tokio::io::sink()).await?;
    Ok(())
}

fn nonsense(what: &str) -> RfbError {
    RfbError::Nonsense(what.to_owned())
}

/// Bytes of the client's own picture format: 32 bits, little-endian, blue first.
pub(super) const PIXEL_FORMAT: [u8; 20] =
    [0, 0, 0, 0, 8 * PIXEL as u8, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A rectangle as a server may send it.
    #[derive(Debug, Clone)]
    enum Rectangle {
        Raw { area: Area, colour: u8 },
        Copy { source: (u32, u32), area: Area },
    }

    const SIDE: u32 = 12;

    fn area() -> impl Strategy<Value = Area> {
        (0..SIDE, 0..SIDE).prop_flat_map(|(x, y)| {
            (0..=SIDE - x, 0..=SIDE - y).prop_map(move |(width, height)| Area { x, y, width, height })
        })
    }

    fn rectangle() -> impl Strategy<Value = Rectangle> {
        prop_oneof![
            (area(), any::<u8>()).prop_map(|(area, colour)| Rectangle::Raw { area, colour }),
            (area(), area()).prop_map(|(one, two)| {
                let (width, height) = (one.width.min(two.width), one.height.min(two.height));
                Rectangle::Copy { source: (one.x, one.y), area: Area { width, height, ..two } }
            }),
        ]
    }

    fn header(area: Area, encoding: i32, bytes: &mut Vec<u8>) {
        for number in [area.x, area.y, area.width, area.height] {
            bytes.extend(u16::try_from(number).unwrap_or_default().to_be_bytes());
        }
        bytes.extend(encoding.to_be_bytes());
    }

    fn encode(rectangles: &[Rectangle]) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(u16::try_from(rectangles.len()).unwrap_or_default().to_be_bytes());
        for rectangle in rectangles {
            match rectangle {
                Rectangle::Raw { area, colour } => {
                    header(*area, RAW, &mut bytes);
                    bytes.extend(vec![*colour; area.pixels() as usize * PIXEL]);
                }
                Rectangle::Copy { source, area } => {
                    header(*area, COPY, &mut bytes);
                    for number in [source.0, source.1] {
                        bytes.extend(u16::try_from(number).unwrap_or_default().to_be_bytes());
                    }
                }
            }
        }
        bytes
    }

    /// What the frame must look like, pixel by pixel.
    fn expected(rectangles: &[Rectangle]) -> Vec<u8> {
        let mut pixels = vec![0; (SIDE * SIDE) as usize];
        let at = |x: u32, y: u32| (y * SIDE + x) as usize;
        for rectangle in rectangles {
            let before = pixels.clone();
            let (Rectangle::Raw { area, .. } | Rectangle::Copy { area, .. }) = rectangle;
            for (x, y) in (0..area.width).flat_map(|x| (0..area.height).map(move |y| (x, y))) {
                pixels[at(area.x + x, area.y + y)] = match rectangle {
                    Rectangle::Raw { colour, .. } => *colour,
                    Rectangle::Copy { source, .. } => before[at(source.0 + x, source.1 + y)],
                };
            }
        }
        pixels
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    proptest! {
        #[test]
        fn frames_are_drawn_as_they_were_sent(rectangles in prop::collection::vec(rectangle(), 0..6)) {
            let bytes = encode(&rectangles);
            let mut frame = Frame::new(12, 12).expect("small");
            let mut rest = bytes.as_slice();
            let message = block_on(read_message(0, &mut rest, &mut frame)).expect("valid");
            prop_assert!(matches!(message, Message::Update(areas) if areas.len() == rectangles.len()));
            prop_assert!(rest.is_empty());
            let all = frame.area();
            let drawn: Vec<u8> = (0..SIDE).flat_map(|row| frame.row(all, row).iter().step_by(PIXEL).copied()).collect();
            prop_assert_eq!(drawn, expected(&rectangles));
        }

        #[test]
        fn no_words_break_the_reader(kind in 0_u8..5, words in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut frame = Frame::new(12, 12).expect("small");
            let _ = block_on(read_message(kind, &mut words.as_slice(), &mut frame));
            let _ = block_on(read_start(&mut words.as_slice()));
            let _ = block_on(read_security(&mut words.as_slice()));
            let _ = block_on(read_security_result(&mut words.as_slice()));
        }

        #[test]
        fn a_cut_message_is_an_error(rectangles in prop::collection::vec(rectangle(), 1..4), cut in 1_usize..40) {
            let bytes = encode(&rectangles);
            let mut frame = Frame::new(12, 12).expect("small");
            let short = bytes.get(..bytes.len().saturating_sub(cut)).unwrap_or_default();
            let mut rest = short;
            prop_assert!(block_on(read_message(0, &mut rest, &mut frame)).is_err());
        }
    }

    #[test]
    fn pixels_outside_the_desktop_and_huge_things_are_refused() {
        let mut outside = vec![0, 0, 1];
        header(Area { x: 5, y: 0, width: 10, height: 1 }, RAW, &mut outside);
        let mut frame = Frame::new(12, 12).expect("small");
        let error = block_on(read_message(0, &mut outside.as_slice(), &mut frame)).expect_err("outside");
        assert!(error.to_string().contains("outside the desktop"), "{error}");
        let mut huge = vec![0, 0, 1];
        header(Area { x: 0, y: 0, width: 60_000, height: 60_000 }, DESKTOP_SIZE, &mut huge);
        assert!(block_on(read_message(0, &mut huge.as_slice(), &mut frame)).is_err());
        let mut text = vec![0, 0, 0];
        text.extend(u32::MAX.to_be_bytes());
        assert!(block_on(read_message(3, &mut text.as_slice(), &mut frame)).is_err());
    }
}
