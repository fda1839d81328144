//! Requests made up from the OpenAPI document, right and wrong ones: none of them is answered with an internal error,
//! and every refusal is a problem. The same requests every time; `SLIPWAY_FUZZ_SEED` and `SLIPWAY_FUZZ_CASES` (per
//! operation) make others and more (`scripts/fuzz-api`).

use http::{Method, header};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use crate::harness::TestGateway;
use crate::workspace::Setup;

/// Cases for each operation, unless said otherwise.
const CASES: u64 = 8;
/// How deep made-up values are.
const MAX_DEPTH: u32 = 6;
/// What cannot be asked here: it waits for the launcher, or ends what the test stands on.
const LEFT_OUT: [&str; 2] = ["get_sandbox_orders", "remove_person"];
/// Answers of 5xx that tell of something else than a fault here: a provider that a request made up is not there, and
/// the tool host of this test has no desktop.
const EXPECTED: [&str; 2] = ["provider_unreachable", "desktop_failed"];

/// Texts that programs stumble over.
const ODD_TEXTS: [&str; 14] = [
    "",
    " ",
    "\0",
    "a\0b",
    "../../etc/passwd",
    "'; DROP TABLE conversations; --",
    "%00%ff",
    "\u{202e}\u{fe0f}\u{1f469}\u{200d}\u{1f680}",
    "null",
    "-1",
    "9223372036854775808",
    "http://169.254.169.254/",
    "{\"a\":[",
    "\r\nX-Injected: yes",
];

struct Fuzzer {
    random: StdRng,
    document: Value,
    /// Ids of things that are there.
    ids: Vec<String>,
}

impl Fuzzer {
    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.random.random_range(0..all.len())]
    }

    fn text(&mut self) -> String {
        match self.random.random_range(0..10) {
            0..5 => (*self.pick(&ODD_TEXTS)).to_owned(),
            5..7 => {
                let ids = self.ids.clone();
                self.pick(&ids).clone()
            }
            7 => "x".repeat(self.random.random_range(0..70_000)),
            _ => (0..self.random.random_range(1..12)).map(|_| self.random.random_range('a'..='z')).collect(),
        }
    }

    fn number(&mut self) -> Value {
        let odd = [0, 1, -1, 2, 100, 65_536, i64::MAX, i64::MIN, 4_294_967_296, -2_147_483_649];
        match self.random.random_range(0..6) {
            0 => json!(self.random.random_range(-5..500)),
            1 => json!(1e300),
            2 => json!(0.5),
            3 => json!(u64::MAX),
            _ => json!(self.pick(&odd)),
        }
    }

    /// A value of a schema, or now and then of none.
    fn value(&mut self, schema: &Value, depth: u32) -> Value {
        if depth > MAX_DEPTH || self.chance(6) {
            let odd =
                [json!(null), json!([]), json!({}), json!(true), json!([[[]]]), json!({ "unknown": 1 })];
            return if self.chance(50) { self.pick(&odd).clone() } else { Value::from(self.text()) };
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            let named = self.document["components"]["schemas"][name].clone();
            return self.value(&named, depth + 1);
        }
        if !schema["const"].is_null() {
            return schema["const"].clone();
        }
        for choices in ["enum", "oneOf", "anyOf", "allOf"] {
            let Some(choices_here) = schema[choices].as_array() else { continue };
            let choice = self.pick(choices_here).clone();
            return if choices == "enum" { choice } else { self.value(&choice, depth + 1) };
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => self.pick(kinds).clone(),
            kind => kind.clone(),
        };
        match kind.as_str().unwrap_or_default() {
            "string" => self.text().into(),
            "integer" | "number" => self.number(),
            "boolean" => self.chance(50).into(),
            "array" => {
                let items = schema["items"].clone();
                (0..self.random.random_range(0..4)).map(|_| self.value(&items, depth + 1)).collect()
            }
            "object" => self.object(schema, depth),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, depth: u32) -> Value {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut object = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.iter().any(|required| required == name);
            if self.chance(if is_required { 95 } else { 50 }) {
                object.insert(name.clone(), self.value(field, depth + 1));
            }
        }
        if self.chance(4) {
            object.insert(self.text(), json!(1));
        }
        object.into()
    }

    /// A value of a parameter, as text.
    fn parameter(&mut self, parameter: &Value) -> String {
        match self.value(&parameter["schema"], 0) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// A request for an operation, its body left out, and the body.
    fn request(&mut self, gateway: &TestGateway, operation: &Operation) -> (reqwest::RequestBuilder, String) {
        let mut path = operation.path.clone();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let mut headers = Vec::new();
        for parameter in operation.about["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            match parameter["in"].as_str().unwrap() {
                "path" => {
                    let ids = self.ids.clone();
                    let text =
                        if self.chance(60) { self.pick(&ids).clone() } else { self.parameter(parameter) };
                    let text: String = text.chars().take(2000).collect();
                    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
                    path = path.replace(&format!("{{{name}}}"), &encoded.replace('+', "%20"));
                }
                "query" if self.chance(60) => {
                    query
                        .append_pair(name, &self.parameter(parameter).chars().take(2000).collect::<String>());
                }
                "header" if self.chance(15) => {
                    let value = self.parameter(parameter);
                    if let Ok(value) = header::HeaderValue::from_bytes(value.as_bytes()) {
                        headers.push((name.to_owned(), value));
                    }
                }
                _ => {}
            }
        }
        let query = query.finish();
        let mut request = gateway.launcher(operation.method.clone(), &format!("{path}?{query}"));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let Some(body) = operation.about["requestBody"]["content"].as_object() else {
            return (request, String::new());
        };
        let (media_type, content) = body.iter().next().unwrap();
        let text = match self.value(&content["schema"], 0) {
            _ if self.chance(5) => self.text(),
            value => value.to_string(),
        };
        let media_type = if self.chance(4) { "text/plain" } else { media_type.as_str() };
        (request.header(header::CONTENT_TYPE, media_type), text)
    }
}

struct Operation {
    method: Method,
    path: String,
    id: String,
    about: Value,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let id = about["operationId"].as_str().unwrap().to_owned();
            if LEFT_OUT.contains(&id.as_str()) {
                continue;
            }
            let method = method.to_uppercase().parse().unwrap();
            found.push(Operation { method, path: path.clone(), id, about: about.clone() });
        }
    }
    found
}

fn number_of(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().expect("a number"))
}

#[tokio::test]
async fn no_request_is_answered_with_an_internal_error() {
    let setup = Setup::new().await;
    let gateway = &setup.gateway;
    let (_, webhook) =
        gateway.send(Method::POST, "/api/v1/webhooks", &json!({ "url": "https://example.com/" })).await;
    let ids = vec![
        gateway.conversation().await,
        webhook["webhook"]["id"].as_str().unwrap().to_owned(),
        "demo".to_owned(),
        "msg_1".to_owned(),
        "3000".to_owned(),
    ];
    let document = gateway.get("/api/v1/openapi.json").await;
    let all = operations(&document);
    let seed = number_of("SLIPWAY_FUZZ_SEED", 1);
    let mut fuzzer = Fuzzer { random: StdRng::seed_from_u64(seed), document, ids };
    let mut faults = Vec::new();
    for case in 0..number_of("SLIPWAY_FUZZ_CASES", CASES) {
        for operation in &all {
            let (request, body) = fuzzer.request(gateway, operation);
            let request = if body.is_empty() { request } else { request.body(body.clone()) };
            let Ok(request) = request.build() else { continue };
            let url = request.url().to_string();
            let answer = gateway.http.execute(request).await.unwrap();
            let status = answer.status().as_u16();
            if status < 400 {
                continue;
            }
            let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
            let text = answer.text().await.unwrap();
            let problem: Value = serde_json::from_str(&text).unwrap_or_default();
            let is_problem = kind.is_some_and(|kind| kind == "application/problem+json");
            let is_expected = problem["code"].as_str().is_some_and(|code| EXPECTED.contains(&code));
            if !is_problem || (status >= 500 && !is_expected) {
                let body: String = body.chars().take(500).collect();
                faults.push(format!("{} (case {case}): {status} {text}\n  {url}\n  {body}", operation.id));
            }
        }
    }
    assert!(faults.is_empty(), "seed {seed}, {} faults:\n{}", faults.len(), faults.join("\n"));
}
