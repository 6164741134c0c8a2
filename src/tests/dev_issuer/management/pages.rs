//! The pages of lists, and their order.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Machine, each, tenant, text};

/// The ids of a whole list, page by page.
async fn all_pages(machine: &Machine, path: &str, list: &str, id: &str, size: usize) -> Vec<String> {
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let page = machine.get(&format!("{path}?page_size={size}&next_token={token}")).await;
        let ids = each(&page[list], id);
        assert!(ids.len() <= size && !ids.is_empty(), "{page}");
        all.extend(ids);
        match &page["next_token"] {
            Value::Null => return all,
            next => token = text(next),
        }
    }
}

#[tokio::test]
async fn paging_to_the_end_returns_each_once() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let people = tenant.people().await;
    let subjects: Vec<String> = people.iter().map(|person| text(&person["sub"])).collect();
    for size in [1, 3, subjects.len(), 100] {
        assert_eq!(all_pages(&machine, "/api/v1/users", "users", "id", size).await, subjects, "{size}");
    }
    let codes = all_pages(&machine, "/api/v1/organizations", "organizations", "code", 2).await;
    let mut distinct = codes.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!((codes.len(), distinct.len()), (3, 3));
}

#[tokio::test]
async fn a_page_goes_on_where_the_last_one_ended_although_its_last_record_is_gone() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let all = each(&machine.get("/api/v1/users?page_size=100").await["users"], "id");
    let page = machine.get("/api/v1/users?page_size=2").await;
    machine.delete(&format!("/api/v1/user?id={}", all[1])).await;
    let next = machine.get(&format!("/api/v1/users?page_size=2&next_token={}", text(&page["next_token"]))).await;
    assert_eq!(each(&next["users"], "id"), all[2..4]);
}

#[tokio::test]
async fn properties_are_paged_after_and_before_a_record() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let category = machine.post("/api/v1/property_categories", json!({"name": "More", "context": "usr"})).await;
    for key in ["a", "b", "c"] {
        let property = json!({
            "name": key, "key": key, "type": "single_line_text", "context": "usr", "is_private": false,
            "category_id": category["category"]["id"],
        });
        machine.post("/api/v1/properties", property).await;
    }
    let list = async |query: &str| machine.get(&format!("/api/v1/properties?context=usr&{query}")).await;
    let all = list("").await;
    let ids = each(&all["properties"], "id");
    assert_eq!((ids.len(), &all["has_more"]), (4, &json!(false)), "Ada's city is one of them");
    let page = list(&format!("page_size=2&starting_after={}", ids[0])).await;
    assert_eq!((each(&page["properties"], "id"), &page["has_more"]), (ids[1..3].to_vec(), &json!(true)));
    let page = list(&format!("page_size=2&ending_before={}", ids[3])).await;
    assert_eq!((each(&page["properties"], "id"), &page["has_more"]), (ids[1..3].to_vec(), &json!(true)));
    let page = list(&format!("ending_before={}", ids[1])).await;
    assert_eq!((each(&page["properties"], "id"), &page["has_more"]), (ids[..1].to_vec(), &json!(false)));
}

#[tokio::test]
async fn lists_are_sorted_as_requested() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    for (key, name) in [("b", "Xenia"), ("c", "anna"), ("a", "Zoe")] {
        machine.post("/api/v1/roles", json!({"key": key, "name": name})).await;
    }
    for (sort, keys) in [
        ("name_asc", ["admin", "c", "computer", "b", "a"]),
        ("name_desc", ["a", "b", "computer", "c", "admin"]),
        ("key_asc", ["a", "admin", "b", "c", "computer"]),
    ] {
        assert_eq!(each(&machine.get(&format!("/api/v1/roles?sort={sort}")).await["roles"], "key"), keys, "{sort}");
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_is_refused_by_the_name_of_the_parameter() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    for (path, parameter) in [
        ("/api/v1/users?page_size=0", "page_size"),
        ("/api/v1/users?page_size=many", "page_size"),
        ("/api/v1/users?next_token=x", "next_token"),
        ("/api/v1/users?active_since=yesterday", "active_since"),
        ("/api/v1/users?has_organization=maybe", "has_organization"),
        ("/api/v1/roles?sort=age_asc", "sort"),
        ("/api/v1/roles?sort=name", "sort"),
        ("/api/v1/properties?starting_after=prop_x", "starting_after"),
        ("/api/v1/properties?context=all", "context"),
        ("/api/v1/search/users?properties[city]=London", "properties"),
        ("/api/v1/user", "id"),
    ] {
        let message = machine.refused(Method::GET, path, Value::Null).await;
        assert!(message.starts_with(&format!("{parameter}: ")), "{path}: {message}");
    }
}
