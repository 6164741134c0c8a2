//! Ten emulated tenants on one machine, each a process with a port of its own.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;

use crate::harness::{Program, client};

const CALLBACK: &str = "http://localhost:3000/callback";
/// What one may take of memory for itself, in kilobytes. The pages of the program are there once for all of them.
#[cfg(target_os = "linux")]
const OWN_MEMORY: u64 = 20_000;

/// Starts a tenant. Returns what it says when it is ready, and after what time.
fn start(folder: &std::path::Path) -> (Program, Value, Duration) {
    let begun = Instant::now();
    let mut tenant = Program::start(folder, &["dev-issuer", "--port", "0", "--json", "--callback-url", CALLBACK], &[]);
    tenant.read_until("\n");
    let said = serde_json::from_str(tenant.printed()).unwrap();
    (tenant, said, begun.elapsed())
}

/// Signs Ada in, and returns the token response.
async fn sign_in(said: &Value) -> Value {
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    let (issuer, id, secret) = (text("issuer"), text("client_id"), text("client_secret"));
    let parameters = [("response_type", "code"), ("client_id", &id), ("redirect_uri", CALLBACK), ("scope", "openid")];
    let page = client().get(format!("{issuer}/oauth2/auth")).query(&parameters).send().await.unwrap();
    let transaction = page.headers()["x-dev-transaction"].to_str().unwrap();
    let decision = [("transaction", transaction), ("person", "ada")];
    let decided = client().post(format!("{issuer}/sign-in")).form(&decision).send().await.unwrap();
    let target = url::Url::parse(decided.headers()["location"].to_str().unwrap()).unwrap();
    let code = target.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("client_id", &id),
        ("client_secret", &secret),
    ];
    let tokens = client().post(format!("{issuer}/oauth2/token")).form(&exchange).send().await.unwrap();
    serde_json::from_str(&tokens.text().await.unwrap()).unwrap()
}

/// The figure in kilobytes of that name in the system's description of a process.
#[cfg(target_os = "linux")]
fn kilobytes(tenant: &Program, name: &str) -> u64 {
    let status = tenant.status();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn ten_tenants_sign_people_in_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let tenants: Vec<_> = (0..10).map(|_| start(folder.path())).collect();
    let tokens = join_all(tenants.iter().map(|(_, said, _)| sign_in(said))).await;
    for (tokens, (_, said, _)) in tokens.iter().zip(&tenants) {
        assert!(tokens["id_token"].is_string(), "{said}: {tokens}");
    }
    let ready: Vec<_> = tenants.iter().map(|(_, _, time)| time.as_millis()).collect();
    println!("ready after milliseconds: {ready:?}");
    #[cfg(target_os = "linux")]
    for (tenant, ..) in &tenants {
        let (own, all) = (kilobytes(tenant, "RssAnon"), kilobytes(tenant, "VmRSS"));
        println!("{own} kB of its own, {all} kB with the pages of the program");
        assert!(own < OWN_MEMORY, "{own} kB");
    }
    for (tenant, ..) in tenants {
        assert_eq!(tenant.stop("TERM").code, Some(0));
    }
}
