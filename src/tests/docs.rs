//! The page of the API docs: it has every operation of the OpenAPI document, and its commands work as they are written.
//! Its forms and its script are tested in `end2end`.

use std::path::Path;
use std::process::Command;

use kinde_leptos::auth::paths::LOGOUT;
use kinde_leptos::paths::{DOCS, OPENAPI};

use crate::harness::{Browser, Site};

const AUDIENCE: &str = "https://app.example/api";

/// An operation as the page shows it.
#[derive(Debug)]
struct Shown {
    method: String,
    path: String,
    /// Those for a shell.
    commands: Vec<String>,
    /// The status that the commands are shown to lead to.
    status: String,
}

/// The texts between two marks.
fn between<'a>(html: &'a str, start: &'a str, end: &'a str) -> Vec<&'a str> {
    html.split(start).skip(1).filter_map(|rest| rest.split_once(end).map(|(text, _)| text)).collect()
}

fn unescaped(html: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    entities.into_iter().fold(html.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

fn commands(html: &str) -> Vec<String> {
    between(html, "data-copy=\"", "\"").into_iter().map(unescaped).collect()
}

fn operations(page: &str) -> Vec<Shown> {
    let operation = |html: &str| Shown {
        method: html.split_once("</span>").and_then(|(method, _)| method.split_once('>')).unwrap().1.to_owned(),
        path: between(html, "<code>", "</code>")[0].to_owned(),
        commands: commands(html),
        status: between(html, "<dt>", "</dt>")[0].to_owned(),
    };
    // After the last one comes how to obtain a session and a token.
    let (operations, _) = page.split_once("id=\"terminal\"").unwrap();
    operations.split("<span class=\"docs-method").skip(1).map(operation).collect()
}

/// The commands that obtain a session and a token.
fn credentials(page: &str) -> String {
    let (_, terminal) = page.split_once("id=\"terminal\"").unwrap();
    commands(terminal).join("\n")
}

async fn site() -> (Site, String) {
    let site = Site::start_with(|config| *config = config.clone().with_api_audiences([AUDIENCE])).await;
    let page = Browser::new().get(&site.at(DOCS)).await;
    assert_eq!(page.status, 200);
    (site, page.body)
}

/// Runs a script, while the site goes on serving, and returns what it prints.
async fn run(folder: &Path, script: String) -> String {
    let folder = folder.to_owned();
    let output = tokio::task::spawn_blocking(move || {
        Command::new("sh").args(["-euc", &script]).current_dir(folder).output().expect("a shell")
    });
    let output = output.await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

#[tokio::test]
async fn every_operation_is_shown_with_a_command_for_each_way_to_be_let_in() {
    let (site, page) = site().await;
    let document = Browser::new().get(&site.at(OPENAPI)).await.json();
    let shown = operations(&page);
    let mut number = 0;
    for (path, described) in document["paths"].as_object().unwrap() {
        for (method, operation) in described.as_object().unwrap() {
            let is_it = |shown: &&Shown| shown.path == *path && shown.method.eq_ignore_ascii_case(method);
            let shown = shown.iter().find(is_it).unwrap_or_else(|| panic!("{method} {path} is not shown"));
            let ways = operation["security"].as_array().map_or(1, Vec::len);
            assert_eq!(shown.commands.len(), ways, "{shown:?}");
            number += 1;
        }
    }
    assert_eq!(shown.len(), number);
}

/// Each runs with a session and a token of its own, because some end the session.
#[tokio::test]
async fn every_get_command_leads_to_the_status_that_is_shown_first() {
    let (_site, page) = site().await;
    let credentials = credentials(&page);
    let mut incomplete = Vec::new();
    for Shown { method, path, commands, status } in operations(&page) {
        if method != "GET" {
            continue;
        }
        if commands[0].contains("=STATE") {
            incomplete.push(path);
            continue;
        }
        for command in commands {
            let folder = tempfile::tempdir().unwrap();
            let printed =
                run(folder.path(), format!("{credentials}\n{}", command.replacen("curl ", "curl -s ", 1))).await;
            // A sign-out by a link is one from a page of this site; anybody else is asked to confirm it.
            let expected = if path == LOGOUT { "403" } else { &status };
            assert!(printed.starts_with(&format!("HTTP/1.1 {expected} ")), "{command}\n{printed}");
        }
    }
    assert_eq!(incomplete, ["/api/auth/kinde_callback"], "the issuer alone knows a state");
}

#[tokio::test]
async fn the_page_says_who_is_signed_in_and_whether_tokens_are_taken() {
    let site = Site::start().await;
    let page = Browser::new().get(&site.at(DOCS)).await;
    assert!(page.body.contains("Nobody is signed in") && page.body.contains("<code>KINDE_AUDIENCE</code> is not set"));
    let page = site.signed_in("ada").await.get(&site.at(DOCS)).await;
    assert!(page.body.contains("You are signed in as") && page.body.contains("Ada Lovelace"));
}

/// A link leads to an operation by its id, which is that of the OpenAPI document.
#[tokio::test]
async fn every_operation_has_an_id_that_nothing_else_on_the_page_has() {
    let (_site, page) = site().await;
    let ids = between(&page, " id=\"", "\"");
    let unique: std::collections::BTreeSet<_> = ids.iter().collect();
    assert!(ids.contains(&"read_item") && unique.len() == ids.len(), "{ids:?}");
}

/// What is in the address is not repeated, so that nobody can find out by the compressed size what else is in the page.
#[tokio::test]
async fn the_page_is_compressed_and_does_not_depend_on_the_query() {
    let site = Site::start().await;
    let page = Browser::new().get(&site.at(DOCS)).await;
    let other = Browser::new().get(&site.at(&format!("{DOCS}?return_to=x"))).await;
    assert_eq!(page.body, other.body);
    let gzip = [("accept-encoding", "gzip")];
    let compressed = Browser::new().send(reqwest::Method::GET, &site.at(DOCS), &gzip, None).await;
    assert_eq!(compressed.header("content-encoding"), "gzip");
    let length: usize = compressed.header("content-length").parse().unwrap();
    assert!(length < 15_000 && length * 4 < page.body.len(), "{length} of {}", page.body.len());
}

#[tokio::test]
async fn the_api_docs_of_nobody_run_scripts_of_this_site_alone() {
    let site = Site::start().await;
    for path in [DOCS, "/docs/nothing"] {
        let response = Browser::new().get(&site.at(path)).await;
        let policy = response.header("content-security-policy");
        for rule in ["default-src 'none'", "script-src 'self';", "connect-src 'self';", "require-trusted-types-for"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
    }
    let page = Browser::new().get(&site.at("/nothing-here")).await;
    assert!(!page.header("content-security-policy").contains("script-src"));
}
