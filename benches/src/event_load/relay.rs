//! A long answer behind a long history, as fast as it goes, to one reader.

use std::time::Instant;

use anyhow::ensure;
use slipway_scripted_model::script::Reply;
use slipway_scripted_model::{Script, Server};

use super::{Options, stack};

/// What a token looks like: as many characters as tokens have on average.
const TOKEN: &str = "word";

/// Tokens per second, and per second of CPU time of gateway and engine.
///
/// # Errors
/// When a run fails or a token is lost.
pub(super) async fn measure(options: &Options) -> anyhow::Result<(f64, f64)> {
    let history =
        Reply { text: TOKEN.repeat(options.history / TOKEN.len()), chunk_chars: 256, ..Reply::default() };
    let answer = Reply { text: TOKEN.repeat(options.tokens), chunk_chars: TOKEN.len(), ..Reply::default() };
    let mut script = Script::of_replies([history]);
    script.turns.extend(Script::of_replies([answer]).turns);
    let model = Server::start(script).await?;
    let stack = stack(options, &model.base_url()).await?;
    let id = stack.api.begin().await?;
    stack.api.say(&id, "Write a book.").await?;
    let (before, _) = stack.consumption()?;
    let started = Instant::now();
    let followed = stack.api.say(&id, "Go on.").await?;
    let seconds = started.elapsed().as_secs_f64();
    let consumed = stack.consumption()?.0.since(before);
    let characters = options.tokens * TOKEN.len();
    ensure!(followed.characters == characters, "{} of {characters} characters arrived", followed.characters);
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    let tokens = options.tokens as f64;
    Ok((tokens / seconds, tokens / consumed.cpu.max(0.01)))
}
