//! The dashboard and the alert rules: every metric and label that they name exists, and every query has a result.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use kinde_leptos::auth::paths::LOGOUT;
use serde_json::Value;

use super::Scrape;
use crate::harness::{Browser, Site};

const DASHBOARD: &str = include_str!("../../server/metrics/dashboard.json");
const ALERTS: &str = include_str!("../../server/metrics/alerts.yaml");

/// Prometheus itself gives these to every series.
const OF_PROMETHEUS: [&str; 2] = ["job", "instance"];

/// The metrics of this program that a text names, each with the labels that stand in braces after it.
pub fn metrics_named_in(text: &str) -> Vec<(String, Vec<String>)> {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut named = Vec::new();
    for (at, _) in text.char_indices().filter(|(at, _)| !text[..*at].ends_with(is_of_name)) {
        let rest = &text[at..];
        if !["kinde_leptos_", "process_", "tokio_"].iter().any(|prefix| rest.starts_with(prefix)) {
            continue;
        }
        let name = &rest[..rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len())];
        let selector = rest[name.len()..].strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or_default();
        let labels = selector.split(", ").filter_map(|matcher| matcher.split(['=', '!']).next());
        named.push((name.to_owned(), labels.filter(|label| !label.is_empty()).map(str::to_owned).collect()));
    }
    named
}

/// The labels that results are grouped by.
fn grouped_by(text: &str) -> Vec<&str> {
    let groups = text.split("by (").skip(1).filter_map(|rest| rest.split(')').next());
    groups.flat_map(|group| group.split(", ")).collect()
}

/// Every query of the dashboard, as Prometheus receives it.
fn queries() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let queries = targets.map(|target| target["expr"].as_str().unwrap());
    let filled = [("$__rate_interval", "5m"), ("$job", ".*"), ("$instance", ".*")];
    queries
        .map(|query| filled.iter().fold(query.to_owned(), |query, (variable, value)| query.replace(variable, value)))
        .collect()
}

/// A scrape of a site on which everything has happened once that makes a series.
async fn scrape() -> Scrape {
    Scrape::read(&text().await)
}

async fn text() -> String {
    let site = Site::start().await;
    let mut browser = Browser::new();
    browser.sign_in(&site, "ada", "/").await;
    browser.get(&site.at(LOGOUT)).await;
    // The limiter is not part of this site.
    let limited = "# HELP kinde_leptos_rate_limited_requests_total Requests refused.\n\
                   # TYPE kinde_leptos_rate_limited_requests_total counter\n\
                   kinde_leptos_rate_limited_requests_total{requests=\"sign_in\"} 0\n";
    site.metrics.scrape() + limited
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_name_only_metrics_and_labels_that_exist() {
    let scrape = scrape().await;
    let metrics = scrape.metrics();
    let texts = queries().into_iter().chain([ALERTS.to_owned()]).collect::<Vec<_>>();
    assert!(texts.len() > 30, "{}", texts.len());
    for text in &texts {
        let named = metrics_named_in(text);
        assert!(!named.is_empty(), "{text}");
        let mut has: BTreeSet<&str> = OF_PROMETHEUS.into();
        for (name, labels) in named.iter() {
            let of_metric = metrics.get(name.as_str()).unwrap_or_else(|| panic!("there is no {name}: {text}"));
            has.extend(of_metric);
            for label in labels {
                let exists = of_metric.contains(label.as_str()) || OF_PROMETHEUS.contains(&label.as_str());
                assert!(exists, "{name} has no {label}: {text}");
            }
        }
        for label in grouped_by(text) {
            assert!(has.contains(label), "nothing has {label}: {text}");
        }
    }
}

#[tokio::test]
async fn every_metric_of_the_program_is_on_the_dashboard() {
    let scrape = scrape().await;
    let shown: BTreeSet<String> =
        queries().iter().flat_map(|query| metrics_named_in(query)).map(|(name, _)| name).collect();
    let is_of_histogram = |name: &&&str| !name.ends_with("_sum") && !name.ends_with("_count");
    for name in scrape.metrics().keys().filter(is_of_histogram) {
        assert!(shown.contains(*name), "{name}");
    }
}

/// Each value that a rule or a query compares a label with is one that the label has.
#[tokio::test]
async fn the_alerts_look_for_values_that_exist() {
    let scrape = scrape().await;
    let equal = ALERTS.split("{").skip(1).filter_map(|rest| rest.split('}').next());
    let matchers = equal.flat_map(|selector| selector.split(", ")).filter_map(|matcher| matcher.split_once('='));
    let mut compared = 0;
    for (label, values) in matchers.filter(|(label, _)| !label.contains(['$', ' '])) {
        let label = label.trim_end_matches('!');
        let values = values.trim_start_matches('~').trim_matches('"').split('|');
        // Statuses and routes have values without end.
        for value in values.filter(|value| !value.ends_with(['*', '.'])) {
            assert!(scrape.values(label).contains(value), "{label} is never {value}");
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
}

/// Runs every query of the dashboard in Prometheus' own engine, on the series of a scrape that grow for an hour.
#[tokio::test]
#[ignore = "needs promtool; .ci/alerts runs it"]
async fn every_query_of_the_dashboard_has_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let mut test = "evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n".to_owned();
    for line in text().await.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, labels) =
            line.rsplit_once(' ').unwrap().0.split_once('{').unwrap_or((line.split(' ').next().unwrap(), "}"));
        let series = format!("{name}{{job=\"site\", instance=\"a\", {labels}").replace(", }", "}");
        writeln!(test, "      - {{ series: '{series}', values: 0+1x60 }}").unwrap();
    }
    test.push_str("    promql_expr_test:\n");
    for query in queries() {
        let query = format!("count({query}) > bool 0").replace('\'', "''");
        writeln!(test, "      - {{ expr: '{query}', eval_time: 30m, exp_samples: [{{ labels: '{{}}', value: 1 }}] }}")
            .unwrap();
    }
    let file = folder.path().join("dashboard_test.yaml");
    std::fs::write(&file, test).unwrap();
    let run = Command::new("promtool").args(["test", "rules"]).arg(&file).output().unwrap();
    assert!(run.status.success(), "{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
}

/// Prometheus' own check of names, types and texts.
#[tokio::test]
#[ignore = "needs promtool; .ci/alerts runs it"]
async fn promtool_has_nothing_to_say_about_a_scrape() {
    let piped =
        Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut check = piped.unwrap();
    check.stdin.take().unwrap().write_all(text().await.as_bytes()).unwrap();
    let said = check.wait_with_output().unwrap();
    assert!(said.status.success() && said.stderr.is_empty(), "{}", String::from_utf8_lossy(&said.stderr));
}
