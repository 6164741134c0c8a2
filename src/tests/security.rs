//! Checks that the security catalogue in `SECURITY.md` has a row for every id that the sources cite, and that the tests
//! named in its rows exist.
//! The tests themselves are in the modules that the rows name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A row of the catalogue.
struct Row {
    id: String,
    /// The last cell: names of tests, or "none" and the reason.
    tests: String,
}

impl Row {
    /// The names between backticks.
    fn names(&self) -> impl Iterator<Item = &str> {
        self.tests.split('`').skip(1).step_by(2)
    }
}

/// The text of every source file, by its path in the project.
type Sources = BTreeMap<PathBuf, String>;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of tests in the last cells of the guide's table of policies.
fn named_in_guide() -> Vec<String> {
    let document = fs::read_to_string(project().join("src/guide/policies.md")).unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| `") && line.contains("`policies::"));
    let last_cells = rows.map(|line| line.rsplit('|').nth(1).unwrap_or_default());
    last_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

fn catalogue() -> Vec<Row> {
    let document = fs::read_to_string(project().join("SECURITY.md")).unwrap();
    let rows = document.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, id, _, _, tests, _] = cells[..] else { return None };
        parse_id(id).map(|_| Row { id: id.to_owned(), tests: tests.to_owned() })
    });
    rows.collect()
}

fn sources() -> Sources {
    let mut sources = Sources::new();
    let mut folders = vec![project().join("src"), project().join("end2end")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_source =
                path.extension().is_some_and(|end| ["rs", "ts", "mjs", "py"].iter().any(|kind| end == *kind));
            let is_foreign = path.ends_with("node_modules") || path.ends_with("target");
            if path.is_dir() && !is_foreign {
                folders.push(path);
            } else if is_source && path.is_file() {
                let text = fs::read_to_string(&path).unwrap();
                sources.insert(path.strip_prefix(project()).unwrap().to_owned(), text);
            }
        }
    }
    sources
}

/// The section and the number of an id: two capital letters, a hyphen, digits.
fn parse_id(word: &str) -> Option<(&str, u32)> {
    let (section, number) = word.split_once('-')?;
    let is_section = section.len() == 2 && section.bytes().all(|byte| byte.is_ascii_uppercase());
    number.parse().ok().filter(|_| is_section).map(|number| (section, number))
}

/// The ids in a line, those in lists and ranges included.
fn ids_in(line: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    // The id before the current word, and what joins the two: a comma, "and" or "to".
    let (mut before, mut joint) = (None, "");
    let is_of_words = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == ',';
    for word in line.split(|c| !is_of_words(c)).filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches(',');
        let number_alone = before.filter(|_| !joint.is_empty()).zip(bare.parse().ok());
        let id = parse_id(bare).or(number_alone.map(|((section, _), number)| (section, number)));
        if let Some((section, number)) = id {
            let first =
                before.filter(|(former, _)| joint == "to" && *former == section).map_or(number, |(_, from)| from);
            ids.extend((first..=number).map(|number| format!("{section}-{number}")));
            joint = if bare == word { "" } else { "," };
        } else {
            joint = if matches!(word, "and" | "to") { word } else { "" };
        }
        before = if joint.is_empty() && id.is_none() { None } else { id.or(before) };
    }
    ids
}

/// Whether a name in a row's last cell is the name of a test, as `SECURITY.md` explains them.
fn exists(sources: &Sources, id: &str, name: &str) -> bool {
    let text = |file: String| sources.get(Path::new(&file));
    if let Some((module, function)) = name.rsplit_once("::") {
        let path = module.replace("::", "/");
        let beside_the_code = path.trim_end_matches("/tests");
        let files = [format!("src/tests/{path}.rs"), format!("src/{path}.rs"), format!("src/{beside_the_code}.rs")];
        // Cases of `store_faults` are functions that its tests call.
        files.into_iter().filter_map(text).any(|text| has_function(text, function, !module.starts_with("store_faults")))
    } else if name.ends_with(".spec.ts") {
        let files = [format!("end2end/tests/{name}"), format!("end2end/engines/{name}")];
        files.into_iter().filter_map(text).any(|text| text.lines().any(|line| ids_in(line).contains(id)))
    } else {
        let row = format!("row(\"{id}\", \"{name}\",");
        text("src/tests/provider_faults/table.rs".to_owned()).is_some_and(|table| table.contains(&row))
    }
}

fn has_function(text: &str, name: &str, must_be_a_test: bool) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let Some(position) = lines.iter().position(|line| line.contains(&format!("fn {name}("))) else { return false };
    let mut attributes = lines[..position].iter().rev().take_while(|line| line.starts_with("#["));
    !must_be_a_test || attributes.any(|line| line.contains("test]") || line.contains("test("))
}

#[test]
fn every_id_that_the_sources_cite_has_one_row() {
    let rows = catalogue();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(rows.len(), ids.len(), "an id has two rows");
    let mut unknown = Vec::new();
    let mut cited = 0;
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let found = ids_in(line);
            cited += found.len();
            let missing = found.into_iter().filter(|id| !ids.contains(id.as_str()));
            unknown.extend(missing.map(|id| format!("{}:{}: {id}", path.display(), number + 1)));
        }
    }
    assert_eq!(unknown, [""; 0], "ids without a row in SECURITY.md");
    assert!(cited > 200, "only {cited} ids were found in the sources");
}

#[test]
fn every_test_that_the_catalogue_names_exists() {
    let (rows, sources) = (catalogue(), sources());
    let mut missing = Vec::new();
    for row in &rows {
        let names: Vec<&str> = row.names().collect();
        assert!(!names.is_empty() || row.tests.starts_with("none"), "{} has neither a test nor a reason", row.id);
        let unknown = names.into_iter().filter(|name| !exists(&sources, &row.id, name));
        missing.extend(unknown.map(|name| format!("{}: {name}", row.id)));
    }
    assert_eq!(missing, [""; 0], "SECURITY.md names tests that do not exist");
}

#[test]
fn every_test_that_the_guide_names_exists() {
    let (names, sources) = (named_in_guide(), sources());
    assert!(names.len() > 10, "{names:?}");
    let missing: Vec<&String> = names.iter().filter(|name| !exists(&sources, "", name)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn lists_and_ranges_of_ids_are_read() {
    for (line, ids) in [
        ("// SE-1", &["SE-1"][..]),
        ("// RP-5, RP-6: no header", &["RP-5", "RP-6"]),
        ("//! Sessions (SE-9, 10, 22; SE-21 over HTTP).", &["SE-10", "SE-21", "SE-22", "SE-9"]),
        ("(CB-1, 2, 10 to 12)", &["CB-1", "CB-10", "CB-11", "CB-12", "CB-2"]),
        ("(SF-1 to SF-3, SF-13)", &["SF-1", "SF-13", "SF-2", "SF-3"]),
        ("// AR-2, AR-3; and AR-12 for 10 of them", &["AR-12", "AR-2", "AR-3"]),
        ("// SE-5: 256 bits, and 2 more", &["SE-5"]),
        ("row(\"CB-1\", \"cb_wrong_state\", 400)", &["CB-1"]),
        ("UTF-8, SHA-256, x-1", &[]),
    ] {
        assert_eq!(ids_in(line).iter().map(String::as_str).collect::<Vec<_>>(), ids, "{line}");
    }
}
