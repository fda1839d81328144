//! The wait that a provider asks for in the body of a refusal, for want of a header.

use serde_json::Value;

/// The wait in milliseconds: Google's `RetryInfo`, or words such as "try again in 1m30.5s".
pub(crate) fn of(error: &Value, message: &str) -> Option<u64> {
    let details = error.get("details").and_then(Value::as_array).into_iter().flatten();
    let stated = details.filter_map(|detail| detail.get("retryDelay").and_then(Value::as_str));
    stated.filter_map(|text| duration_ms(text).map(|(wait, _)| wait)).next().or_else(|| in_words(message))
}

fn in_words(message: &str) -> Option<u64> {
    let lower = message.to_lowercase();
    ["try again in ", "retry in ", "retry after "].iter().find_map(|words| {
        let (_, rest) = lower.split_once(words)?;
        duration_ms(rest).map(|(wait, _)| wait)
    })
}

/// The duration that a text begins with, in milliseconds, and what follows it. Needs a unit.
fn duration_ms(text: &str) -> Option<(u64, &str)> {
    let text = text.trim_start();
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, rest) = text.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    let rest = rest.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    let unit = match unit {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hour" | "hours" => 3_600_000.0,
        _ => return None,
    };
    let wait = std::time::Duration::try_from_secs_f64(number * unit / 1_000.0).ok()?;
    let wait = u64::try_from(wait.as_millis()).ok()?;
    // "1m30s" is one duration.
    let more = Some(rest).filter(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()));
    match more.and_then(duration_ms) {
        Some((more, rest)) => Some((wait.saturating_add(more), rest)),
        None => Some((wait, rest)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn waits_are_found_in_details_and_words() {
        let google = json!({"details": [{"@type": "…/QuotaFailure"}, {"retryDelay": "34.5s"}]});
        assert_eq!(of(&google, "retry in 1s"), Some(34_500));
        for (words, wait) in [
            ("Please try again in 7.66s. Visit …", Some(7_660)),
            ("Please try again in 340ms.", Some(340)),
            ("try again in 1m30s", Some(90_000)),
            ("Try again in 2 minutes", Some(120_000)),
            ("Retry after 5 seconds", Some(5_000)),
            ("Please retry in 2h", Some(7_200_000)),
            ("try again in a while", None),
            ("try again in 5", None),
            ("try again", None),
        ] {
            assert_eq!(of(&json!({}), words), wait, "{words}");
        }
    }

    proptest! {
        #[test]
        fn any_words_are_read(text in "(try again in )?[0-9.]{0,30}[a-zµ€ ]{0,5}[0-9.]{0,5}.{0,10}") {
            let _ = of(&json!({}), &text);
        }
    }
}
