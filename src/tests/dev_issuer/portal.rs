//! The tenant's self-serve portal: the link to it, the page that the link opens once, and the faults of the link.
//! The shape of the response with the link is tested in `frontend_api`, how the app uses it in `portal`.

use serde_json::{Value, json};

use super::harness::{TenantClient, account_api, change, json as body, listed};

/// The sections that Kinde's OpenAPI file, its SDKs and its documentation name.
const SECTIONS: [&str; 12] = [
    "profile",
    "organization_details",
    "organization_members",
    "organization_payment_details",
    "organization_plan_details",
    "organization_plan_selection",
    "payment_details",
    "plan_details",
    "plan_selection",
    "api_keys",
    "user_api_keys",
    "organization_api_keys",
];

const RETURN_URL: (&str, &str) = ("return_url", "http://localhost:8000/items/1?q=a%26b");

/// The path of the link that the account API returns to a request with these parameters.
async fn link(tenant: &TenantClient, tokens: &Value, parameters: &[(&str, &str)]) -> String {
    let request = account_api(tenant, tokens, "portal_link").query(parameters);
    let response = body(request.send().await.unwrap()).await;
    let url = response["url"].as_str().unwrap();
    url.strip_prefix(tenant.server.origin()).unwrap_or_else(|| panic!("{url}")).to_owned()
}

/// The status and the text of a page.
async fn open(tenant: &TenantClient, path: &str) -> (u16, String) {
    let response = tenant.get(path).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_link_opens_the_section_of_its_person_once() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for section in SECTIONS {
        for name in ["subnav", "sub_nav"] {
            let link = link(&tenant, &tokens, &[(name, section), RETURN_URL]).await;
            assert!(link.starts_with("/portal_redirect?key="), "{link}");
            let (status, text) = open(&tenant, &link).await;
            assert_eq!(status, 200, "{text}");
            let named = format!("<strong>{section}</strong> of Ada Lovelace, ada@example.com");
            assert!(text.contains(&named), "{named}: {text}");
            assert!(text.contains(r#"href="http://localhost:8000/items/1?q=a%26b">Back"#), "{text}");
            let (status, text) = open(&tenant, &link).await;
            assert_eq!(status, 400, "{text}");
            assert!(text.contains("was used"), "{text}");
        }
    }
}

#[tokio::test]
async fn without_a_known_section_the_profile_opens() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("grace", &[]).await;
    for parameters in [&[][..], &[("subnav", "cellar")], &[("sub_nav", "")]] {
        let link = link(&tenant, &tokens, parameters).await;
        let (status, text) = open(&tenant, &link).await;
        assert_eq!(status, 200, "{parameters:?}");
        assert!(text.contains("<strong>profile</strong> of Grace"), "{text}");
        assert!(!text.contains("Back to the application"), "{text}");
    }
}

#[tokio::test]
async fn what_a_request_or_a_person_brings_is_text_on_the_page() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    change(&tenant, "ada", json!({"given_name": "<b>Ada"})).await;
    for url in ["javascript:alert(1)", "http://x/\"><script>alert(1)</script>"] {
        let link = link(&tenant, &tokens, &[("return_url", url)]).await;
        let (status, text) = open(&tenant, &link).await;
        assert_eq!(status, 200, "{url}");
        for markup in ["<b>", "<script", "javascript:"] {
            assert!(!text.contains(markup), "{markup}: {text}");
        }
    }
}

#[tokio::test]
async fn a_link_ends_after_a_quarter_of_an_hour_and_unknown_ones_open_nothing() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    let link = link(&tenant, &tokens, &[]).await;
    tenant.set(json!({"clock_offset": 900})).await;
    for path in [link.as_str(), "/portal_redirect", "/portal_redirect?key=", "/portal_redirect?key=made-up"] {
        assert_eq!(open(&tenant, path).await.0, 400, "{path}");
    }
}

#[tokio::test]
async fn faults_replace_the_address_of_the_portal_once() {
    let tenant = TenantClient::start().await;
    let tokens = tenant.tokens_for("ada", &[]).await;
    for (fault, url) in [
        ("portal_other_host", json!("https://evil.example/portal_redirect?key=x")),
        ("portal_http", json!("http://portal.kinde.com/portal_redirect?key=x")),
        ("portal_lookalike", json!("https://evilkinde.com/portal_redirect?key=x")),
        ("portal_user_name", json!("https://kinde.com@evil.example/portal_redirect?key=x")),
        ("portal_script", json!("javascript:alert(1)")),
        ("portal_no_url", Value::Null),
    ] {
        tenant.switch_on(fault).await;
        assert_eq!(listed(&tenant, &tokens, "portal_link").await["url"], url, "{fault}");
        assert!(link(&tenant, &tokens, &[]).await.starts_with("/portal_redirect"), "{fault} lasts");
    }
}
