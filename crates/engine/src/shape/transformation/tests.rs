use super::*;

const EVENT: &str = r#"{"id":"e","type":"payment.success","testMode":false,"data":{"amount":"150000.00","b":1,"a":2,
    "large":9007199254740991,"larger":123456789012345678901234567890,"rate":1.10,"tiny":1e-7,"name":"Bu \u0022Sri\u0022 é\u0001",
    "items":[{"sku":"a"},{"sku":"b"}]},"raw":{}}"#;

fn apply(text: &str) -> Result<String, Refusal> {
    Transformations::new().apply(text, EVENT.as_bytes()).map(|body| String::from_utf8(body).unwrap())
}

fn problem(text: &str) -> String {
    match apply(text) {
        Err(Refusal::Invalid(problem)) => problem,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_program_makes_the_body() {
    for (text, body) in [
        ("{id, type, payment: .data.amount}", r#"{"id":"e","type":"payment.success","payment":"150000.00"}"#),
        (".data | {b, a, large}", r#"{"b":1,"a":2,"large":9007199254740991}"#),
        (".data | {larger, rate, tiny}", r#"{"larger":123456789012345678901234567890,"rate":1.10,"tiny":1e-7}"#),
        ("{skus: [.data.items[].sku], n: (.data.items | length)}", r#"{"skus":["a","b"],"n":2}"#),
        ("{text: \"\\(.type): \\(.data.amount)\"}", r#"{"text":"payment.success: 150000.00"}"#),
        ("{ok: (.type | test(\"^payment\")), t: (0 | todate)}", r#"{"ok":true,"t":"1970-01-01T00:00:00Z"}"#),
        ("{m: (.data.missing // \"none\"), e: (try error(\"x\") catch .)}", r#"{"m":"none","e":"x"}"#),
        ("del(.data, .raw, .testMode)", r#"{"id":"e","type":"payment.success"}"#),
        ("def f(x): x * 2; {n: f(.data.a)}", r#"{"n":4}"#),
        ("{n: .data.name} | .b64 = (\"a\" | @base64)", "{\"n\":\"Bu \\\"Sri\\\" é\\u0001\",\"b64\":\"YQ==\"}"),
    ] {
        assert_eq!(apply(text).as_deref(), Ok(body), "{text}");
    }
}

#[test]
fn anything_but_one_object_is_refused() {
    for (text, part) in [
        (".data.amount", "yields a string"),
        ("[.]", "yields a list"),
        ("null", "yields null"),
        ("1", "yields a number"),
        ("true", "yields a boolean"),
        ("empty", "yields nothing"),
        ("., .", "more than one"),
        ("{}, error(\"late\")", "late"),
        ("error(\"no such order\")", "no such order"),
        (".data.amount + 1 | {a: .}", "fails on this event"),
        ("{a: nan}", "must yield JSON"),
        ("{a: infinite}", "must yield JSON"),
        ("{(.data.a | tostring): 1, a: (\"x\" | tobytes)}", "must yield JSON"),
    ] {
        assert!(problem(text).contains(part), "{text}: {}", problem(text));
    }
    assert_eq!(apply("{a: [range(300000)]}"), Err(Refusal::TooLarge));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let mut transformations = Transformations::new();
    for (text, part) in [
        ("{id, type", "line 1, column 10: expected closing brace, found the end"),
        ("{id} | foo(.x)", "line 1, column 8 the unknown filter foo"),
        ("{id}\n| .a +", "line 2, column 7: expected term, found the end"),
        ("{a: $x}", "line 1, column 5 the unknown variable $x"),
        ("if . then 1", "expected else or end"),
        ("\"\\z\"", "string escape"),
        ("&", "line 1, column 1"),
        ("{id}; 1", "expected the end"),
        ("include \"a\"; .", "must not include"),
        ("import \"/etc/passwd\" as $p; {p: $p}", "must not include or import"),
    ] {
        let problem = transformations.check(text).unwrap_err();
        assert!(problem.contains(part), "{text}: {problem}");
        assert!(problem.len() < 400, "{problem}");
    }
    assert!(transformations.check("{id}").is_ok());
}

#[test]
fn nothing_outside_the_program_can_be_reached() {
    let mut transformations = Transformations::new();
    for text in [
        "env",
        "$ENV",
        "now",
        "input",
        "inputs",
        "halt",
        "halt(3)",
        "halt_error",
        "debug",
        "debug(1)",
        "stderr",
        "localtime",
        "strflocaltime(\"%H\")",
        "input_filename",
        "repl",
        "get_search_list",
        "$__prog_args",
    ] {
        let problem = transformations.check(text).unwrap_err();
        assert!(problem.contains("unknown"), "{text}: {problem}");
    }
}
