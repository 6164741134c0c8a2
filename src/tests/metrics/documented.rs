//! Each figure is documented, and none names a user.

use std::collections::BTreeSet;

use super::dashboard::metrics_named_in;
use crate::harness::{Site, person};

/// The documentation of `auth` and of the app, where each metric stands in a table.
const DOCUMENTS: [&str; 2] = [include_str!("../../auth.rs"), include_str!("../../server/metrics.rs")];

#[tokio::test]
async fn the_documentation_names_exactly_the_metrics_that_there_are() {
    let site = Site::start().await;
    let mut browser = site.signed_in("ada").await;
    browser.get(&site.at("/")).await;
    let scrape = site.scrape();
    let base = |name: &str| {
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        histogram.unwrap_or(name).to_owned()
    };
    let mut there_are: BTreeSet<String> = scrape.metrics().keys().map(|name| base(name)).collect();
    // Only where a limit applies.
    there_are.insert("kinde_leptos_rate_limited_requests_total".to_owned());
    let rows = DOCUMENTS.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with("//! | `"));
    let names = rows.filter_map(|row| row.strip_prefix("//! | ")?.split(" | ").next());
    let documented: BTreeSet<String> = names.flat_map(metrics_named_in).map(|(name, _)| name).collect();
    assert_eq!(documented, there_are);
    let labels: BTreeSet<&str> = scrape.metrics().into_values().flatten().collect();
    let documented = DOCUMENTS.concat();
    for label in labels.iter().filter(|label| **label != "le") {
        assert!(documented.contains(&format!("`{label}`")), "{label}");
    }
    let reasons = scrape.values("reason").into_iter().chain(scrape.values("cause"));
    for value in reasons.chain(scrape.values("outcome")).chain(scrape.values("endpoint")) {
        assert!(documented.contains(&format!("`{value}`")), "{value}");
    }
}

#[tokio::test]
async fn no_figure_names_a_user_or_a_secret() {
    let site = Site::start().await;
    let browser = site.signed_in("ada").await;
    let ada = person("ada");
    let text = site.metrics.scrape();
    for secret in [ada.subject.as_str(), "ada@", "Ada", &browser.session().unwrap(), site.tenant.client_secret()] {
        assert!(!text.contains(secret), "{secret}");
    }
}
