//! What a provider itself says it offers: names of models, and where it tells them their windows and prices.

mod kept;
mod parse;

use std::time::Duration;

use futures::{StreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use slipway_engine::Profile;
use slipway_engine::provider::profile::ModelListKind;
use slipway_protocol::Problem;
use slipway_protocol::api::OfferedModel;

pub use kept::{KeptLists, list, window};

/// Time limit of a question.
const LIMIT: Duration = Duration::from_secs(10);
/// More models than anybody would look through.
const MAX_MODELS: usize = 1000;
/// Models of a local server that are asked for their windows one by one.
const MAX_SHOWN: usize = 40;
/// Questions to a local server at the same time.
const AT_ONCE: usize = 4;

/// Whom to ask.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// The provider's profile, which says where its list is.
    pub profile: &'a Profile,
    /// Base URL up to and including the version part.
    pub base_url: &'a str,
    /// What lets requests in, if anything has to.
    pub bearer: Option<SecretString>,
}

/// Asks the provider. What the list does not say of a model is taken from the profile.
///
/// # Errors
/// When the provider cannot be reached, refuses, or answers something else.
pub async fn fetch(http: &reqwest::Client, source: &Source<'_>) -> Result<Vec<OfferedModel>, Problem> {
    let asker = Asker { http, source };
    let mut models = match source.profile.model_list {
        ModelListKind::None => asker.of_profile(),
        ModelListKind::Openai | ModelListKind::Anthropic => asker.openai().await?,
        ModelListKind::Llamacpp => asker.llamacpp().await?,
        ModelListKind::Ollama => asker.own_or_openai(asker.ollama().await).await?,
        ModelListKind::Lmstudio => asker.own_or_openai(asker.lmstudio().await).await?,
    };
    models.truncate(MAX_MODELS);
    for model in &mut models {
        asker.complete(model);
    }
    Ok(models)
}

struct Asker<'a> {
    http: &'a reqwest::Client,
    source: &'a Source<'a>,
}

impl Asker<'_> {
    async fn openai(&self) -> Result<Vec<OfferedModel>, Problem> {
        let suffix =
            if self.source.profile.model_list == ModelListKind::Anthropic { "?limit=1000" } else { "" };
        let answer = self.get(format!("{}/models{suffix}", self.source.base_url)).await?;
        parse::models(&answer).ok_or_else(|| unavailable("The answer is not a list of models."))
    }

    /// Other servers speak only OpenAI's part of an interface that has more.
    async fn own_or_openai(
        &self,
        own: Result<Vec<OfferedModel>, Problem>,
    ) -> Result<Vec<OfferedModel>, Problem> {
        match own {
            Ok(models) => Ok(models),
            Err(_) => self.openai().await,
        }
    }

    async fn llamacpp(&self) -> Result<Vec<OfferedModel>, Problem> {
        let mut models = self.openai().await?;
        let props = self.get(format!("{}/props", self.root())).await.unwrap_or_default();
        let window = props.pointer("/default_generation_settings/n_ctx").and_then(Value::as_u64);
        for model in &mut models {
            model.context_window = window.or(model.context_window);
        }
        Ok(models)
    }

    async fn lmstudio(&self) -> Result<Vec<OfferedModel>, Problem> {
        let answer = self.get(format!("{}/api/v0/models", self.root())).await?;
        parse::lmstudio(&answer).ok_or_else(|| unavailable("The answer is not LM Studio's list of models."))
    }

    /// Ollama's models with the window that is in effect: that of the loaded model, else the one that the
    /// model is set to. One that is neither loaded nor set has a window by the machine's memory.
    async fn ollama(&self) -> Result<Vec<OfferedModel>, Problem> {
        let root = self.root();
        let tags = self.get(format!("{root}/api/tags")).await?;
        let names = parse::ollama_names(&tags).ok_or_else(|| unavailable("The answer is not Ollama's."))?;
        let loaded = self.get(format!("{root}/api/ps")).await.unwrap_or_default();
        let shown = stream::iter(names.into_iter().take(MAX_SHOWN)).map(async |name| {
            let window = match parse::ollama_loaded(&loaded, &name) {
                Some(window) => Some(window),
                None => self.ollama_set(root, &name).await,
            };
            OfferedModel { name, context_window: window, max_output: None, prices: None }
        });
        Ok(shown.buffered(AT_ONCE).collect().await)
    }

    async fn ollama_set(&self, root: &str, name: &str) -> Option<u64> {
        let request = self.http.post(format!("{root}/api/show")).json(&json!({ "model": name }));
        parse::ollama_set(&self.send(request).await.ok()?)
    }

    fn of_profile(&self) -> Vec<OfferedModel> {
        let names = self.source.profile.models.iter().map(|facts| facts.name.clone());
        names
            .map(|name| OfferedModel { name, context_window: None, max_output: None, prices: None })
            .collect()
    }

    /// Fills in what the profile knows.
    fn complete(&self, model: &mut OfferedModel) {
        let Some(facts) = self.source.profile.model(&model.name) else { return };
        model.context_window = model.context_window.or(facts.window);
        model.max_output = model.max_output.or(facts.max_output.map(u64::from));
        model.prices = model.prices.or_else(|| {
            facts.prices.map(|prices| slipway_protocol::api::ModelPrices {
                input: prices.input,
                cached: prices.cached,
                output: prices.output,
            })
        });
    }

    /// The address without the version part, where a server's own interface is.
    fn root(&self) -> &str {
        let url = self.source.base_url;
        url.strip_suffix("/v1").unwrap_or(url)
    }

    async fn get(&self, url: String) -> Result<Value, Problem> {
        self.send(self.http.get(url)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, Problem> {
        let mut request = request.timeout(LIMIT);
        if let Some(bearer) = &self.source.bearer {
            request = request.bearer_auth(bearer.expose_secret());
            if self.source.profile.model_list == ModelListKind::Anthropic {
                // The list is not part of the compatible interface.
                request = request
                    .header("x-api-key", bearer.expose_secret())
                    .header("anthropic-version", "2023-06-01");
            }
        }
        let response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        if !status.is_success() {
            return Err(unavailable(format!("The provider answered with status {}.", status.as_u16())));
        }
        response.json().await.map_err(|error| failed(&error))
    }
}

fn failed(error: &reqwest::Error) -> Problem {
    let why = if error.is_timeout() {
        format!("No answer came within {} seconds.", LIMIT.as_secs())
    } else if error.is_decode() {
        "The answer is not a list of models.".to_owned()
    } else {
        "The server cannot be reached.".to_owned()
    };
    unavailable(why)
}

fn unavailable(why: impl Into<String>) -> Problem {
    Problem::new(502, "model_list_unavailable", "The provider's list of models is not to be had")
        .detail(why)
        .hint("Type the model's name; the test shows whether it works.")
}
