//! The checked-in OpenAPI document, from which the dashboard's client is generated, is what the program serves.

#[test]
fn the_checked_in_document_is_the_programs_own() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let checked_in: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let served = serde_json::to_value(simpul::http::router::document().unwrap()).unwrap();
    assert!(checked_in == served, "docs/openapi.json is out of date: run scripts/openapi.sh and commit what it writes");
}
