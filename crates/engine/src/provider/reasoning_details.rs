//! OpenRouter's `reasoning_details`: streamed in pieces that must be put together to be sent back.

use serde_json::Value;

/// Adds a piece to the details so far: a continuation is joined to the detail that it continues, anything
/// else is a detail of its own.
pub(crate) fn append(details: &mut Vec<Value>, piece: Value) {
    let continues = |last: &Value| {
        let same = |field: &str| last.get(field) == piece.get(field);
        piece.get("index").is_some_and(|index| !index.is_null()) && same("index") && same("type")
    };
    let Some(last) = details.last_mut().filter(|last| continues(last)).and_then(Value::as_object_mut) else {
        details.push(piece);
        return;
    };
    let Value::Object(piece) = piece else { return };
    for (field, value) in piece {
        match (last.get_mut(&field), value) {
            (_, Value::Null) => {}
            (Some(Value::String(text)), Value::String(more)) if is_streamed(&field) => text.push_str(&more),
            (_, value) => {
                last.insert(field, value);
            }
        }
    }
}

fn is_streamed(field: &str) -> bool {
    matches!(field, "text" | "summary" | "data")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_of_one_detail_are_joined_and_others_are_not() {
        let mut details = Vec::new();
        for piece in [
            json!({"type": "reasoning.text", "index": 0, "text": "a", "signature": null}),
            json!({"type": "reasoning.text", "index": 0, "text": "b"}),
            json!({"type": "reasoning.text", "index": 0, "signature": "s"}),
            json!({"type": "reasoning.encrypted", "index": 1, "data": "x"}),
            json!({"type": "reasoning.summary", "summary": "no index"}),
            json!({"type": "reasoning.summary", "summary": "again"}),
        ] {
            append(&mut details, piece);
        }
        let joined = json!([
            {"type": "reasoning.text", "index": 0, "text": "ab", "signature": "s"},
            {"type": "reasoning.encrypted", "index": 1, "data": "x"},
            {"type": "reasoning.summary", "summary": "no index"},
            {"type": "reasoning.summary", "summary": "again"},
        ]);
        assert_eq!(Value::Array(details), joined);
    }
}
