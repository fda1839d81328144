//! Rows of `call_output`: the live output of tool calls, in pieces with their positions.

use slipway_protocol::api::OutputRange;
use slipway_protocol::{CallId, ConversationId};
use sqlx::{AnyConnection, Row};

use super::row::{from_count, plain, to_count};
use super::{StoreError, Write};

/// Bytes kept from the beginning of a call's output, and as many from its end.
const KEPT_AT_EACH_END: u64 = 512 << 10;
/// Most bytes in one answer.
const MAX_ANSWER: u64 = 256 << 10;

/// Appends a piece that begins at byte `start` of the whole output; drops pieces from the middle when
/// the output has become too long.
///
/// # Errors
/// When the database fails.
pub async fn append(
    write: &mut Write,
    id: &ConversationId,
    call_id: &CallId,
    start: u64,
    text: &str,
) -> Result<(), StoreError> {
    let end = start + text.len() as u64;
    sqlx::query(
        "INSERT INTO call_output (conversation_id, call_id, start_byte, end_byte, text) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (conversation_id, call_id, start_byte) DO NOTHING",
    )
    .bind(id.as_str())
    .bind(call_id.as_str())
    .bind(to_count(start))
    .bind(to_count(end))
    .bind(plain(text).into_owned())
    .execute(write.connection())
    .await?;
    if end > 2 * KEPT_AT_EACH_END {
        sqlx::query(
            "DELETE FROM call_output WHERE conversation_id = $1 AND call_id = $2 \
             AND start_byte >= $3 AND end_byte <= $4",
        )
        .bind(id.as_str())
        .bind(call_id.as_str())
        .bind(to_count(KEPT_AT_EACH_END))
        .bind(to_count(end - KEPT_AT_EACH_END))
        .execute(write.connection())
        .await?;
    }
    Ok(())
}

/// Output from byte `from` (or the first kept byte after it) up to `to`, without gaps; `None` when the
/// call has no output.
///
/// # Errors
/// When the database fails.
pub async fn range(
    connection: &mut AnyConnection,
    id: &ConversationId,
    call_id: &CallId,
    from: u64,
    to: u64,
) -> Result<Option<OutputRange>, StoreError> {
    let total: Option<i64> = sqlx::query(
        "SELECT MAX(end_byte) AS total FROM call_output WHERE conversation_id = $1 AND call_id = $2",
    )
    .bind(id.as_str())
    .bind(call_id.as_str())
    .fetch_one(&mut *connection)
    .await?
    .try_get("total")?;
    let Some(total) = total.map(from_count) else { return Ok(None) };
    let to = to.min(from.saturating_add(MAX_ANSWER)).min(total);
    let rows = sqlx::query(
        "SELECT start_byte, text FROM call_output WHERE conversation_id = $1 AND call_id = $2 \
         AND end_byte > $3 ORDER BY start_byte LIMIT 4096",
    )
    .bind(id.as_str())
    .bind(call_id.as_str())
    .bind(to_count(from))
    .fetch_all(connection)
    .await?;
    let mut answer = OutputRange { text: String::new(), from: from.min(total), to: from.min(total), total };
    for row in rows {
        let start = from_count(row.try_get("start_byte")?);
        if !extend(&mut answer, start, row.try_get("text")?, to) {
            break;
        }
    }
    Ok(Some(answer))
}

/// Adds what belongs into the answer; `false` when it is complete.
fn extend(answer: &mut OutputRange, start: u64, text: &str, to: u64) -> bool {
    if answer.text.is_empty() && start > answer.from {
        // What was asked for first is not kept any more: begin where there is something again.
        (answer.from, answer.to) = (start, start);
    }
    let to = if answer.text.is_empty() { to.max(answer.from + 1) } else { to };
    if start > answer.to || start >= to {
        return false;
    }
    let skip =
        text.ceil_char_boundary(usize::try_from(answer.to - start).unwrap_or(usize::MAX).min(text.len()));
    let end = text.floor_char_boundary(usize::try_from(to - start).unwrap_or(usize::MAX).min(text.len()));
    if answer.text.is_empty() {
        answer.from = start + skip as u64;
        answer.to = answer.from;
    }
    let Some(piece) = text.get(skip..end.max(skip)) else { return false };
    answer.text.push_str(piece);
    answer.to += piece.len() as u64;
    end == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: u64, to: u64, pieces: &[(u64, &str)], expected: (&str, u64, u64)) {
        let mut answer = OutputRange { text: String::new(), from, to: from, total: 100 };
        for (start, text) in pieces {
            if !extend(&mut answer, *start, text, to) {
                break;
            }
        }
        assert_eq!((answer.text.as_str(), answer.from, answer.to), expected);
    }

    #[test]
    fn joins_cuts_and_stops_at_gaps() {
        check(0, 100, &[(0, "abc"), (3, "def")], ("abcdef", 0, 6));
        check(2, 5, &[(0, "abc"), (3, "def")], ("cde", 2, 5));
        check(0, 100, &[(0, "abc"), (50, "def")], ("abc", 0, 3));
        check(10, 100, &[(50, "def")], ("def", 50, 53));
        check(1, 100, &[(0, "äb")], ("b", 2, 3));
    }
}
