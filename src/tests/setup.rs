//! `/setup` and `/api/auth/health`: where they are, what they say, and that sign-ins notice nothing of them. The
//! command line is tested in `process::check`, problems that the emulated tenant cannot have in `server::diagnosis`.

mod problems;
mod reach;
mod sign_ins;

use serde_json::Value;

use kinde_leptos::paths::AUTH_HEALTH;

use super::harness::{Browser, Site};

/// The diagnosis of a site.
async fn diagnosis(site: &Site) -> Value {
    let response = Browser::new().get(&site.at(AUTH_HEALTH)).await;
    assert_eq!((response.status, response.header("content-type")), (200, "application/json"), "{}", response.body);
    response.json()
}

/// What is wrong with a site, without the places.
async fn problems(site: &Site) -> Vec<String> {
    let diagnosis = diagnosis(site).await;
    let problems = diagnosis["problems"].as_array().unwrap();
    assert_eq!(diagnosis["status"], if problems.is_empty() { "ok" } else { "problems" });
    let text = |problem: &Value, name: &str| problem[name].as_str().filter(|text| !text.is_empty()).unwrap().to_owned();
    problems
        .iter()
        .map(|problem| {
            assert!(!text(problem, "where").is_empty());
            text(problem, "what")
        })
        .collect()
}
