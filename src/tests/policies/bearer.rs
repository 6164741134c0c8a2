//! Access tokens that programs bring (BA of the security catalogue). Single claims are tested in `oidc::bearer_token`.

use std::time::Duration;

use http::header::{SET_COOKIE, WWW_AUTHENTICATE};
use kinde_leptos::auth::Policy;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{API, get_with, pass, session_of, site, token_of, with_token};
use crate::harness::{Browser, GREETING_FUNCTION, ITEM_FUNCTION, Log, SESSION_COOKIE, Site, client, person};

const REFUSED: &str = r#"Bearer realm="api", error="invalid_token""#;

/// The members of an order of a token for a person.
fn order(members: Value) -> Value {
    let mut order = json!({"person": "ada", "audience": [API]});
    order.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    order
}

/// A token from the tenant's mint.
async fn mint(site: &Site, order: Value) -> String {
    site.tenant.mint(order).await
}

async fn api() -> Site {
    site(Policy::permission("read:members")).await
}

// BA-1
#[tokio::test]
async fn a_good_token_opens_functions_and_pages_as_json() {
    let site = api().await;
    let token = mint(&site, order(json!({"claims": {"name": "Ada Lovelace"}}))).await;
    for path in ["/", GREETING_FUNCTION] {
        let (status, headers, body) = with_token(&site, path, &token).await;
        let expected = json!({"info": "Route protected with Kinde", "user_info": "Ada Lovelace"});
        assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (200, expected), "{path}");
        assert_eq!(headers.get(SET_COOKIE), None, "{path}");
        assert_eq!(headers["cache-control"], "private, no-store", "{path}");
    }
    for path in ["/items/7?q=x", &format!("{ITEM_FUNCTION}?item_id=7&q=x"), "/route", "/function"] {
        assert_eq!(with_token(&site, path, &token).await.0, 200, "{path}");
    }
}

/// The greeting names a user by `name`, `email`, else `sub`, and a machine by its client.
#[tokio::test]
async fn the_greeting_names_the_caller() {
    let site = api().await;
    let subject = &person("ada").subject;
    let machine = json!({"audience": [API], "claims": {"azp": "a-machine"}});
    for (order, name) in [
        (order(json!({"claims": {"name": "Ada", "email": "ada@example.com"}})), "Ada"),
        (order(json!({"claims": {"name": null, "email": "ada@example.com"}})), "ada@example.com"),
        (order(json!({"claims": {"name": null, "email": null}})), subject.as_str()),
        (machine, "a-machine"),
    ] {
        let (status, _, body) = with_token(&site, GREETING_FUNCTION, &mint(&site, order).await).await;
        assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()["user_info"].as_str()), (200, Some(name)));
    }
}

// BA-2
#[tokio::test]
async fn a_request_without_a_usable_token_is_401_with_a_challenge() {
    let site = api().await;
    let challenges = [
        (vec![], r#"Bearer realm="api""#),
        (vec![("authorization", "Basic dTpw")], r#"Bearer realm="api""#),
        (vec![("authorization", "Bearer")], REFUSED),
        (vec![("authorization", "Bearer ")], REFUSED),
        (vec![("authorization", "Bearer not-a-token")], REFUSED),
        (vec![("authorization", "Bearer a.b.c")], REFUSED),
        (vec![("authorization", "Bearer eyJ.eyJ.")], REFUSED),
    ];
    for (headers, challenge) in challenges {
        for path in ["/", GREETING_FUNCTION, "/items/1", "/route", "/function"] {
            let (status, response, body) = get_with(&site, path, &headers).await;
            assert_eq!((status, &response[WWW_AUTHENTICATE]), (401, &challenge.parse().unwrap()), "{path} {headers:?}");
            assert_eq!((response.get("location"), response.get(SET_COOKIE)), (None, None), "{path} {headers:?}");
            if !matches!(path, "/route" | "/function") {
                assert_eq!(body, r#"{"detail":"Not authenticated"}"#, "{path} {headers:?}");
            }
        }
    }
}

// BA-3, BA-4, BA-5
#[tokio::test]
async fn tokens_that_are_not_for_this_api_are_refused_and_cause_no_request() {
    let site = api().await;
    let now = OffsetDateTime::now_utc().unix_timestamp();
    assert_eq!(with_token(&site, "/", &mint(&site, order(json!({}))).await).await.0, 200);
    site.tenant.clear_log().await;
    for claims in [
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"aud": ["https://other.example/api"]}),
        json!({"aud": [site.tenant.client_id()]}),
        json!({"aud": [site.tenant.issuer()]}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": format!("{}.evil.example", site.tenant.issuer())}),
        json!({"exp": now - 120}),
        json!({"exp": null}),
        json!({"nbf": now + 120}),
        json!({"iat": now + 120}),
        json!({"iat": null}),
        json!({"nonce": "x"}),
        json!({"at_hash": "x"}),
        json!({"sub": null}),
    ] {
        let (status, headers, _) = with_token(&site, "/", &mint(&site, order(json!({"claims": claims}))).await).await;
        assert_eq!((status, headers[WWW_AUTHENTICATE].to_str().unwrap()), (401, REFUSED), "{claims}");
    }
    let several = mint(&site, order(json!({"audience": ["https://other.example", API]}))).await;
    assert_eq!(with_token(&site, "/", &several).await.0, 200);
    assert_eq!(site.tenant.log().await.len(), 0);
}

// BA-6
#[tokio::test]
async fn forged_tokens_are_refused() {
    let site = api().await;
    let good = mint(&site, order(json!({}))).await;
    assert_eq!(with_token(&site, "/", &good).await.0, 200);
    let mut accepted = Vec::new();
    for fault in site.tenant.fault_names().await {
        // Some faults are not of a token's claims or signature.
        let Some(token) = site.tenant.try_mint(order(json!({ "fault": fault }))).await else { continue };
        let status = with_token(&site, "/", &token).await.0;
        if status == 200 {
            accepted.push(fault);
        } else {
            assert_eq!(status, 401, "{fault}");
        }
    }
    // What makes an ID token wrong but not an access token of the API (whom it was issued to, a further audience, no
    // nonce), and what clocks that differ excuse.
    let right = [
        "id_iss_trailing_slash",
        "id_aud_untrusted_extra",
        "id_wrong_azp",
        "id_missing_azp",
        "id_missing_nonce",
        "id_expired_30s",
        "id_iat_future_30s",
        "id_sub_other",
        "id_no_kid",
        "id_no_kid_multiple_jwks",
    ];
    assert_eq!(accepted, right);
}

#[tokio::test]
async fn without_the_store_it_is_not_known_whether_a_token_still_counts() {
    let (site, store) = Site::start_breakable(|config| {
        *config = config.clone().with_api_audiences([API]);
    })
    .await;
    let token = mint(&site, order(json!({}))).await;
    store.fail();
    let (status, headers, _) = with_token(&site, "/", &token).await;
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (503, "2"));
}

// BA-8
#[tokio::test]
async fn a_token_in_query_or_body_is_no_token() {
    let site = api().await;
    let token = mint(&site, order(json!({}))).await;
    for path in ["/", GREETING_FUNCTION, "/route", "/function"] {
        assert_eq!(get_with(&site, &format!("{path}?access_token={token}"), &[]).await.0, 401, "{path}");
        let form = format!("access_token={token}");
        for method in [http::Method::GET, http::Method::POST] {
            let request = client().request(method.clone(), site.at(path)).header("accept", "application/json");
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.clone());
            let status = request.send().await.unwrap().status().as_u16();
            assert!(matches!(status, 401 | 405), "{method} {path}: {status}");
        }
    }
}

// BA-9
#[tokio::test]
async fn a_token_decides_alone() {
    let site = api().await;
    let browser = site.signed_in("grace").await;
    let cookie = format!("{SESSION_COOKIE}={}", browser.session().unwrap());
    let ada = mint(&site, order(json!({"claims": {"name": "Ada Lovelace"}}))).await;
    let bearer = format!("Bearer {ada}");
    for path in ["/", GREETING_FUNCTION] {
        let by_token = get_with(&site, path, &[("cookie", &cookie), ("authorization", &bearer)]).await;
        assert!(by_token.2.contains("Ada Lovelace") && by_token.1.get(SET_COOKIE).is_none(), "{by_token:?}");
        let (status, headers, _) = get_with(&site, path, &[("cookie", &cookie), ("authorization", "Bearer x")]).await;
        assert_eq!((status, headers.get(SET_COOKIE)), (401, None), "{path}");
        for headers in [
            [("authorization", bearer.as_str()), ("authorization", bearer.as_str())],
            [("authorization", "Basic dTpw"), ("authorization", bearer.as_str())],
        ] {
            assert_eq!(get_with(&site, path, &headers).await.0, 400, "{path}");
        }
    }
}

/// A request for a page ignores tokens, and any request the other schemes: a staging password must not break pages.
#[tokio::test]
async fn pages_and_other_schemes_go_by_the_cookie() {
    let site = api().await;
    let mut browser = site.signed_in("grace").await;
    let token = format!("Bearer {}", mint(&site, order(json!({}))).await);
    for authorization in [token.as_str(), "Bearer x", "Basic dTpw"] {
        let headers = [("accept", "text/html"), ("authorization", authorization)];
        let page = browser.send(http::Method::GET, &site.at("/"), &headers, None).await;
        assert!(page.status == 200 && page.body.contains("Grace"), "{authorization}");
    }
    let headers = [("accept", "application/json"), ("authorization", "Basic dTpw")];
    let json = browser.send(http::Method::GET, &site.at("/"), &headers, None).await;
    assert_eq!(json.json()["user_info"], "Grace");
    let mut stranger = Browser::new();
    let headers = [("accept", "text/html"), ("authorization", token.as_str())];
    assert_eq!(stranger.send(http::Method::GET, &site.at("/"), &headers, None).await.status, 303);
}

/// On a route that returns nothing but JSON a token decides whatever the request accepts.
#[tokio::test]
async fn functions_take_tokens_whatever_the_request_accepts() {
    let site = api().await;
    let token = mint(&site, order(json!({}))).await;
    for accept in ["text/html", "*/*"] {
        let request = client().get(site.at(GREETING_FUNCTION)).header("accept", accept).bearer_auth(&token);
        assert_eq!(request.send().await.unwrap().status(), 200, "{accept}");
    }
}

// BA-10
#[tokio::test]
async fn a_policy_that_fails_is_insufficient_scope() {
    let scoped = Policy::all([Policy::permission("read:members"), Policy::scope("read"), Policy::scope("write")]);
    for (policy, challenge) in [
        (Policy::permission("other"), r#"Bearer realm="api", error="insufficient_scope""#),
        (scoped, r#"Bearer realm="api", error="insufficient_scope", scope="read write""#),
    ] {
        let site = site(policy).await;
        let token = mint(&site, order(json!({"scope": ["read"]}))).await;
        for path in ["/route", "/function"] {
            let (status, headers, body) = with_token(&site, path, &token).await;
            assert_eq!((status, headers[WWW_AUTHENTICATE].to_str().unwrap()), (403, challenge), "{path}");
            assert!(body.contains("Not allowed"), "{body}");
        }
        // Users with a cookie have no scope to ask for.
        let mut browser = site.signed_in("ada").await;
        assert_eq!(browser.get_json(&site.at("/route")).await.header("www-authenticate"), "");
    }
}

// BA-11
#[tokio::test]
async fn the_schemes_case_does_not_matter_and_a_large_token_does_no_harm() {
    let site = api().await;
    let token = mint(&site, order(json!({}))).await;
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        assert_eq!(get_with(&site, "/", &[("authorization", &format!("{scheme} {token}"))]).await.0, 200, "{scheme}");
    }
    let large = mint(&site, order(json!({"claims": {"padding": "x".repeat(65_000)}}))).await;
    let status = with_token(&site, "/", &large).await.0;
    assert!(matches!(status, 200 | 431), "{status}");
}

// BA-12
#[tokio::test]
async fn a_token_of_a_suspended_user_ends_at_once_and_a_later_one_does_not() {
    let site = api().await;
    let subject = &person("ada").subject;
    let token = mint(&site, order(json!({}))).await;
    assert_eq!(with_token(&site, "/", &token).await.0, 200);
    site.auth.end_access_of(subject, OffsetDateTime::now_utc()).await.unwrap();
    let (status, headers, _) = with_token(&site, "/", &token).await;
    assert_eq!((status, headers[WWW_AUTHENTICATE].to_str().unwrap()), (401, REFUSED));
    pass(&site, Duration::from_secs(120)).await;
    assert_eq!(with_token(&site, "/", &token).await.0, 401);
    assert_eq!(with_token(&site, "/", &mint(&site, order(json!({}))).await).await.0, 200);
    // An earlier end that arrives late changes nothing.
    let before = OffsetDateTime::now_utc() - Duration::from_secs(3600);
    site.auth.end_access_of(subject, before).await.unwrap();
    assert_eq!(with_token(&site, "/", &token).await.0, 401);
    // Others are not concerned.
    assert_eq!(with_token(&site, "/", &mint(&site, order(json!({"person": "grace"}))).await).await.0, 200);
}

#[tokio::test]
async fn the_rights_of_a_token_that_is_older_than_a_change_are_asked_for() {
    let site = api().await;
    site.signed_in("ada").await;
    let token = token_of(&site, "ada").await;
    assert_eq!(with_token(&site, "/route", &token).await.0, 200);
    site.tenant.change_person("ada", json!({"permissions": []})).await;
    assert_eq!(with_token(&site, "/route", &token).await.0, 200);
    site.auth.invalidate_rights_of(&person("ada").subject).await.unwrap();
    assert_eq!(with_token(&site, "/route", &token).await.0, 403);
    site.tenant.change_person("ada", json!({"permissions": ["read:members"]})).await;
    site.auth.invalidate_all_rights().await.unwrap();
    assert_eq!(with_token(&site, "/route", &token).await.0, 200);
}

/// Machines have the rights of their token, and are never looked up.
#[tokio::test]
async fn a_machine_has_the_scopes_of_its_token_and_nothing_else() {
    let site = site(Policy::scope("read:items")).await;
    let machine = site.tenant.machine_client(API, &["read:items"]).await;
    let token = site.tenant.token_of(&machine).await;
    site.tenant.clear_log().await;
    assert_eq!(with_token(&site, "/route", &token).await.0, 200);
    let (_, _, greeting) = with_token(&site, GREETING_FUNCTION, &token).await;
    assert_eq!(serde_json::from_str::<Value>(&greeting).unwrap()["user_info"], machine.client_id.as_str());
    for policy in [Policy::permission("read:members"), Policy::entitlement("items").into()] {
        let site = super::site(policy.fresh()).await;
        let machine = json!({"audience": [API], "scope": ["read:items"]});
        let token = mint(&site, machine).await;
        site.tenant.fault("account_500").await;
        assert_eq!(with_token(&site, "/route", &token).await.0, 403);
    }
}

#[tokio::test]
async fn without_an_audience_every_token_is_refused_and_the_log_says_so_once() {
    let log = Log::capture();
    let site = Site::start().await;
    let token = mint(&site, order(json!({}))).await;
    for _ in 0..3 {
        let (status, headers, _) = with_token(&site, "/", &token).await;
        assert_eq!((status, headers[WWW_AUTHENTICATE].to_str().unwrap()), (401, REFUSED));
    }
    assert_eq!(log.lines_with("no audience is set: such requests").len(), 1, "{}", log.text());
    assert!(!log.text().contains(&token[..40]));
}

/// An ID token of a sign-in, and the access token of one that requested another audience, open nothing.
#[tokio::test]
async fn tokens_of_a_sign_in_open_the_api_only_if_it_requested_its_audience() {
    let site = api().await;
    site.signed_in("ada").await;
    assert_eq!(with_token(&site, "/", &token_of(&site, "ada").await).await.0, 200);
    let without = Site::start_with(|config| *config = config.clone().with_api_audiences([API])).await;
    without.signed_in("ada").await;
    let session = session_of(&without, "ada").await;
    assert!(without.auth.tokens(&session).await.unwrap().is_some());
    assert_eq!(with_token(&without, "/", &token_of(&without, "ada").await).await.0, 401);
}
