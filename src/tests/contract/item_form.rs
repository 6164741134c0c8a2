//! The route that the item form leads to without JavaScript: any text becomes one encoded segment of the item's
//! address.
//! The form itself is tested in `end2end`.

use super::{assert_json, assert_page};
use crate::harness::Site;
use kinde_leptos::paths::ITEMS;

#[tokio::test]
async fn the_form_leads_to_the_items_own_address() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (query, location) in [
        ("item_id=420&q=x", "/items/420?q=x"),
        ("item_id=420", "/items/420"),
        ("item_id=420&q=", "/items/420?q="),
        ("q=a%26b+c&item_id=1", "/items/1?q=a%26b+c"),
        ("item_id=1&item_id=2&q=a&q=b", "/items/2?q=b"),
        ("item_id=%2B4", "/items/%2B4"),
        ("item_id=+4", "/items/%204"),
        ("item_id=a%2Fb%3Fc%23d", "/items/a%2Fb%3Fc%23d"),
        ("item_id=%2F%2Fevil.example", "/items/%2F%2Fevil%2Eexample"),
        ("item_id=..%2F..%2Fdocs", "/items/%2E%2E%2F%2E%2E%2Fdocs"),
        ("item_id=...", "/items/%2E%2E%2E"),
        ("item_id=%5Cevil.example", "/items/%5Cevil%2Eexample"),
        ("item_id=%0D%0AX-Injected:1", "/items/%0D%0AX%2DInjected%3A1"),
        ("item_id=%2541", "/items/%2541"),
        ("item_id=%D9%A3", "/items/%D9%A3"),
    ] {
        let response = browser.get(&site.at(&format!("/items?{query}"))).await;
        assert_eq!((response.status, response.header("location")), (303, location), "{query}");
        assert!(response.location().unwrap().as_str().starts_with(&site.at("/items/")), "{query}");
        assert!(response.headers.get("x-injected").is_none());
    }
}

#[tokio::test]
async fn what_was_typed_arrives_unchanged() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for (sent, typed) in [("a%2Fb%3Fc%23d", "a/b?c#d"), ("%2541", "%41"), ("%D9%A3+x", "٣ x"), ("a%5Cb", "a\\b")] {
        let response = browser.get(&site.at(&format!("/items?item_id={sent}&q={sent}"))).await;
        let item = browser.get_json(response.location().unwrap().as_str()).await.json();
        assert_eq!(item["detail"][0]["input"], typed);
    }
}

#[tokio::test]
async fn without_an_item_id_there_is_nothing() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for path in [ITEMS, "/items?", "/items?q=x", "/items?ITEM_ID=1"] {
        assert_page(&browser.get(&site.at(path)).await, 404);
        assert_json(&browser.get_json(&site.at(path)).await, 404, r#"{"detail":"Not Found"}"#);
    }
}

#[tokio::test]
async fn a_text_that_can_be_no_segment_is_422_where_it_is() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    for written in ["", ".", ".."] {
        let address = site.at(&format!("/items?item_id={written}&q=x"));
        let page = browser.get(&address).await;
        assert_page(&page, 422);
        assert!(page.body.contains("Enter a whole number"), "{}", page.body);
        let body = format!(
            r#"{{"detail":[{{"type":"int_parsing","loc":["path","item_id"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":"{written}"}}]}}"#
        );
        assert_json(&browser.get_json(&address).await, 422, &body);
    }
}
