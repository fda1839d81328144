//! What the next step of a run would send, made by what makes it, and sent nowhere.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::Value;
use slipway_protocol::Problem;
use slipway_protocol::context::{PreviewMessage, PreviewTool, RequestPreview, ViewState};
use slipway_protocol::run::RunRequest;

use crate::context::look;
use crate::context::window::Window;
use crate::events::EventSink;
use crate::run::{Run, Surroundings, context};

/// The request that the first step of this run would send. Nothing is sent, and nothing comes of it: pictures are
/// named, and what does not fit is not summarised.
///
/// # Errors
/// The run could not begin.
pub(crate) async fn preview(
    request: RunRequest,
    surroundings: Surroundings<'_>,
) -> Result<RequestPreview, Problem> {
    let mut run = Run::start(request, surroundings, EventSink::nowhere()).await?;
    let step = u32::try_from(run.request.spent.steps).unwrap_or(u32::MAX - 1) + 1;
    run.prepare(step).await;
    run.warn_of_budgets().await;
    let projection = run.lightened().await;
    let facts = context::projection_facts(&run.request, &run.model);
    let seen = run.context.look(&run.request.transcript, &facts);
    let written = run.model.written(&projection);
    let mut outdated: HashMap<String, u32> = HashMap::new();
    for view in seen.iter().flat_map(|message| &message.views) {
        if view.state == ViewState::Outdated {
            *outdated.entry(view.path.clone()).or_default() += 1;
        }
    }
    let parts = written.into_iter().zip(seen).zip(&projection.messages);
    let messages: Vec<PreviewMessage> = parts
        .map(|((message, seen), ready)| PreviewMessage {
            message,
            tokens: ready.tokens(),
            views: seen.views,
            result: seen.result,
        })
        .collect();
    let tools: Vec<PreviewTool> = run
        .catalog
        .specs()
        .iter()
        .map(|spec| PreviewTool {
            name: spec.name.clone(),
            description: spec.description.clone(),
            parameters: spec.parameters.clone(),
        })
        .collect();
    let outdated = |path: &str| outdated.get(path).copied().unwrap_or_default();
    Ok(RequestPreview {
        fingerprint: fingerprint(&tools, &messages),
        model: run.model.endpoint.model.clone(),
        tokens: run.used(),
        window: run.window().map(|window| window.tokens),
        summarises_first: run.overfull().is_some(),
        summarises_at: run.window().map(Window::budget),
        tools_tokens: run.model.constant_tokens(),
        files: look::files(&run.open_files.listed(), &run.request.transcript, outdated),
        total: u32::try_from(messages.len()).unwrap_or(u32::MAX),
        tools,
        messages,
        next: None,
    })
}

/// The same for the same tools and messages.
fn fingerprint(tools: &[PreviewTool], messages: &[PreviewMessage]) -> String {
    let mut hasher = DefaultHasher::new();
    for tool in tools {
        (&tool.name, &tool.description, tool.parameters.to_string()).hash(&mut hasher);
    }
    for message in messages.iter().map(|message| &message.message).map(Value::to_string) {
        message.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
