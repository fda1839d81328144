//! A gateway in this process, on free ports, in a directory of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt as _;
use http::{Method, header};
use reqwest::{RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;
use slipway_gateway::app::{AppState, Gateway};
use slipway_gateway::config::budgets::DefaultLimits;
use slipway_gateway::config::search::SearchOptions;
use slipway_gateway::config::{Config, Engines, Reach};
use slipway_protocol::api::{PermissionChoices, RetentionChoices, SandboxChoices, SubagentChoices};
use tempfile::TempDir;

use crate::database;

/// A running gateway; stop it with [`TestGateway::stop`] where the test looks at what is left.
pub(crate) struct TestGateway {
    gateway: Gateway,
    pub(crate) directory: TempDir,
    pub(crate) http: reqwest::Client,
}

impl TestGateway {
    /// Starts one with the usual configuration.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts one with a changed configuration.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change).await
    }

    /// Starts one in a directory that may hold an earlier one's data.
    pub(crate) async fn start_in(directory: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = usual_config(directory.path()).await;
        change(&mut config);
        let gateway = Gateway::start(config).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { gateway, directory, http: http.build().unwrap() }
    }

    pub(crate) fn app(&self) -> &AppState {
        self.gateway.app()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app().addresses.ui)
    }

    pub(crate) fn desktop_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.app().addresses.desktop)
    }

    /// A request without any identity.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    /// A request by the launcher.
    pub(crate) fn launcher(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(self.app().config.launcher_token.expose_secret())
    }

    /// A fresh login link's path and query.
    pub(crate) async fn login_path(&self) -> String {
        let link = self.launcher(Method::POST, "/api/v1/session/links").send().await.unwrap();
        assert_eq!(link.status(), StatusCode::CREATED);
        json(link).await["path"].as_str().unwrap().to_owned()
    }

    /// Logs in as a browser does and returns the cookie, as it is sent back.
    pub(crate) async fn cookie(&self) -> String {
        let path = self.login_path().await;
        let answer = self.anonymous(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()[header::LOCATION], "/");
        cookie_of(&answer)
    }

    /// `GET` by the launcher, which must succeed.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let answer = self.launcher(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        json(answer).await
    }

    /// A request with a body by the launcher: status and answer.
    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let answer = self.launcher(method, path).json(body).send().await.unwrap();
        (answer.status().as_u16(), json(answer).await)
    }

    /// The id of a new conversation of the launcher's.
    pub(crate) async fn conversation(&self) -> String {
        let (status, made) = self.send(Method::POST, "/api/v1/conversations", &serde_json::json!({})).await;
        assert_eq!(status, 201, "{made}");
        made["id"].as_str().unwrap().to_owned()
    }

    /// Stops it and gives the directory with what is left.
    pub(crate) async fn stop(self) -> TempDir {
        self.gateway.stop().await;
        self.directory
    }
}

/// The configuration of a gateway in this directory, on free ports.
pub(crate) async fn usual_config(directory: &Path) -> Config {
    let any_port: SocketAddr = "127.0.0.1:0".parse().unwrap();
    Config {
        listen: any_port,
        desktop_listen: any_port,
        engines: Engines::InProcess(any_port),
        reach: Reach::Loopback,
        hosts: Vec::new(),
        tools_listen: any_port,
        tools_url: None,
        sandbox_socket: directory.join("sandbox.sock"),
        data_dir: directory.to_owned(),
        database_url: database::url(directory).await.map(Into::into),
        // Longer than any test: none is taken to be gone because the machine is busy.
        lease: Duration::from_secs(600),
        instance: 1,
        image: None,
        public_port: None,
        public_desktop_port: None,
        sandbox_token: "sandbox-token-of-the-test".into(),
        launcher_token: "launcher-token-of-the-test".into(),
        secret_key: None,
        old_secret_key: None,
        provider_keys: [].into(),
        sandbox: SandboxChoices::default(),
        subagents: SubagentChoices::default(),
        retention: RetentionChoices::default(),
        permissions: PermissionChoices::default(),
        variables: [].into(),
        set_in_file: Vec::new(),
        egress_exempt: Vec::new(),
        profiles: None,
        limits: DefaultLimits::default(),
        search: SearchOptions::default(),
        max_upload_bytes: 8 << 20,
        checkpoint_bytes: u64::MAX,
        webhook_waits: slipway_gateway::webhooks::WAITS.to_vec(),
        recording: None,
        metrics_token: None,
        collector: None,
    }
}

/// The name and value of the cookie that an answer sets.
pub(crate) fn cookie_of(answer: &Response) -> String {
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// An answer's body; `null` when it is empty.
pub(crate) async fn json(answer: Response) -> Value {
    let bytes = answer.bytes().await.unwrap();
    if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() }
}

/// The next `count` events of a stream's body, without pings and greetings.
pub(crate) async fn events(answer: Response, count: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut buffer = String::new();
    let mut bytes = answer.bytes_stream();
    while found.len() < count {
        let chunk = bytes.next().await.expect("more of the stream").unwrap();
        buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        while let Some((frame, rest)) = buffer.split_once("\n\n") {
            let data = frame.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            let event: Value = serde_json::from_str(data).unwrap();
            if event["body"].is_object() {
                found.push(event);
            }
            buffer = rest.to_owned();
        }
    }
    found
}
