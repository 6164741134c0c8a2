//! Every operation of the page against the running tenant: what is there is there, and what is not says so.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Machine, operations, tenant};
use crate::harness::client;

/// The path with a value that nothing has for each of its parameters.
fn filled(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "unheard-of" } else { part }.to_owned();
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_tenant_has_exactly_the_operations_that_the_page_says() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    let (mut there, mut missing) = (0, 0);
    for operation in operations() {
        let path = filled(operation.path);
        let url = format!("{}{path}", tenant.origin());
        let what = format!("{} {}", operation.method, operation.path);
        if !operation.path.starts_with("/api/v1/") {
            let request = client().request(operation.method.clone(), &url).form(&[("token", "unheard-of")]);
            let status = request.send().await.unwrap().status().as_u16();
            assert!(operation.is_there && matches!(status, 401 | 403), "{what}: {status}");
            continue;
        }
        let (status, body) = machine.send(operation.method.clone(), &path, &Value::Null).await;
        let code = body["errors"][0]["code"].as_str().unwrap_or_default();
        assert_eq!((status == 501, code == "NOT_IMPLEMENTED"), (!operation.is_there, !operation.is_there), "{what}");
        if operation.is_there {
            assert!(matches!(status, 200 | 201 | 400 | 404), "{what}: {status} {body}");
            assert!(body["errors"].is_null() || body["errors"].is_array(), "{what} has no route: {body}");
            there += 1;
        } else {
            let message = body["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("kinde_leptos::dev_issuer") && message.contains("kinde_api"), "{message}");
            missing += 1;
        }
    }
    assert_eq!(there + missing, 178);
}

#[tokio::test]
async fn every_operation_needs_a_token_with_its_scope() {
    let tenant = tenant().await;
    let without_scopes = Machine::with_scopes(&tenant, &[]).await;
    for operation in operations().iter().filter(|operation| operation.is_there && operation.scope.is_some()) {
        let (path, scope) = (filled(operation.path), operation.scope.unwrap());
        let what = format!("{} {}", operation.method, operation.path);
        let (status, body) = without_scopes.send(operation.method.clone(), &path, &Value::Null).await;
        assert_eq!((status, body["errors"][0]["code"].as_str()), (403, Some("MISSING_SCOPE")), "{what}");
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(scope), "{what}: {body}");
        let nobody = Machine { origin: tenant.origin().to_owned(), token: String::new() };
        let (status, body) = nobody.send(operation.method.clone(), &path, &Value::Null).await;
        assert_eq!((status, body["errors"][0]["code"].as_str()), (403, Some("INVALID_CREDENTIALS")), "{what}");
    }
}

#[tokio::test]
async fn a_path_that_kinde_does_not_have_gets_kindes_own_error() {
    let tenant = tenant().await;
    let machine = Machine::of(&tenant).await;
    for path in ["/api/v1/nothing", "/api/v1/users/kp_1/nothing"] {
        let (status, body) = machine.send(Method::GET, path, &Value::Null).await;
        let error = json!({"code": "ROUTE_NOT_FOUND", "message": "The requested API route does not exist"});
        assert_eq!((status, &body["errors"]), (404, &error), "{path}");
    }
}
