//! Items: the id and the search text as they were parsed, on the page, in JSON and from the server function.
//! The spellings of the id are tested in `item_id`.

use super::{JSON, assert_json, assert_page, request};
use crate::harness::Site;

/// Query string, `q` in JSON, `q` on the page.
const QUERIES: [(&str, &str, &str); 15] = [
    ("", "null", "not given</em>"),
    ("other=1", "null", "not given</em>"),
    ("Q=x", "null", "not given</em>"),
    ("q=x", r#""x""#, "x</bdi>"),
    ("q=", r#""""#, "empty</em>"),
    ("q", r#""""#, "empty</em>"),
    ("q=a&q=b", r#""b""#, "b</bdi>"),
    ("q=a&q=", r#""""#, "empty</em>"),
    ("q=&other=1&q=c", r#""c""#, "c</bdi>"),
    ("q=a%26b%20c+d", r#""a&b c d""#, "a&amp;b c d</bdi>"),
    ("q=a%3Db%2Bc", r#""a=b+c""#, "a=b+c</bdi>"),
    ("%71=x", r#""x""#, "x</bdi>"),
    ("q=%CE%A5", "\"Υ\"", "Υ</bdi>"),
    ("q=null", r#""null""#, "null</bdi>"),
    ("q=%3Cb%3E%22", r#""<b>\"""#, "&lt;b&gt;\"</bdi>"),
];

#[tokio::test]
async fn the_search_text_is_returned_as_parsed() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (query, json, html) in QUERIES {
        let address = site.at(&format!("/items/420?{query}"));
        let body = format!(r#"{{"item_id":420,"q":{json}}}"#);
        assert_json(&browser.get_json(&address).await, 200, &body);
        assert_json(&browser.get_json(&site.at(&format!("/api/item?item_id=420&{query}"))).await, 200, &body);
        let page = browser.get(&address).await;
        assert_page(&page, 200);
        assert!(page.body.contains(r#"<code id="item-result-id">420</code>"#), "{query}: {}", page.body);
        assert!(page.body.contains(&format!(r#"-q">{html}"#)), "{query}: {}", page.body);
    }
}

#[tokio::test]
async fn the_pages_link_to_json_leads_to_the_same_item() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (query, json, _) in QUERIES {
        let page = browser.get(&site.at(&format!("/items/-7?{query}"))).await;
        let start = page.body.find("/api/item?").unwrap_or_else(|| panic!("no link to JSON: {}", page.body));
        let link = page.body[start..].split('"').next().unwrap().replace("&amp;", "&");
        let response = browser.get(&site.at(&link)).await;
        assert_json(&response, 200, &format!(r#"{{"item_id":-7,"q":{json}}}"#));
    }
}

#[tokio::test]
async fn items_with_more_segments_or_none_are_not_found() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in ["/items/", "/items/1/2", "/items/1/", "/Items/1"] {
        assert_json(&request(&mut browser, "GET", &site.at(path), JSON).await, 404, r#"{"detail":"Not Found"}"#);
        assert_page(&browser.get(&site.at(path)).await, 404);
    }
}
