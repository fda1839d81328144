//! OTLP's JSON form: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>. Ids are hexadecimal, numbers
//! of 64 bits are strings.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::spans::{Attribute, Span};
use crate::metrics::{Family, Kind};

/// OTLP's number for sums since the start of the process.
const CUMULATIVE: u8 = 2;
/// OTLP's numbers for what a span is: work of this program, a call of another one.
const INTERNAL: u8 = 1;
const CLIENT: u8 = 3;
/// OTLP's number for a span that failed.
const ERROR: u8 = 2;

/// The body for `/v1/traces`.
pub(super) fn traces(spans: &[Span]) -> Value {
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{ "resource": resource(), "scopeSpans": [{ "scope": scope(), "spans": spans }] }] })
}

/// The body for `/v1/metrics`; sums count since `started_at`, in s since the epoch.
pub(super) fn metrics(families: &[Family], started_at: u64) -> Value {
    let since = (u128::from(started_at) * 1_000_000_000).to_string();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string();
    let metrics: Vec<Value> = families.iter().map(|family| metric(family, &since, &now)).collect();
    json!({ "resourceMetrics": [{ "resource": resource(), "scopeMetrics": [{ "scope": scope(), "metrics": metrics }] }] })
}

fn resource() -> Value {
    json!({ "attributes": [
        attribute("service.name", json!({ "stringValue": "slipway-gateway" })),
        attribute("service.version", json!({ "stringValue": env!("CARGO_PKG_VERSION") })),
    ] })
}

fn scope() -> Value {
    json!({ "name": "slipway", "version": env!("CARGO_PKG_VERSION") })
}

#[expect(clippy::needless_pass_by_value, reason = "it is put into another value")]
fn attribute(key: &str, value: Value) -> Value {
    json!({ "key": key, "value": value })
}

fn span(span: &Span) -> Value {
    let attributes: Vec<Value> = span
        .attributes
        .iter()
        .map(|(key, value)| match value {
            Attribute::Text(text) => attribute(key, json!({ "stringValue": text })),
            Attribute::Count(count) => attribute(key, json!({ "intValue": count.to_string() })),
        })
        .collect();
    let mut value = json!({
        "traceId": format!("{:032x}", span.trace),
        "spanId": format!("{:016x}", span.id),
        "name": span.name,
        "kind": if span.name.starts_with("chat ") { CLIENT } else { INTERNAL },
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(span.end),
        "attributes": attributes,
    });
    if let Some(parent) = span.parent {
        value["parentSpanId"] = json!(format!("{parent:016x}"));
    }
    if span.failed {
        value["status"] = json!({ "code": ERROR });
    }
    value
}

fn nanos(millis: i64) -> String {
    (i128::from(millis) * 1_000_000).to_string()
}

fn metric(family: &Family, since: &str, now: &str) -> Value {
    let points: Vec<Value> = family
        .samples
        .iter()
        .map(|(value, figure)| {
            let mut point = json!({ "timeUnixNano": now, "asInt": figure.to_string() });
            if matches!(family.kind, Kind::Counter) {
                point["startTimeUnixNano"] = json!(since);
            }
            if !family.label.is_empty() {
                point["attributes"] = json!([attribute(family.label, json!({ "stringValue": value }))]);
            }
            point
        })
        .collect();
    let mut value = json!({ "name": family.name, "description": family.help });
    match family.kind {
        Kind::Gauge => value["gauge"] = json!({ "dataPoints": points }),
        Kind::Counter => {
            value["sum"] = json!({
                "aggregationTemporality": CUMULATIVE, "isMonotonic": true, "dataPoints": points,
            });
        }
    }
    value
}
