//! The app's own tests, with an emulated Kinde tenant of their own: people sign in without a browser.

use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::COOKIE;
use axum::http::{Request, StatusCode};
use kinde_leptos::auth::{Client, Paths};
use kinde_leptos::sessions::{self, Namespace, StoreUrl};
use kinde_leptos::test_kit::{Cookie, LoginError, TestTenant};
use tempfile::TempDir;
use tower::ServiceExt;

use super::{Api, Machine, app};

const NEWS: &str = "http://127.0.0.1:1";

/// The app as a router that listens nowhere.
struct Notes {
    tenant: TestTenant,
    app: Router,
    _folder: TempDir,
}

impl Notes {
    async fn start() -> Result<Self, Box<dyn Error>> {
        let tenant = TestTenant::start_with("http://localhost:3000", Paths::below("/auth"), |_| {}).await;
        let folder = tempfile::tempdir()?;
        let store = StoreUrl::Sqlite(folder.path().join("sessions.db"));
        let store = sessions::open(&store, &Namespace::default()).await?;
        let client = Client::new(tenant.config().with_cookie_prefix("notes"), store)?;
        let machine = tenant.machine_client(NEWS, &["read:news"]).await;
        let machine = Machine::new(tenant.issuer(), machine.client_id, machine.client_secret, NEWS.to_owned())?;
        let api = Api { url: format!("{}/oauth2/v2/user_profile", tenant.origin()), client: reqwest::Client::new() };
        Ok(Self { app: app(&client, api, Arc::new(machine)), tenant, _folder: folder })
    }

    async fn login_as(&self, person: &str) -> Result<Cookie, LoginError> {
        self.tenant.login(person).in_process(&self.app).cookie().await
    }

    async fn get(&self, path: &str, cookie: &Cookie) -> Result<(StatusCode, String), Box<dyn Error>> {
        let request = Request::get(path).header(COOKIE, cookie).body(Body::empty())?;
        let response = self.app.clone().oneshot(request).await?;
        let status = response.status();
        Ok((status, String::from_utf8(to_bytes(response.into_body(), 10_000).await?.to_vec())?))
    }
}

#[tokio::test]
async fn users_see_their_own_notes() -> Result<(), Box<dyn Error>> {
    let notes = Notes::start().await?;
    for (person, name) in [("ada", "Ada Lovelace"), ("grace", "Grace")] {
        let cookie = notes.login_as(person).await?;
        assert_eq!(cookie.name(), "notes_session");
        assert_eq!(notes.get("/notes", &cookie).await?, (StatusCode::OK, format!("The notes of {name}")));
    }
    Ok(())
}

#[tokio::test]
async fn the_profile_is_asked_for_with_the_users_token() -> Result<(), Box<dyn Error>> {
    let notes = Notes::start().await?;
    let cookie = notes.login_as("ada").await?;
    let (status, profile) = notes.get("/profile", &cookie).await?;
    assert!(status == StatusCode::OK && profile.contains("Lovelace"), "{status} {profile}");
    notes.tenant.fault("userinfo_500").await;
    assert_eq!(notes.get("/profile", &cookie).await?.0, StatusCode::BAD_GATEWAY);
    Ok(())
}

#[tokio::test]
async fn a_suspended_user_does_not_get_in() -> Result<(), Box<dyn Error>> {
    let notes = Notes::start().await?;
    notes.tenant.change_person("ada", serde_json::json!({"is_suspended": true})).await;
    assert!(matches!(notes.login_as("ada").await, Err(LoginError::Suspended { .. })));
    Ok(())
}
