use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::Request;
use serde::Deserialize;
use serde_json::{Value, json};
use simpul_core::id::PartnerId;
use tower::ServiceExt as _;

use super::problems::is_email;
use super::*;
use crate::http::{ApiError, Data};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    port: u16,
    #[serde(default)]
    host: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thing {
    display_name: String,
    #[serde(default)]
    configuration: Option<Connection>,
    #[serde(default)]
    data: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rotation {
    hours: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    #[serde(default)]
    status: Vec<simpul_core::access::Role>,
    is_active: Option<bool>,
    partner_id: Option<PartnerId>,
    q: Option<String>,
    page: Option<i64>,
    limit: Option<i64>,
}

async fn make_thing(body: RequestBody) -> Result<Data<String>, ApiError> {
    let thing: Thing = body.json(200).await?;
    let port = thing.configuration.map_or(0, |connection| connection.port + u16::from(connection.host.is_some()));
    Ok(Data::new(format!("{} {port} {}", thing.display_name, thing.data)))
}

async fn rotate(body: RequestBody) -> Result<Data<u32>, ApiError> {
    Ok(Data::new(body.optional_json::<Rotation>(200).await?.hours))
}

async fn record(body: RequestBody) -> Result<Data<usize>, ApiError> {
    Ok(Data::new(match body.one_or_many::<Thing>().await? {
        OneOrMany::One(_) => 0,
        OneOrMany::Many(things) => things.len(),
    }))
}

async fn list(ApiQuery(filter): ApiQuery<Filter>) -> Result<Data<Value>, ApiError> {
    let page = Page::of(filter.page, filter.limit)?;
    Ok(Data::new(json!([
        filter.status,
        filter.is_active,
        filter.partner_id,
        filter.q,
        page.page,
        page.limit,
        page.offset()
    ])))
}

async fn show(PathId(id): PathId<PartnerId>) -> Data<String> {
    Data::new(id.to_string())
}

async fn ask(path: &str, request: http::request::Builder, body: impl Into<Body>) -> (u16, Value) {
    let router = Router::new()
        .route("/things", post(make_thing).get(list))
        .route("/rotate", post(rotate))
        .route("/records", post(record))
        .route("/partners/{id}", get(show));
    let response = router.oneshot(request.uri(path).body(body.into()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1_000_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn post_json(path: &str, body: impl Into<Body>) -> (u16, Value) {
    ask(path, Request::post("/").header("content-type", "application/json; charset=utf-8"), body).await
}

async fn query(query: &str) -> (u16, Value) {
    ask(&format!("/things?{query}"), Request::get("/"), Body::empty()).await
}

#[tokio::test]
async fn a_sound_body_is_read() {
    let (status, body) =
        post_json("/things", r#"{"displayName":"a","configuration":{"port":1},"data":{"any":[1]}}"#).await;
    assert_eq!((status, &body["data"]), (200, &json!("a 1 {\"any\":[1]}")));
    let plus = Request::post("/").header("content-type", "application/cloudevents+json");
    assert_eq!(ask("/things", plus, r#"{"displayName":"a"}"#).await.0, 200);
}

#[tokio::test]
async fn what_is_not_json_by_its_own_account_is_a_415_even_when_it_is_too_large() {
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let request = Request::post("/").header("content-type", kind);
        assert_eq!(ask("/things", request, "x".repeat(300)).await.0, 415, "{kind}");
    }
    assert_eq!(ask("/things", Request::post("/"), "{}").await.0, 415);
    let packed = Request::post("/").header("content-type", "application/json").header("content-encoding", "gzip");
    assert_eq!(ask("/things", packed, "{}").await.0, 415);
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_413_declared_or_not() {
    let (status, body) = post_json("/things", "x".repeat(201)).await;
    assert_eq!((status, &body["code"]), (413, &json!("payload_too_large")));
    let declared = Request::post("/").header("content-type", "application/json").header("content-length", "201");
    assert_eq!(ask("/things", declared, "{}").await.0, 413);
    let chunks = futures_util::stream::iter((0..3).map(|_| Ok::<_, std::io::Error>("x".repeat(100))));
    assert_eq!(post_json("/things", Body::from_stream(chunks)).await.0, 413);
}

#[tokio::test]
async fn malformed_json_is_a_400_whatever_else_is_wrong_with_it() {
    let deep = format!("{{\"displayName\":\"a\",\"data\":{}", "[".repeat(150));
    let broken: [&[u8]; 8] =
        [b"", b"  ", b"{", b"{\"displayName\":1,", b"{} x", b"{\"displayName\":\"\xff\"}", b"nope", deep.as_bytes()];
    for text in broken {
        let (status, body) = post_json("/things", text.to_vec()).await;
        assert_eq!((status, &body["code"]), (400, &json!("bad_request")), "{}", String::from_utf8_lossy(text));
    }
    let cut = futures_util::stream::iter([Ok("{"), Err(std::io::Error::other("gone"))]);
    assert_eq!(post_json("/things", Body::from_stream(cut)).await.0, 400);
}

#[tokio::test]
async fn each_wrong_member_is_a_422_that_names_its_path_and_quotes_no_value() {
    let cases = [
        (
            r#"{"displayName":"a","configuration":{"port":"sk_live_1"}}"#,
            json!({"configuration.port": ["must be a whole number, 0 or more"]}),
        ),
        (
            r#"{"displayName":"a","configuration":{"port":70000}}"#,
            json!({"configuration.port": ["must be a whole number, 0 or more"]}),
        ),
        (r#"{"displayName":5}"#, json!({"displayName": ["must be a text"]})),
        (r#"{}"#, json!({"displayName": ["is required"]})),
        (r#"{"displayName":"a","configuration":{}}"#, json!({"configuration.port": ["is required"]})),
        (r#"{"displayName":"a","displayName":"b"}"#, json!({"displayName": ["is given more than once"]})),
        (r#""sk_live_secret""#, json!({"(body)": ["must be an object"]})),
        (
            r#"{"displayName":"a","extra":1,"configuration":{"port":1,"user":{"x":1}}}"#,
            json!({"extra": ["is not a known member"], "configuration.user": ["is not a known member"]}),
        ),
        (r#"{"extra":1}"#, json!({"displayName": ["is required"], "extra": ["is not a known member"]})),
    ];
    for (text, fields) in cases {
        let (status, body) = post_json("/things", text).await;
        assert_eq!((status, &body["details"]["fields"]), (422, &fields), "{text}: {body}");
        assert!(!body.to_string().contains("sk_live"), "{body}");
    }
}

#[tokio::test]
async fn an_optional_body_may_be_absent_but_not_wrong() {
    assert_eq!(ask("/rotate", Request::post("/"), "").await.1["data"], 0);
    assert_eq!(post_json("/rotate", "").await.1["data"], 0);
    assert_eq!(post_json("/rotate", r#"{"hours":5}"#).await.1["data"], 5);
    assert_eq!(ask("/rotate", Request::post("/"), r#"{"hours":5}"#).await.0, 415);
    assert_eq!(post_json("/rotate", r#"{"days":5}"#).await.0, 422);
}

#[tokio::test]
async fn a_list_is_taken_whole_or_refused_with_the_index() {
    let item = json!({"displayName": "a"});
    assert_eq!(post_json("/records", item.to_string()).await.1["data"], 0);
    assert_eq!(post_json("/records", json!([item, item]).to_string()).await.1["data"], 2);
    let (status, body) = post_json("/records", json!([item, {"displayName": 1}, {"x": 1}]).to_string()).await;
    assert_eq!((status, &body["details"]["fields"]), (422, &json!({"[1].displayName": ["must be a text"]})));
    assert_eq!(post_json("/records", json!(vec![item.clone(); 1_000]).to_string()).await.1["data"], 1_000);
    assert_eq!(post_json("/records", json!(vec![item.clone(); 1_001]).to_string()).await.0, 422);
    assert_eq!(post_json("/records", "[]").await.0, 422);
    assert_eq!(post_json("/records", "[{]").await.0, 400);
    let long = json!({"displayName": "x".repeat(BODY_LIMIT)});
    assert_eq!(post_json("/records", long.to_string()).await.0, 413);
    assert_eq!(post_json("/records", json!([long]).to_string()).await.1["data"], 1);
    assert_eq!(post_json("/records", json!([{"displayName": "x".repeat(LIST_LIMIT)}]).to_string()).await.0, 413);
}

#[tokio::test]
async fn text_that_is_no_id_is_a_404() {
    let known = "/partners/0190b7f2-7c3e-7000-8000-000000000001";
    assert_eq!(ask(known, Request::get("/"), Body::empty()).await.0, 200);
    for id in ["1", "%27%20OR%201=1", "%ff", "0190b7f27c3e70008000000000000001"] {
        let (status, body) = ask(&format!("/partners/{id}"), Request::get("/"), Body::empty()).await;
        assert_eq!((status, &body["code"]), (404, &json!("not_found")), "{id}");
    }
}

#[tokio::test]
async fn a_query_is_typed_and_may_repeat_what_is_a_list() {
    assert_eq!(query("").await.1["data"], json!([[], null, null, null, 1, 50, 0]));
    let (status, body) = query("status=viewer&status=admin&isActive=true&q=a%20b&page=3&limit=20").await;
    assert_eq!((status, &body["data"]), (200, &json!([["viewer", "admin"], true, null, "a b", 3, 20, 40])));
}

#[tokio::test]
async fn a_query_that_cannot_be_used_is_a_400_that_names_the_parameter() {
    let cases = [
        ("isActive=maybe", "isActive", "must be true or false"),
        ("partnerId=7", "partnerId", "must be a UUID in lower-case hyphenated form"),
        ("page=abc", "page", "must be a whole number"),
        ("page=0", "page", "must be 1 or more"),
        ("page=99999999999", "page", "must be 1 or more"),
        ("limit=501", "limit", "must be from 1 to 500"),
        ("limit=0", "limit", "must be from 1 to 500"),
        ("limit=-1", "limit", "must be from 1 to 500"),
        ("q=a&q=b", "q", "is given more than once"),
        ("status=boss", "status[0]", "must be one of viewer, operator, admin, super_admin"),
        ("sort=name&sort=age", "sort", "is not a known parameter"),
    ];
    for (text, field, problem) in cases {
        let (status, body) = query(text).await;
        assert_eq!((status, &body["details"]["fields"]), (400, &json!({field: [problem]})), "{text}: {body}");
    }
    assert_eq!(query("a=1&b=2").await.1["details"]["fields"].as_object().unwrap().len(), 2);
}

#[test]
fn problems_are_told_all_at_once() {
    let mut problems = Problems::new();
    assert_eq!(problems.line("name", "  Toko Satu ", 100), "Toko Satu");
    assert_eq!(problems.email("email", " Budi@Example.com "), "budi@example.com");
    assert!(problems.http_url("webhookUrl", "https://example.com/hook?x=1").is_some());
    problems.slug("slug", "toko-satu-2", 60);
    problems.range("limit", 5, 1, 5);
    assert!(problems.clone().into_result().is_ok());
    problems.line("name", "   ", 100);
    problems.line("title", "two\nlines", 5);
    problems.email("email", "nobody");
    problems.http_url("webhookUrl", "ftp://example.com");
    problems.http_url("otherUrl", "https://user:pw@example.com");
    problems.slug("slug", "Toko--Satu", 60);
    problems.length("secret", "short", 8, 10);
    problems.range("timeout", 61, 1, 60);
    let error = problems.into_result().unwrap_err();
    let fields = error.details().unwrap()["fields"].as_object().unwrap();
    assert_eq!(fields.len(), 8);
    assert_eq!(fields["name"], json!(["is required"]));
    assert_eq!(fields["title"].as_array().unwrap().len(), 2);
    assert_eq!(fields["secret"], json!(["must have at least 8 characters; it has 5"]));
}

#[test]
fn the_shape_of_an_email_address_is_checked_and_no_more() {
    for sound in ["a@b.id", "first.last+tag@sub.example.co.id", "admin@localhost"] {
        assert!(is_email(sound), "{sound}");
    }
    for wrong in
        ["", "a", "@b.id", "a@", "a@b", "a b@c.id", "a@b..id", "a@-b.id", "a@b.id,c@d.id", "<a@b.id>", "a@b@c.id"]
    {
        assert!(!is_email(wrong), "{wrong}");
    }
}
