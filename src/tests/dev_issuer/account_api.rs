//! The tenant's account API: its pages, its live values, an entitlement's limits, and the faults of its responses.
//! The shapes of its responses are tested in `frontend_api`, permissions and roles by organization in `rights`.

use serde_json::{Value, json};

use super::harness::{TenantClient, account_api, change, claims, held, json, listed, wait_for_held};

/// The keys of the records on a page, and the page's metadata.
async fn page(tenant: &TenantClient, tokens: &Value, resource: &str) -> (Vec<String>, Value) {
    let page = listed(tenant, tokens, resource).await;
    let name = resource.split('?').next().unwrap();
    let key = |record: &Value| record.get("key").or(record.get("feature_key")).unwrap().as_str().unwrap().to_owned();
    (page["data"][name].as_array().unwrap().iter().map(key).collect(), page["metadata"].clone())
}

/// All keys of a resource, page by page, and the number of pages.
async fn all_pages(tenant: &TenantClient, tokens: &Value, resource: &str, size: usize) -> (Vec<String>, usize) {
    let (mut keys, mut pages, mut start) = (Vec::new(), 0, String::new());
    loop {
        let query = format!("{resource}?page_size={size}&starting_after={start}");
        let (found, metadata) = page(tenant, tokens, &query).await;
        assert!(found.len() <= size, "{query}");
        keys.extend(found);
        pages += 1;
        assert!(pages < 100, "{query} leads in a circle");
        if metadata["has_more"] == false {
            return (keys, pages);
        }
        start = metadata["next_page_starting_after"].as_str().unwrap().to_owned();
    }
}

#[tokio::test]
async fn a_page_has_ten_records_unless_the_request_says_otherwise() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("atlas", &[]).await;
    for (query, length) in [("", 10), ("?page_size=", 10), ("?page_size=1", 1), ("?page_size=100", 100)] {
        let (keys, metadata) = page(&tenant, &tokens, &format!("permissions{query}")).await;
        assert_eq!((keys.len(), &metadata["has_more"]), (length, &json!(true)), "{query}");
        assert_eq!(keys[0], "read:shelf-00000");
    }
    let (keys, pages) = all_pages(&tenant, &tokens, "permissions", 100).await;
    assert_eq!((keys.len(), pages, keys.last().unwrap().as_str()), (3_001, 31, "read:members"));
    assert_eq!(json!(keys), claims(&tokens["access_token"])["permissions"]);
}

#[tokio::test]
async fn every_list_is_paged() {
    let tenant = TenantClient::start().await;
    let several = json!({
        "roles": ["a", "b", "c"],
        "user_properties": {"city": {"v": "London"}, "street": {"v": "St James's"}},
        "organization_properties": {"city": {"v": "Turin"}, "trade": {"v": "engines"}},
        "entitlements": {"seats": {}, "items": {}, "storage": {}},
    });
    change(&tenant, "ada", several).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for (resource, expected) in [
        ("permissions", vec!["create:items", "read:items", "update:items", "read:members", "org:write:members"]),
        ("roles", vec!["a", "b", "c"]),
        ("feature_flags", vec!["competitions_limit", "is_dark_mode", "layout", "theme"]),
        ("properties", vec!["city", "street", "city", "trade"]),
        ("entitlements", vec!["items", "seats", "storage"]),
    ] {
        for size in 1..=expected.len() {
            let pages = expected.len().div_ceil(size);
            let expected = expected.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
            assert_eq!(all_pages(&tenant, &tokens, resource, size).await, (expected, pages), "{resource} by {size}");
        }
    }
}

#[tokio::test]
async fn a_page_after_an_unknown_record_is_empty_and_an_invalid_page_size_counts_as_absent() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("atlas", &[]).await;
    let (keys, metadata) = page(&tenant, &tokens, "permissions?starting_after=perm_unknown").await;
    assert_eq!((keys, metadata), (vec![], json!({"has_more": false})));
    for size in ["0", "-1", "ten", "1.5"] {
        let (keys, metadata) = page(&tenant, &tokens, &format!("permissions?page_size={size}")).await;
        assert_eq!((keys.len(), &metadata["has_more"]), (10, &json!(true)), "{size}");
    }
}

#[tokio::test]
async fn changes_of_a_person_show_at_once_whatever_the_token_says() {
    let tenant = TenantClient::start().await;
    change(&tenant, "grace", json!({"claims": {"permissions": ["invented"], "roles": null}})).await;
    let tokens = tenant.tokens_for("grace", &[]).await;
    let token = claims(&tokens["access_token"]);
    assert_eq!(token["permissions"], json!(["invented"]));
    assert_eq!(page(&tenant, &tokens, "permissions").await.0, ["read:items", "read:members"]);
    let changes = json!({
        "permissions": ["read:ships"],
        "roles": ["admiral"],
        "feature_flags": {"nautical": {"t": "b", "v": true}},
        "user_properties": {"ship": {"v": "Missouri"}},
        "entitlements": {"ships": {"entitlement_limit_max": 3}},
    });
    assert_eq!(change(&tenant, "grace", changes).await.status(), 200);
    for (resource, keys) in [
        ("permissions", ["read:ships"]),
        ("roles", ["admiral"]),
        ("feature_flags", ["nautical"]),
        ("properties", ["ship"]),
        ("entitlements", ["ships"]),
    ] {
        assert_eq!(page(&tenant, &tokens, resource).await.0, keys, "{resource}");
    }
    let refreshed = json(tenant.refresh(&tokens).await).await;
    assert_eq!(refreshed["access_token"], tokens["access_token"], "the token is still the old one");
}

#[tokio::test]
async fn entitlements_are_a_persons_own_and_may_have_no_limit() {
    let tenant = TenantClient::start().await;
    let items = async |person: &str| {
        let tokens = tenant.tokens_for(person, &[("prompt", "login")]).await;
        let listed = listed(&tenant, &tokens, "entitlements").await["data"]["entitlements"].clone();
        listed.as_array().unwrap().iter().map(|item| item["entitlement_limit_max"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(items("ada").await, [100]);
    assert_eq!(items("grace").await, [Value::Null]);
    assert!(items("dorothy").await.is_empty());
    let limits = json!({"entitlements": {
        "seats": {"entitlement_limit_max": 5, "entitlement_limit_min": 1, "unit_amount": 250, "price_name": "Team"},
        "storage": {"entitlement_limit_max": null, "fixed_charge": 35, "feature_name": "Storage"},
    }});
    assert_eq!(json(change(&tenant, "dorothy", limits).await).await["entitlements"]["seats"]["unit_amount"], 250);
    assert_eq!(items("dorothy").await, [json!(5), Value::Null]);
    assert_eq!(items("ada").await, [100]);
}

#[tokio::test]
async fn one_entitlement_is_found_by_its_key_and_only_if_the_person_has_it() {
    let tenant = TenantClient::start().await;
    let seats = json!({"seats": {"entitlement_limit_max": 5, "entitlement_limit_min": 1}});
    change(&tenant, "ada", json!({"entitlements": seats})).await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for resource in ["entitlement/seats", "entitlement?key=seats", "entitlement"] {
        let found = listed(&tenant, &tokens, resource).await["data"]["entitlement"].clone();
        let limits = (&found["entitlement_limit_min"], &found["entitlement_limit_max"]);
        assert_eq!((&found["feature_key"], limits), (&json!("seats"), (&json!(1), &json!(5))), "{resource}");
    }
    for resource in ["entitlement/items", "entitlement?key=items"] {
        assert_eq!(account_api(&tenant, &tokens, resource).send().await.unwrap().status(), 404, "{resource}");
    }
    for refused in [
        json!({"entitlements": null}),
        json!({"entitlements": {"seats": {"entitlement_limit_max": "5"}}}),
        json!({"entitlements": {"seats": {"limit": 5}}}),
    ] {
        assert_eq!(change(&tenant, "ada", refused.clone()).await.status(), 400, "{refused}");
    }
}

#[tokio::test]
async fn faults_replace_the_response_of_every_resource_and_of_no_other_endpoint() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    tenant.set(json!({"retry_after": 9})).await;
    for (fault, status) in [
        ("account_401", 401),
        ("account_403", 403),
        ("account_404", 404),
        ("account_429", 429),
        ("account_500", 500),
        ("account_redirect", 307),
    ] {
        for resource in ["permissions", "roles", "feature_flags", "properties", "entitlements", "entitlement/items"] {
            tenant.switch_on(fault).await;
            let profile = tenant.get("/oauth2/v2/user_profile").bearer_auth(tokens["access_token"].as_str().unwrap());
            assert_eq!(profile.send().await.unwrap().status(), 200, "{fault}");
            let response = account_api(&tenant, &tokens, resource).send().await.unwrap();
            assert_eq!(response.status(), status, "{fault} {resource}");
            let waiting = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(waiting.as_deref(), (status == 429).then_some("9"), "{fault}");
            assert!(listed(&tenant, &tokens, resource).await["data"].is_object(), "{fault} lasts");
        }
    }
    for fault in ["account_malformed", "account_html", "account_empty"] {
        tenant.switch_on(fault).await;
        let text = account_api(&tenant, &tokens, "roles").send().await.unwrap().text().await.unwrap();
        assert!(serde_json::from_str::<Value>(&text).is_err(), "{fault}");
    }
    tenant.switch_on("account_drop").await;
    assert!(account_api(&tenant, &tokens, "roles").send().await.is_err());
    tenant.switch_on("account_drop_mid").await;
    assert!(account_api(&tenant, &tokens, "roles").send().await.unwrap().text().await.is_err());
    listed(&tenant, &tokens, "roles").await;
}

/// What a response says was read before it was held: a change during that time does not show in it.
#[tokio::test]
async fn a_held_response_has_the_values_of_the_time_of_its_request() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    tenant.switch_on("account_held").await;
    let (response, ()) = tokio::join!(account_api(&tenant, &tokens, "roles").send(), async {
        wait_for_held(&tenant, 1).await;
        change(&tenant, "ada", json!({"roles": ["former"]})).await;
        assert_eq!(held(&tenant).await, 1, "the response still waits");
        assert_eq!(page(&tenant, &tokens, "roles").await.0, ["former"]);
        tenant.delete("/dev/held").send().await.unwrap();
    });
    assert_eq!(json(response.unwrap()).await["data"]["roles"][0]["key"], "admin");
}

#[tokio::test]
async fn a_slow_response_ends_with_the_tenant() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    tenant.delete("/dev/log").send().await.unwrap();
    tenant.set(json!({"slow_seconds": 3_600})).await;
    tenant.switch_on("account_slow").await;
    let waiting = tokio::spawn(account_api(&tenant, &tokens, "roles").send());
    // The log shows the request as soon as the tenant has begun its delay.
    while tenant.logged_paths().await != ["/account_api/v1/roles"] {
        tokio::task::yield_now().await;
    }
    tenant.server.shut_down().await;
    assert!(waiting.await.unwrap().is_err());
}
