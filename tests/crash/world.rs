//! Everything that takes part: a gateway, an engine, a tool host with its shells, a model, a workspace.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};
use slipway_fail_points::{Point, Program};
use slipway_scripted_model::Server;
use tempfile::TempDir;

use crate::client::{Client, PATIENCE, PAUSE};
use crate::forward::Forward;
use crate::keeper::{Keeper, Recipe};
use crate::script::script;

/// Proof of being the launcher, and of being the sandbox.
const TOKEN: &str = "crash-token-of-enough-characters";

/// The model's window is soon full.
const PROFILES: &str =
    "[[profile]]\nname = \"custom\"\n[[profile.model]]\nname = \"scripted\"\nwindow = 40000\n";

/// The world of one test.
pub(crate) struct World {
    pub(crate) gateway: Keeper,
    pub(crate) engine: Keeper,
    pub(crate) tool_host: Keeper,
    pub(crate) client: Client,
    pub(crate) directory: TempDir,
    model: Server,
    _forward: Forward,
}

impl World {
    /// Starts everything; `armed` is a fail point of the first life of its program, with a number of passings.
    pub(crate) async fn start(armed: Option<(Point, u32)>, conversations: usize) -> anyhow::Result<Self> {
        let directory = tempfile::Builder::new().prefix("slipway-crash-").tempdir()?;
        std::fs::create_dir(directory.path().join("workspace"))?;
        std::fs::write(directory.path().join("token"), TOKEN)?;
        std::fs::write(directory.path().join("profiles.toml"), PROFILES)?;
        let armed_in = |program: Program| {
            let (point, times) = armed.filter(|(point, _)| point.program() == program)?;
            Some(format!("{}:{times}", point.name()))
        };
        let model = Server::start(script(conversations)?).await?;
        let engine = Keeper::start(engine(directory.path()), armed_in(Program::Engine));
        let forward = Forward::start(engine.watch()).await?;
        let engine_url = format!("http://{}", forward.address);
        let gateway = Keeper::start(gateway(directory.path(), &engine_url), armed_in(Program::Gateway));
        let tool_host = Keeper::start(tool_host(directory.path()), armed_in(Program::ToolHost));
        let client = Client::new(gateway.watch(), TOKEN);
        let world = Self { gateway, engine, tool_host, client, directory, model, _forward: forward };
        world.prepare().await?;
        Ok(world)
    }

    /// Makes the model known.
    async fn prepare(&self) -> anyhow::Result<()> {
        let provider = json!({
            "profile": "custom", "name": "script", "base_url": self.model.base_url(), "api_key": "",
            "models": ["scripted"],
        });
        self.must(Method::PUT, "/providers/script", &provider).await?;
        let settings = json!({"default_model": {"provider_id": "script", "model": "scripted"}});
        self.must(Method::PATCH, "/settings", &settings).await?;
        self.client.put("/workspace/file?path=uploaded.txt&replace=true", b"uploaded\n").await
    }

    /// A request that must succeed in the end.
    pub(crate) async fn must(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let (status, answer) = self.client.ask(method, path, Some(body)).await?;
        anyhow::ensure!(status < 300, "{path}: {status} {answer}");
        Ok(answer)
    }

    /// The program that passes a place.
    pub(crate) fn keeper(&self, program: Program) -> &Keeper {
        match program {
            Program::Gateway => &self.gateway,
            Program::Engine => &self.engine,
            Program::ToolHost => &self.tool_host,
        }
    }

    /// A path in the workspace.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.directory.path().join("workspace").join(path)
    }

    /// Waits until a tool host is attached to the gateway.
    pub(crate) async fn until_attached(&self) -> anyhow::Result<()> {
        let until = tokio::time::Instant::now() + PATIENCE;
        while self.client.get("/instance").await?["sandbox"]["attached"] != true {
            anyhow::ensure!(tokio::time::Instant::now() < until, "the tool host does not come back");
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// The last lines that each program wrote, for whoever has to find out why a test failed.
    pub(crate) fn logs(&self) -> String {
        let names = ["slipway-gateway", "slipway-engine", "slipway-toolhost"];
        let tails = names.map(|name| {
            let log = std::fs::read_to_string(self.directory.path().join(format!("{name}.log")));
            let log = log.unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(25)..).unwrap_or_default().join("\n");
            format!("--- {name}\n{tail}")
        });
        tails.join("\n")
    }
}

fn engine(directory: &Path) -> Recipe {
    Recipe {
        name: "slipway-engine",
        arguments: vec!["--profiles".to_owned(), text(&directory.join("profiles.toml"))],
        environment: vec![("SLIPWAY_ENGINE_LISTEN".to_owned(), "127.0.0.1:0".to_owned())],
        directory: directory.to_owned(),
        address: Some(|line| {
            let (_, address) = line.split_once("the engine is ready address=")?;
            Some(address.trim().to_owned())
        }),
    }
}

fn gateway(directory: &Path, engine: &str) -> Recipe {
    let any = || "127.0.0.1:0".to_owned();
    let at = |name: &str| text(&directory.join(name));
    let environment = [
        ("SLIPWAY_LISTEN", any()),
        ("SLIPWAY_DESKTOP_LISTEN", any()),
        ("SLIPWAY_TOOLS_LISTEN", any()),
        ("SLIPWAY_ENGINE_URLS", engine.to_owned()),
        ("SLIPWAY_DATA_DIR", at("data")),
        ("SLIPWAY_SANDBOX_SOCKET", at("sandbox.sock")),
        ("SLIPWAY_SANDBOX_TOKEN_FILE", at("token")),
        ("SLIPWAY_LAUNCHER_TOKEN_FILE", at("token")),
        ("SLIPWAY_PROFILES", at("profiles.toml")),
    ];
    Recipe {
        name: "slipway-gateway",
        arguments: Vec::new(),
        environment: environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        directory: directory.to_owned(),
        address: Some(|line| {
            let announced: Value = serde_json::from_str(line).ok()?;
            Some(announced.get("url")?.as_str()?.to_owned())
        }),
    }
}

fn tool_host(directory: &Path) -> Recipe {
    let at = |name: &str| text(&directory.join(name));
    let words = ["serve", "--sandbox-id", "default", "--confinement", "none", "--no-desktop"];
    let places = [
        ("--gateway", at("sandbox.sock")),
        ("--token-file", at("token")),
        ("--workspace", at("workspace")),
        ("--state", at("")),
    ];
    let places = places.into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
    Recipe {
        name: "slipway-toolhost",
        arguments: words.map(str::to_owned).into_iter().chain(places).collect(),
        environment: Vec::new(),
        directory: directory.to_owned(),
        address: None,
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// An id in an answer.
pub(crate) fn id_in(answer: &Value) -> anyhow::Result<String> {
    Ok(answer["id"].as_str().context("no id")?.to_owned())
}
