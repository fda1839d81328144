//! The committed OpenAPI document is what the program would print.

#[test]
fn the_committed_document_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../frontend/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap();
    let generated = slipway_gateway::openapi::document_json().unwrap();
    assert!(
        committed == generated,
        "frontend/openapi.json is out of date; write it again with\n\
         cargo run -p slipway-gateway -- openapi > frontend/openapi.json"
    );
}

#[test]
fn every_operation_has_a_unique_id_and_tells_its_errors() {
    let document = serde_json::to_value(slipway_gateway::openapi::document()).unwrap();
    let mut ids = std::collections::HashSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} is used twice");
            let problem = &operation["responses"]["default"]["content"]["application/problem+json"];
            assert!(problem.is_object(), "{method} {path} does not tell its errors");
        }
    }
    assert!(ids.len() >= 10, "only {} operations", ids.len());
}
