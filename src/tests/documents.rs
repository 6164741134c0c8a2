//! The documents: `/openapi.json` describes exactly the routes that exist, and the files of the site are served.
//! The page that shows it is tested in `docs`.

use kinde_leptos::assets::{ICON, STYLE_SHEET};
use kinde_leptos::auth::paths as auth_paths;
use kinde_leptos::paths;
use reqwest::Method;
use serde_json::Value;

use crate::harness::{Browser, Response, Site};

/// Method and path of every page and sign-in route: a new one must be put on this list.
const ROUTES: &[(&str, &str)] = &[
    ("get", paths::HOME),
    ("get", paths::ITEMS),
    ("get", paths::ITEM),
    ("get", paths::MEMBERS),
    ("get", auth_paths::ACCOUNT),
    ("get", auth_paths::SIGNED_OUT),
    ("post", paths::THEME),
    ("get", auth_paths::LOGIN),
    ("get", auth_paths::REGISTER),
    ("get", auth_paths::CREATE_ORG),
    ("get", auth_paths::SWITCH_ORG),
    ("get", auth_paths::PORTAL),
    ("get", auth_paths::CALLBACK),
    ("get", auth_paths::LOGOUT),
    ("post", auth_paths::LOGOUT),
    ("post", auth_paths::LOGOUT_EVERYWHERE),
    ("get", auth_paths::SESSION),
    ("post", auth_paths::SESSION),
    ("post", auth_paths::END_SESSION),
    ("post", auth_paths::BACKCHANNEL_LOGOUT),
    ("post", auth_paths::WEBHOOKS),
    ("get", paths::HEALTH),
    ("get", paths::READINESS),
    ("get", paths::SETUP),
    ("get", paths::AUTH_HEALTH),
];

/// The other tests name paths by their constants; users and programs know them by these texts.
#[test]
fn the_paths_are_those_that_links_and_programs_use() {
    let pages = ["/", "/items", "/items/{item_id}", "/members", "/account", "/signed-out", "/theme"];
    assert_eq!(ROUTES.iter().map(|(_, path)| *path).take(pages.len()).collect::<Vec<_>>(), pages);
    let sign_in = [
        auth_paths::LOGIN,
        auth_paths::REGISTER,
        auth_paths::CREATE_ORG,
        auth_paths::SWITCH_ORG,
        auth_paths::PORTAL,
        auth_paths::CALLBACK,
        auth_paths::LOGOUT,
        auth_paths::LOGOUT_EVERYWHERE,
        auth_paths::SESSION,
        auth_paths::END_SESSION,
        auth_paths::BACKCHANNEL_LOGOUT,
    ];
    assert_eq!(
        sign_in.map(|path| path.trim_start_matches("/api/auth/")),
        [
            "login",
            "register",
            "create_org",
            "switch_org",
            "portal",
            "kinde_callback",
            "logout",
            "logout_everywhere",
            "session",
            "sessions/end",
            "backchannel_logout",
        ]
    );
    assert_eq!(auth_paths::WEBHOOKS, "/api/webhooks/kinde");
    assert_eq!([paths::HEALTH, paths::READINESS, paths::DOCS], ["/healthz", "/readyz", "/docs"]);
    assert_eq!([paths::SETUP, paths::AUTH_HEALTH], ["/setup", "/api/auth/health"]);
    assert_eq!([paths::OPENAPI, paths::ROBOTS], ["/openapi.json", "/robots.txt"]);
}

/// A route as the document describes it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Described {
    path: String,
    method: String,
    is_protected: bool,
}

impl Described {
    /// Sends the route a program's request, with a value for every parameter.
    async fn request(&self, browser: &mut Browser, site: &Site) -> Response {
        let url = site.at(&format!("{}?item_id=1", self.path.replace("{item_id}", "1")));
        let method: Method = self.method.to_uppercase().parse().unwrap();
        browser.send(method, &url, &[("accept", "application/json")], None).await
    }
}

async fn document(site: &Site) -> Value {
    let response = Browser::new().get(&site.at(paths::OPENAPI)).await;
    assert_eq!((response.status, response.header("content-type")), (200, "application/json"));
    response.json()
}

fn described(document: &Value) -> Vec<Described> {
    let paths = document["paths"].as_object().unwrap().iter();
    let mut all: Vec<_> = paths
        .flat_map(|(path, operations)| {
            operations.as_object().unwrap().iter().map(|(method, operation)| Described {
                path: path.clone(),
                method: method.clone(),
                is_protected: operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
            })
        })
        .collect();
    all.sort();
    all
}

fn functions() -> Vec<(String, &'static str)> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (method.as_str().to_lowercase(), path)).collect()
}

#[tokio::test]
async fn the_document_has_exactly_the_routes_that_are_mounted() {
    let site = Site::start().await;
    let routes = ROUTES.iter().map(|(method, path)| ((*method).to_owned(), *path));
    let mut mounted: Vec<_> = routes.chain(functions()).map(|(method, path)| (path, method)).collect();
    mounted.sort();
    let document = document(&site).await;
    let described = described(&document);
    let described: Vec<_> = described.iter().map(|route| (route.path.as_str(), route.method.clone())).collect();
    assert_eq!(described, mounted);
}

#[tokio::test]
async fn exactly_the_routes_under_the_rate_limit_are_described_with_429() {
    let document = document(&Site::start().await).await;
    for &(method, path) in ROUTES {
        let limited = [
            auth_paths::LOGIN,
            auth_paths::REGISTER,
            auth_paths::CREATE_ORG,
            auth_paths::SWITCH_ORG,
            auth_paths::PORTAL,
            auth_paths::CALLBACK,
            auth_paths::BACKCHANNEL_LOGOUT,
            auth_paths::WEBHOOKS,
        ];
        let is_limited = limited.contains(&path);
        let responses = &document["paths"][path][method]["responses"];
        assert_eq!(responses.get("429").is_some(), is_limited, "{method} {path}");
    }
}

#[tokio::test]
async fn every_described_route_responds() {
    let (kinde, plain) = (Site::start().await, Site::start_plain(|_| {}).await);
    for route in described(&document(&kinde).await) {
        let site = if route.path == auth_paths::BACKCHANNEL_LOGOUT { &plain } else { &kinde };
        let response = route.request(&mut site.signed_in("ada").await, site).await;
        assert!(![401, 404, 405, 500].contains(&response.status), "{route:?}: {}", response.status);
    }
}

#[tokio::test]
async fn exactly_the_routes_described_as_protected_need_a_session() {
    let site = Site::start().await;
    let routes = described(&document(&site).await);
    assert!(routes.iter().any(|route| route.is_protected));
    for route in routes {
        let status = route.request(&mut Browser::new(), &site).await.status;
        assert_eq!(status == 401, route.is_protected, "{route:?}: {status}");
    }
}

/// Which routes take access tokens is described as it is.
#[tokio::test]
async fn exactly_the_routes_described_with_bearer_take_access_tokens() {
    const API: &str = "https://app.example/api";
    let site = Site::start_with(|config| *config = config.clone().with_api_audiences([API])).await;
    let token = format!("Bearer {}", site.tenant.token_for("ada", API).await);
    let document = document(&site).await;
    let mut taken = 0;
    for route in described(&document).into_iter().filter(|route| route.is_protected) {
        let security = document["paths"][&route.path][&route.method]["security"].as_array().unwrap();
        let takes_tokens = security.iter().any(|scheme| scheme.get("bearer").is_some());
        let url = site.at(&format!("{}?item_id=1", route.path.replace("{item_id}", "1")));
        let headers = [("accept", "application/json"), ("authorization", token.as_str())];
        let method: Method = route.method.to_uppercase().parse().unwrap();
        let response = Browser::new().send(method, &url, &headers, None).await;
        // A policy may refuse this caller, whom the route knows by the token.
        let is_possible = if takes_tokens {
            matches!(response.status, 200 | 303 | 403)
        } else {
            matches!(response.status, 401 | 403)
        };
        assert!(is_possible, "{route:?}: {}", response.status);
        taken += usize::from(takes_tokens);
    }
    assert!(taken > 0);
}

#[tokio::test]
async fn the_cookie_scheme_names_the_cookie_that_signs_in() {
    let site = Site::start().await;
    let scheme = &document(&site).await["components"]["securitySchemes"]["session"];
    assert_eq!((&scheme["type"], &scheme["in"]), (&"apiKey".into(), &"cookie".into()));
    let signed_in = site.signed_in("ada").await;
    let value = signed_in.cookie("localhost", scheme["name"].as_str().unwrap()).expect("a cookie of that name");
    let mut other = Browser::new();
    other.set_cookie("localhost", scheme["name"].as_str().unwrap(), value);
    assert_eq!(other.get_json(&site.at("/")).await.status, 200);
}

#[tokio::test]
async fn every_reference_in_the_document_leads_somewhere() {
    let site = Site::start().await;
    let document = document(&site).await;
    let text = document.to_string();
    let references: Vec<_> = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!references.is_empty());
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn pages_that_nobody_need_be_signed_in_for_describe_themselves_and_others_are_not_for_crawlers() {
    let site = Site::start().await;
    let is_described = "<meta name=\"description\" content=\"";
    let public = Browser::new().get(&site.at("/signed-out")).await;
    assert!(public.body.contains(is_described) && public.header("x-robots-tag").is_empty(), "{}", public.body);
    let own = site.signed_in("ada").await.get(&site.at("/")).await;
    assert!(!own.body.contains(is_described) && own.header("x-robots-tag") == "noindex", "{}", own.body);
}

#[tokio::test]
async fn every_page_links_the_style_sheet_and_the_icon() {
    let site = Site::start().await;
    for path in ["/signed-out", "/nothing-here"] {
        let page = Browser::new().get(&site.at(path)).await;
        for file in [&STYLE_SHEET, &ICON] {
            assert!(page.body.contains(&format!("href=\"{}\"", file.path())), "{path}: {}", file.path());
        }
    }
}
