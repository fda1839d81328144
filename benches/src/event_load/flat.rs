//! Memory and disk while events come and go: many short turns, each of which leaves about ten events in the log.

use slipway_scripted_model::script::Reply;
use slipway_scripted_model::{Script, Server};

use super::{Options, stack};
use crate::stack::Stack;

/// Turns in one conversation: what grows with a conversation's length is not what is looked for.
const TURNS_EACH: usize = 20;

/// Resident memory and size of the database, after a quarter of the turns and after all of them, in MiB.
///
/// # Errors
/// When a run fails.
pub(super) async fn measure(options: &Options) -> anyhow::Result<((f64, f64), (f64, f64))> {
    let replies = (0..TURNS_EACH).map(|_| Reply { text: "Done.".to_owned(), ..Reply::default() });
    let mut script = Script::of_replies([]);
    script.turns = replies.flat_map(|reply| Script::of_replies([reply]).turns).collect();
    let model = Server::start(script).await?;
    let stack = stack(options, &model.base_url()).await?;
    play(&stack, options.turns / 4).await?;
    let early = (stack.consumption()?.0.resident_mib, stack.database_mib()?);
    play(&stack, options.turns - options.turns / 4).await?;
    let late = (stack.consumption()?.0.resident_mib, stack.database_mib()?);
    Ok(((early.0, late.0), (early.1, late.1)))
}

async fn play(stack: &Stack, turns: usize) -> anyhow::Result<()> {
    let mut left = turns;
    while left > 0 {
        let id = stack.api.begin().await?;
        for _ in 0..left.min(TURNS_EACH) {
            stack.api.say(&id, "Again.").await?;
        }
        left = left.saturating_sub(TURNS_EACH);
    }
    Ok(())
}
