//! The page of the documentation with Kinde's operations and what the tenant has of each, written from `operations`.
//!
//! `WRITE_COVERAGE=1 cargo test --lib coverage` writes it. That the running tenant responds accordingly is tested over
//! HTTP.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::operations::{Coverage, Operation, operations};

/// The page.
const PAGE: &str = "src/dev_issuer/management/coverage.md";
/// The variable that lets the test write the page.
const WRITE: &str = "WRITE_COVERAGE";

const FRONT_END_API: &str = "
# Front-end API

With the access token of a user.
";
const MANAGEMENT_API: &str = "
# Management API

With the access token of a machine for the audience `{issuer}/api`, by client credentials; the client that signs users
in may request one with any scopes. Without such a token, or without the scope of the operation, the response is 403;
input that cannot be used is 400 and named, as is a member of a body that the tenant does not have. Whatever a program
changes shows at once on the sign-in page, in new tokens and in the account API, and causes Kinde's events; the
exported seed has all of it but what is registered for the application. An operation that the tenant does not have
responds with 501.
";

fn page() -> String {
    let (management, front_end): (Vec<_>, Vec<_>) = operations().into_iter().partition(|one| one.handler.is_some());
    let mut page = "Kinde's published operations, and what the emulated tenant has of each.\n".to_owned();
    page.push_str(FRONT_END_API);
    table(&mut page, &front_end);
    page.push_str(MANAGEMENT_API);
    table(&mut page, &management);
    page
}

fn table(page: &mut String, operations: &[Operation]) {
    let count = |is_it: fn(Coverage) -> bool| operations.iter().filter(|one| is_it(one.coverage)).count();
    let there = count(|coverage| coverage == Coverage::There);
    let partly = count(|coverage| matches!(coverage, Coverage::Partly(_)));
    let _ = writeln!(
        page,
        "\nOf {} operations {there} are there, {partly} partly, {} not.\n",
        operations.len(),
        operations.len() - there - partly
    );
    page.push_str("| method | path | scope | tenant |\n| --- | --- | --- | --- |\n");
    for Operation { method, path, coverage, scope, .. } in operations {
        let scope = scope.map(|scope| format!("`{scope}`")).unwrap_or_default();
        let coverage = match coverage {
            Coverage::There => "there".to_owned(),
            Coverage::Partly(missing) => format!("partly: {missing}"),
            Coverage::Not => "not".to_owned(),
        };
        let _ = writeln!(page, "| {method} | `{path}` | {scope} | {coverage} |");
    }
}

#[test]
fn the_page_is_written_from_the_routes() {
    let page = page();
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(format!("{}/{PAGE}", env!("CARGO_MANIFEST_DIR")), &page).unwrap();
        return;
    }
    assert!(include_str!("coverage.md") == page, "{PAGE} is not up to date: {WRITE}=1 cargo test --lib coverage");
}

#[test]
fn every_operation_of_kinde_is_listed_once() {
    let operations = operations();
    let distinct: BTreeSet<_> = operations.iter().map(|one| (one.method.to_string(), one.path)).collect();
    assert_eq!(distinct.len(), operations.len());
    let (management, front_end): (Vec<_>, Vec<_>) = operations.iter().partition(|one| one.path.starts_with("/api/v1/"));
    assert_eq!((front_end.len(), management.len()), (10, 178));
}
