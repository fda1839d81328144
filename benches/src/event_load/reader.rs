//! A reader that costs next to nothing: it looks for the moments in the bytes of its connection.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Digits of a moment, after its mark.
const DIGITS: usize = 12;
/// Longest wait for the next byte; the gateway pings every ten seconds.
const SILENCE: Duration = Duration::from_secs(60);
/// How the event begins that holds a whole answer, all its moments once more.
const DONE: &[u8] = b"event: part.done";

/// Follows a conversation over a connection of its own.
///
/// # Errors
/// When it cannot connect, or is refused.
pub(super) async fn connect(address: &str, token: &str, id: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /api/v1/events?topics=conv:{id} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("event: hello") {
        ensure!(read(&mut stream, &mut seen).await? > 0, "refused: {}", String::from_utf8_lossy(&seen));
    }
    Ok(stream)
}

/// Reads until the answer is whole; gives how late each token was.
///
/// # Errors
/// When the stream ends before.
pub(super) async fn follow(mut stream: TcpStream, start: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    let mut text = Vec::new();
    loop {
        ensure!(read(&mut stream, &mut text).await? > 0, "the events ended before the run did");
        let now = start.elapsed();
        let (moments, looked, is_done) = look(&text);
        latencies.extend(moments.into_iter().map(|moment| now.saturating_sub(moment)));
        if is_done {
            return Ok(latencies);
        }
        text.drain(..looked);
    }
}

async fn read(stream: &mut TcpStream, into: &mut Vec<u8>) -> anyhow::Result<usize> {
    tokio::time::timeout(SILENCE, stream.read_buf(into)).await.context("nothing comes")?.map_err(Into::into)
}

/// The moments in a text until the answer is whole, how far they were looked for, and whether it is. What may be the
/// beginning of something is left for later.
fn look(text: &[u8]) -> (Vec<Duration>, usize, bool) {
    let mut moments = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(DONE) {
            return (moments, at, true);
        }
        let digits = rest.strip_prefix(b"@");
        let is_cut = digits.is_some_and(|digits| digits.len() < DIGITS) || DONE.starts_with(rest);
        if is_cut {
            break;
        }
        let moment = digits.and_then(|digits| std::str::from_utf8(digits.get(..DIGITS)?).ok()?.parse().ok());
        moments.extend(moment.map(Duration::from_micros));
        at += if moment.is_some() { DIGITS + 1 } else { 1 };
    }
    (moments, at, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_moment_is_found_once_however_the_bytes_are_cut() {
        let whole = b"event: part.delta\ndata: @000000000001@000000000002\n\nevent: part.done\n@000000000001";
        for cut in 0..=whole.len() {
            let (first, looked, mut is_done) = look(&whole[..cut]);
            let mut found = first;
            if !is_done {
                let (rest, _, done) = look(&whole[looked..]);
                found.extend(rest);
                is_done = done;
            }
            assert_eq!(
                (found, is_done),
                (vec![Duration::from_micros(1), Duration::from_micros(2)], true),
                "{cut}"
            );
        }
    }
}
