//! Tools, and how a call by name becomes an outcome.
//!
//! A call never fails outwards: an unknown tool, arguments of wrong types, a panic in a tool and a tool
//! that ignores its cancellation all end as a [`ToolOutcome`] that says what went wrong.

mod arguments;
mod context;
mod hidden;
mod limit;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolSpec, ToolStatus};
use slipway_protocol::tool_schema::parameters_of;
use tokio_util::task::AbortOnDropHandle;

pub use self::arguments::OneOrMany;
pub use self::context::{OutputSink, ToolContext};
pub use self::limit::cut_text;
use crate::bounds::OutputBounds;

/// How long a tool may go on after it was cancelled before it is dropped where it stands.
const CANCEL_GRACE: Duration = Duration::from_secs(2);

/// One tool: what the model calls, and what happens then.
///
/// State that outlives a call (shells, snapshots) lives in the implementing type. Blocking work belongs on
/// [`ToolContext::blocking`].
pub trait Tool: Send + Sync + 'static {
    /// The arguments object; the doc comments of its fields describe them to the model.
    type Arguments: DeserializeOwned + JsonSchema + Send + 'static;

    /// The function name that the model calls.
    const NAME: &'static str;

    /// What the tool does and when to use it, written for the model.
    const DESCRIPTION: &'static str;

    /// Whether calls may run concurrently with others of the same step.
    const ACCESS: ToolAccess;

    /// Carries out one call. When `context.cancel` fires it cleans up and returns
    /// [`ToolStatus::Stopped`] within two seconds, after which it would be dropped.
    fn run(
        self: Arc<Self>,
        arguments: Self::Arguments,
        context: ToolContext,
    ) -> impl Future<Output = ToolOutcome> + Send;
}

/// The tools of a host, in the order in which models are told of them.
#[derive(Default)]
pub struct Registry {
    tools: Vec<Arc<dyn AnyTool>>,
    bounds: OutputBounds,
}

impl Registry {
    /// No tools yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bounds the texts of outcomes so that a command's output has room.
    #[must_use]
    pub fn with_bounds(self, bounds: OutputBounds) -> Self {
        Self { bounds, ..self }
    }

    /// Adds a tool at the end of the order.
    #[must_use]
    pub fn with<T: Tool>(mut self, tool: T) -> Self {
        let spec = ToolSpec {
            name: T::NAME.to_owned(),
            description: T::DESCRIPTION.to_owned(),
            parameters: parameters_of::<T::Arguments>(),
            access: T::ACCESS,
        };
        self.tools.push(Arc::new(Registered { tool: Arc::new(tool), spec }));
        self
    }

    /// What models are told, in order.
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.tools.iter().map(|tool| tool.spec().clone()).collect()
    }

    /// Carries out one call; the outcome's text is bounded. Dropping the future drops the tool where it stands: cancel `context.cancel` instead.
    pub async fn dispatch(&self, name: &str, arguments: Value, context: ToolContext) -> ToolOutcome {
        let Some(tool) = self.tools.iter().find(|tool| tool.spec().name == name) else {
            return self.unknown(name);
        };
        let cancel = context.cancel.clone();
        let mut task = AbortOnDropHandle::new(tokio::spawn(Arc::clone(tool).call(arguments, context)));
        let ended = tokio::select! {
            ended = &mut task => Some(ended),
            () = async { cancel.cancelled().await; tokio::time::sleep(CANCEL_GRACE).await } => None,
        };
        let outcome = match ended {
            Some(Ok(outcome)) => outcome,
            Some(Err(failure)) => broken(name, failure),
            None => ToolOutcome::new(ToolStatus::Stopped, format!("{name} was stopped before it ended.")),
        };
        hidden::hidden(limit::bounded(outcome, self.bounds.text_chars()))
    }

    fn unknown(&self, name: &str) -> ToolOutcome {
        let names: Vec<&str> = self.tools.iter().map(|tool| tool.spec().name.as_str()).collect();
        ToolOutcome::error(format!(
            "There is no tool named `{name}`. The tools here are: {}.",
            names.join(", ")
        ))
    }
}

/// A tool with its argument type erased.
trait AnyTool: Send + Sync {
    fn spec(&self) -> &ToolSpec;
    fn call(
        self: Arc<Self>,
        arguments: Value,
        context: ToolContext,
    ) -> Pin<Box<dyn Future<Output = ToolOutcome> + Send>>;
}

struct Registered<T> {
    tool: Arc<T>,
    spec: ToolSpec,
}

impl<T: Tool> AnyTool for Registered<T> {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn call(
        self: Arc<Self>,
        arguments: Value,
        context: ToolContext,
    ) -> Pin<Box<dyn Future<Output = ToolOutcome> + Send>> {
        Box::pin(async move {
            let decoded = match arguments::decode::<T::Arguments>(&self.spec, arguments) {
                Ok(decoded) => decoded,
                Err(text) => return ToolOutcome::error(text),
            };
            let mut outcome = Arc::clone(&self.tool).run(decoded.arguments, context).await;
            if let Some(note) = decoded.note {
                outcome.text.push_str(&note);
            }
            outcome
        })
    }
}

fn broken(name: &str, failure: tokio::task::JoinError) -> ToolOutcome {
    let reason = match failure.try_into_panic() {
        Ok(payload) => panic_text(payload.as_ref()),
        Err(_) => "its task was cancelled".to_owned(),
    };
    tracing::error!(tool = name, %reason, "tool broke");
    ToolOutcome::error(format!(
        "{name} broke because of a defect in the tool itself ({reason}). \
         It may have done part of its work: check before you repeat the call, or reach the goal another way."
    ))
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

#[cfg(test)]
mod tests;
