//! Vertex AI: access tokens are fetched with the credential, kept, renewed, and asked for once.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures::future::join_all;
use rustls::pki_types::alg_id::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;
use tokio::net::TcpListener;

use super::{Place, at, playing, refusal};

const MODEL: &str = "google/gemini-2.5-pro";
const PRIVATE_KEY: &str = include_str!("fixtures/service_account_key.pem");

/// The key's public half (PKCS #1, DER, base64).
const PUBLIC_KEY: &str = "\
    MIIBCgKCAQEAtwhl/TeSbWdiB6adTesmgkYVd/qxhg+QsvkMCLS9sH7T491Vvi9aZH0JyOAshyUIoSGGu4BT+NdjBJi9ROwuOX/1\
    p/lYXHWprAoKzmD9gqoAfu3IfyAP/W9MGMp3G5Zq2WbdP4qD6jEfgg3T2BD1ON0cKPUFrrv16dIS1pWy5jVcIrTUqxoSY+bwPr7u\
    m4l5B9JWh/R5J2w1a1k8W0hSLsJBvmoSgae8FW1meRi5S/zJwkcZbj6FwC2kqIj6Wmr0Los7eYx2TDs2nr9mh1YZafRbnOi8nZTf\
    bRBgN842jlbgy+e2KO9OKzn/ILAx2rPucG4ohJOk5Hu0CbYed0HUDwIDAQAB";

const EXPIRED: &str = r#"[{"error":{"code":401,"message":"Request had invalid authentication credentials.","status":"UNAUTHENTICATED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_EXPIRED"}]}}]"#;

/// A server that hands out `token-1`, `token-2`, and so on.
#[derive(Clone)]
struct TokenServer {
    url: String,
    /// The forms that were posted.
    forms: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
struct Answers {
    forms: Arc<Mutex<Vec<String>>>,
    expires_in: u64,
    refusal: Option<(StatusCode, Value)>,
}

impl TokenServer {
    async fn start(expires_in: u64, refusal: Option<(StatusCode, Value)>) -> Self {
        let forms = Arc::<Mutex<Vec<String>>>::default();
        let answers = Answers { forms: Arc::clone(&forms), expires_in, refusal };
        let router = Router::new().route("/token", post(hand_out)).with_state(answers);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let url = format!("http://{}/token", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, forms }
    }

    fn forms(&self) -> Vec<String> {
        self.forms.lock().expect("not poisoned").clone()
    }

    fn service_account(&self) -> String {
        json!({"type": "service_account", "project_id": "proj-1", "private_key_id": "kid-1",
            "private_key": PRIVATE_KEY, "client_email": "me@proj-1.iam.test", "token_uri": self.url})
        .to_string()
    }

    fn person(&self) -> String {
        json!({"type": "authorized_user", "client_id": "id", "client_secret": "cs", "refresh_token": "rt",
            "token_uri": self.url})
        .to_string()
    }
}

async fn hand_out(State(answers): State<Answers>, form: String) -> Response {
    let number = {
        let mut forms = answers.forms.lock().expect("not poisoned");
        forms.push(form);
        forms.len()
    };
    // Long enough for everybody who would ask at the same time to do so.
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    match answers.refusal {
        Some((status, body)) => (status, Json(body)).into_response(),
        None => Json(json!({"access_token": format!("token-{number}"), "expires_in": answers.expires_in,
            "token_type": "Bearer"}))
        .into_response(),
    }
}

fn with_key(mut place: Place, key: String) -> Place {
    place.request.model.api_key = key;
    place
}

fn bearers(place: &Place) -> Vec<String> {
    let requests = place.world.model.requests();
    requests.into_iter().map(|request| request.authorization.expect("a bearer token")).collect()
}

fn field(form: &str, name: &str) -> String {
    let mut fields = url::form_urlencoded::parse(form.as_bytes());
    fields.find(|(field, _)| field == name).map(|(_, value)| value.into_owned()).expect(name)
}

#[tokio::test]
async fn a_service_account_signs_for_its_token() {
    let server = TokenServer::start(3_600, None).await;
    let place = with_key(at("vertex", MODEL, "{text: ok}").await, server.service_account());
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    assert_eq!(bearers(&place), ["Bearer token-1"]);
    let form = &server.forms()[0];
    assert_eq!(field(form, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let assertion = field(form, "assertion");
    let (signed, signature) = assertion.rsplit_once('.').expect("three parts");
    let (header, claims) = signed.split_once('.').expect("three parts");
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
    };
    assert_eq!(decode(header), json!({"alg": "RS256", "typ": "JWT", "kid": "kid-1"}));
    let claims = decode(claims);
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("me@proj-1.iam.test"), &json!(server.url)));
    assert_eq!(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
    assert_eq!(claims["exp"].as_u64().expect("exp") - claims["iat"].as_u64().expect("iat"), 3_600);
    let provider = rustls::crypto::ring::default_provider();
    let algorithms = provider.signature_verification_algorithms.all;
    let algorithm = algorithms.iter().find(|one| one.signature_alg_id() == RSA_PKCS1_SHA256).expect("RSA");
    let public_key = STANDARD.decode(PUBLIC_KEY.trim()).expect("base64");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    algorithm.verify_signature(&public_key, signed.as_bytes(), &signature).expect("a true signature");
}

#[tokio::test]
async fn runs_at_the_same_time_share_one_request_for_a_token() {
    let server = TokenServer::start(3_600, None).await;
    let steps = "{tool_calls: [{id: a, name: write_file}]}, {text: ok}";
    let place = with_key(at("vertex", MODEL, steps).await, server.service_account());
    let outcomes = join_all((0..6).map(|_| place.run())).await;
    assert!(outcomes.iter().all(|events| *events.outcome() == RunOutcome::Completed));
    assert_eq!(bearers(&place), vec!["Bearer token-1"; 12]);
    assert_eq!(server.forms().len(), 1);
}

#[tokio::test]
async fn a_token_that_has_ended_is_renewed_before_it_is_used() {
    // Of a token that ends at once, nothing is used but the call that it was fetched for.
    let server = TokenServer::start(0, None).await;
    let steps = "{tool_calls: [{id: a, name: write_file}]}, {text: ok}";
    let place = with_key(at("vertex", MODEL, steps).await, server.person());
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    assert_eq!(bearers(&place), ["Bearer token-1", "Bearer token-2"]);
    let form = &server.forms()[0];
    assert_eq!(field(form, "grant_type"), "refresh_token");
    assert_eq!(
        (field(form, "refresh_token"), field(form, "client_secret")),
        ("rt".to_owned(), "cs".to_owned())
    );
}

#[tokio::test]
async fn a_token_called_expired_is_renewed_once_and_the_request_sent_again_once() {
    let server = TokenServer::start(3_600, None).await;
    let place = playing("vertex", MODEL, vec![refusal(401, &[], EXPIRED, Some(1))]).await;
    let place = with_key(place, server.service_account());
    let events = place.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(events.retries().is_empty());
    assert_eq!(bearers(&place), ["Bearer token-1", "Bearer token-2"]);
}

#[tokio::test]
async fn a_credential_without_permission_is_not_tried_for_ever() {
    let server = TokenServer::start(3_600, None).await;
    let place =
        with_key(playing("vertex", MODEL, vec![refusal(401, &[], EXPIRED, None)]).await, server.person());
    assert_eq!(place.run().await.code(), "provider_key_rejected");
    assert_eq!((place.requests(), server.forms().len()), (2, 2));
}

#[tokio::test]
async fn a_refused_credential_is_named_before_the_model_is_asked() {
    let refusal = json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."});
    let server = TokenServer::start(0, Some((StatusCode::BAD_REQUEST, refusal))).await;
    let place = with_key(at("vertex", MODEL, "{text: ok}").await, server.service_account());
    let events = place.run().await;
    assert_eq!(events.code(), "provider_key_rejected");
    assert_eq!(events.detail(), "invalid_grant: Invalid JWT Signature.");
    assert_eq!((place.requests(), server.forms().len()), (0, 1));
}

#[tokio::test]
async fn a_token_server_with_a_fault_is_asked_again() {
    let server =
        TokenServer::start(0, Some((StatusCode::SERVICE_UNAVAILABLE, json!({"error": "busy"})))).await;
    let place = with_key(at("vertex", MODEL, "{text: ok}").await, server.person());
    let events = place.run().await;
    assert_eq!((events.code(), server.forms().len()), ("provider_overloaded", 4));
}

#[tokio::test]
async fn a_key_that_is_no_credential_is_explained_and_never_quoted() {
    let server = TokenServer::start(0, None).await;
    let truncated = server.service_account().replace("-----BEGIN PRIVATE KEY-----", "-----BEGIN-----");
    for (key, words) in [
        (r#"{"type": "service_account", "client_email": "x"}"#.to_owned(), "private_key"),
        (r#"{"type": "external_account"}"#.to_owned(), "external_account"),
        ("{".to_owned(), "EOF"),
        (truncated, "not a key in PEM form"),
        (server.person().replace("http://127.0.0.1", "http://elsewhere.test"), "https://"),
    ] {
        let place = with_key(at("vertex", MODEL, "{text: ok}").await, key);
        let events = place.run().await;
        assert_eq!(events.code(), "provider_key_rejected", "{words}");
        assert!(events.detail().contains(words), "{} lacks {words}", events.detail());
        assert_eq!(place.requests(), 0);
    }
}

#[tokio::test]
async fn an_access_token_is_used_as_it_is() {
    let place = with_key(at("vertex", MODEL, "{text: ok}").await, "ya29.token".to_owned());
    assert_eq!(*place.run().await.outcome(), RunOutcome::Completed);
    assert_eq!(bearers(&place), ["Bearer ya29.token"]);
}

#[tokio::test]
async fn the_project_of_the_credential_completes_the_address() {
    let server = TokenServer::start(3_600, None).await;
    let place = with_key(at("vertex", MODEL, "{text: ok}").await, server.service_account());
    let mut named = place;
    // The scripted model is at `/v1`; a project of that name leads there.
    named.request.model.base_url = named.request.model.base_url.replace("/v1", "/{project}");
    named.request.model.api_key = server.service_account().replace("proj-1\",\"private", "v1\",\"private");
    assert_eq!(*named.run().await.outcome(), RunOutcome::Completed);
    named.request.model.api_key = "ya29.token".to_owned();
    assert_eq!(named.run().await.code(), "provider_project_missing");
}
