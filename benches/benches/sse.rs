//! An answer of 30 000 tokens, one event each: from bytes to the chunks that make the answer.
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use axum::body::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::json;
use slipway_engine::provider::read::read_answer;

const TOKENS: usize = 30_000;

fn main() {
    divan::main();
}

fn answer() -> String {
    let chunk = |delta: serde_json::Value, finish: Option<&str>| {
        let chunk = json!({
            "id": "chatcmpl-0123456789", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        });
        format!("data: {chunk}\n\n")
    };
    let tokens = (0..TOKENS).map(|_| chunk(json!({"content": "word"}), None));
    let end = chunk(json!({}), Some("stop"));
    tokens.chain([end, "data: [DONE]\n\n".to_owned()]).collect()
}

/// In pieces as a network delivers them: sizes in bytes.
#[divan::bench(args = [200, 1_400, 16_384])]
fn read(bencher: Bencher<'_, '_>, piece: usize) {
    let body = Bytes::from(answer());
    let pieces: Vec<Bytes> =
        (0..body.len()).step_by(piece).map(|at| body.slice(at..body.len().min(at + piece))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    bencher.counter(ItemsCount::new(TOKENS)).with_inputs(|| pieces.clone()).bench_local_values(|pieces| {
        let answer = runtime.block_on(read_answer(pieces)).unwrap();
        assert_eq!(answer.text.len(), TOKENS * "word".len());
    });
}
