//! The spellings of an item id over HTTP: one parser serves the page, its JSON and the server function.
//! The parser's own properties are tested beside its code.

use super::{assert_json, assert_page, encoded, escaped};
use crate::harness::{Browser, ITEM_FUNCTION, Site};

const ACCEPTED: [(&str, &str); 19] = [
    ("420", "420"),
    ("0042", "42"),
    ("+4", "4"),
    ("-4", "-4"),
    ("-0", "0"),
    ("1_000", "1000"),
    ("1_0_0", "100"),
    ("1.0", "1"),
    ("-1.000", "-1"),
    ("+1_0.0", "10"),
    (" 4", "4"),
    ("4 ", "4"),
    ("\t4\r\n", "4"),
    ("\u{b}4\u{c}", "4"),
    ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("09223372036854775807.0", "9223372036854775807"),
    // A JavaScript number cannot represent it.
    ("9007199254740993", "9007199254740993"),
    ("0000000000000000000000000000000000000001", "1"),
];

const NO_INTEGER: [&str; 28] = [
    "abc",
    "1.5",
    "1e3",
    "0x10",
    "--1",
    "+-1",
    "_1",
    "1_",
    "1__0",
    "true",
    "٣",
    "１",
    "1.",
    ".0",
    "1._0",
    "1.0_",
    "1.0.0",
    "1 2",
    "- 1",
    "-",
    "+",
    " ",
    "1/2",
    "1?2",
    "1\0",
    "\u{a0}4",
    "<i>\"1\"</i>",
    "∞",
];

const TOO_LARGE: [&str; 4] =
    ["9223372036854775808", "-9223372036854775809", "9_223_372_036_854_775_808", "99999999999999999999.0"];

#[tokio::test]
async fn accepted_spellings_are_the_same_number_everywhere() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (written, number) in ACCEPTED {
        let body = format!(r#"{{"item_id":{number},"q":null}}"#);
        let segment = encoded(written);
        assert_json(&browser.get_json(&site.at(&format!("/items/{segment}"))).await, 200, &body);
        assert_json(&browser.get(&site.at(&format!("/api/item?item_id={segment}"))).await, 200, &body);
        let page = browser.get(&site.at(&format!("/items/{segment}"))).await;
        assert_page(&page, 200);
        let shown = format!(r#"<code id="item-result-id">{number}</code>"#);
        assert!(page.body.contains(&shown), "{written:?}: {}", page.body);
    }
}

#[tokio::test]
async fn a_space_in_the_address_itself_counts_as_white_space() {
    let site = Site::start().await;
    let response = site.signed_in("ada").await.get_json(&site.at("/items/%204")).await;
    assert_json(&response, 200, r#"{"item_id":4,"q":null}"#);
}

#[tokio::test]
async fn refused_spellings_are_422_everywhere_and_say_why() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let no_integer = Refusal {
        kind: "int_parsing",
        msg: "Input should be a valid integer, unable to parse string as an integer",
        for_users: ["Enter a whole number, for example 420", "Not a whole number"],
    };
    let too_large = Refusal {
        kind: "int_parsing_size",
        msg: "Unable to parse input string as an integer, exceeded maximum size",
        for_users: ["Enter a whole number of at most 18 digits", "Too large a number"],
    };
    for written in NO_INTEGER {
        assert_refused(&mut browser, &site, &encoded(written), written, &no_integer).await;
    }
    for written in TOO_LARGE {
        assert_refused(&mut browser, &site, &encoded(written), written, &too_large).await;
    }
    assert_refused(&mut browser, &site, "%FF", "\u{fffd}", &no_integer).await;
    assert_refused(&mut browser, &site, "1%2F2", "1/2", &no_integer).await;
}

/// The words for a refused id: pydantic's in JSON, others on the page.
struct Refusal {
    kind: &'static str,
    msg: &'static str,
    for_users: [&'static str; 2],
}

async fn assert_refused(browser: &mut Browser, site: &Site, sent: &str, written: &str, refusal: &Refusal) {
    let Refusal { kind, msg, for_users } = refusal;
    let input = serde_json::to_string(written).unwrap();
    let body = |part: &str| {
        format!(r#"{{"detail":[{{"type":"{kind}","loc":["{part}","item_id"],"msg":"{msg}","input":{input}}}]}}"#)
    };
    let address = site.at(&format!("/items/{sent}"));
    assert_json(&browser.get_json(&address).await, 422, &body("path"));
    assert_json(&browser.get(&site.at(&format!("/api/item?item_id={sent}"))).await, 422, &body("query"));
    let page = browser.get(&address).await;
    assert_page(&page, 422);
    assert!(!page.body.contains(msg), "{written:?}: {}", page.body);
    for words in for_users {
        assert_eq!(page.body.matches(words).count(), 1, "{written:?}: {}", page.body);
    }
    if !written.contains('\0') {
        assert!(page.body.contains(&format!(">{}</bdi>", escaped(written))), "{written:?}: {}", page.body);
    }
}

#[tokio::test]
async fn the_server_function_misses_an_item_id() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    let missing = r#"{"detail":[{"type":"missing","loc":["query","item_id"],"msg":"Field required","input":null}]}"#;
    for path in [ITEM_FUNCTION, "/api/item?", "/api/item?q=x", "/api/item?ITEM_ID=1", "/api/item?item_id[]=1"] {
        assert_json(&browser.get_json(&site.at(path)).await, 422, missing);
    }
    let empty = r#"{"detail":[{"type":"int_parsing","loc":["query","item_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":""}]}"#;
    assert_json(&browser.get_json(&site.at("/api/item?item_id=")).await, 422, empty);
    let last = browser.get_json(&site.at("/api/item?item_id=abc&item_id=2")).await;
    assert_json(&last, 200, r#"{"item_id":2,"q":null}"#);
}
