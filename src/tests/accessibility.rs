//! The table in `src/accessibility.rs` is whole and names tests that exist; and what of WCAG 2.2 can be seen in the style
//! sheet and the scripts without a browser. What needs one is tested in `end2end`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The criteria of WCAG 2.2 at the levels A and AA, but for 4.1.1, which is obsolete.
const CRITERIA: [&str; 55] = [
    "1.1.1", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5", "1.3.1", "1.3.2", "1.3.3", "1.3.4", "1.3.5", "1.4.1",
    "1.4.2", "1.4.3", "1.4.4", "1.4.5", "1.4.10", "1.4.11", "1.4.12", "1.4.13", "2.1.1", "2.1.2", "2.1.4", "2.2.1",
    "2.2.2", "2.3.1", "2.4.1", "2.4.2", "2.4.3", "2.4.4", "2.4.5", "2.4.6", "2.4.7", "2.4.11", "2.5.1", "2.5.2",
    "2.5.3", "2.5.4", "2.5.7", "2.5.8", "3.1.1", "3.1.2", "3.2.1", "3.2.2", "3.2.3", "3.2.4", "3.2.6", "3.3.1",
    "3.3.2", "3.3.3", "3.3.4", "3.3.7", "3.3.8", "4.1.2", "4.1.3",
];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// All files in a folder of the project and below.
fn files_below(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let (inner, found): (Vec<_>, Vec<_>) =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).partition(|path| path.is_dir());
        folders.extend(inner);
        files.extend(found);
    }
    files
}

/// What holds each criterion, by its number.
fn table() -> BTreeMap<String, String> {
    let text = text("src/accessibility.rs");
    let rows = text.lines().filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |")?.split_once(" | "));
    let rows = rows.filter(|(criterion, _)| criterion.starts_with(|first: char| first.is_ascii_digit()));
    let numbered = rows.map(|(criterion, held_by)| {
        let (number, name) = criterion.split_once(' ').unwrap();
        assert!(name.ends_with("(A)") || name.ends_with("(AA)"), "{criterion}");
        (number.to_owned(), held_by.to_owned())
    });
    let numbered: Vec<_> = numbered.collect();
    let table: BTreeMap<_, _> = numbered.iter().cloned().collect();
    assert_eq!(table.len(), numbered.len(), "a criterion stands twice");
    table
}

#[test]
fn every_criterion_of_both_levels_has_a_test_or_a_reason() {
    let table = table();
    for criterion in CRITERIA {
        let held_by = table.get(criterion).unwrap_or_else(|| panic!("{criterion} is missing"));
        if let Some(other) = held_by.strip_prefix("as ") {
            assert!(table.contains_key(other), "{criterion}: as {other}");
        }
    }
    assert_eq!(table.len(), CRITERIA.len(), "the table has a criterion of no such level");
}

/// The names in the table that are written as tests are: with spaces, or with underscores.
fn named_tests() -> Vec<String> {
    let table = table();
    let quoted = table.values().flat_map(|held_by| held_by.split('`').skip(1).step_by(2));
    let tests = quoted.filter(|name| name.contains(' ') || name.contains('_'));
    tests.map(str::to_owned).collect()
}

#[test]
fn every_named_test_exists() {
    let end2end: String = files_below("end2end/tests")
        .iter()
        .map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned())
        .collect();
    let rust: String =
        files_below("src").iter().map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect();
    let is_test = |name: &str| {
        let title = |before: &str| end2end.contains(&format!("{before}{name}"));
        rust.contains(&format!("fn {name}()")) || title("'") || title("a screen reader ")
    };
    let named = named_tests();
    assert!(named.len() > 40, "{named:?}");
    let absent: Vec<_> = named.iter().filter(|name| !is_test(name)).collect();
    assert!(absent.is_empty(), "no such test: {absent:#?}");
}

// 1.3.4
#[test]
fn nothing_depends_on_how_the_screen_is_held() {
    for sheet in ["style/main.css", "src/dev_issuer/basics/style.css"] {
        assert!(!text(sheet).contains("orientation"), "{sheet}");
    }
}

// 2.1.4
#[test]
fn no_script_listens_to_keys() {
    let scripts: Vec<PathBuf> = [files_below("public"), files_below("src/islands"), files_below("src/app")].concat();
    assert!(scripts.iter().any(|script| script.ends_with("session_end.js")), "{scripts:?}");
    for script in scripts {
        let text = fs::read_to_string(&script).unwrap();
        for event in ["keydown", "keyup", "keypress", "accesskey"] {
            assert!(!text.contains(event), "{}: {event}", script.display());
        }
    }
}

/// The two values, light and dark, of a color of the style sheet.
fn color(sheet: &str, name: &str) -> [[f64; 3]; 2] {
    let (_, declared) = sheet.split_once(&format!("--{name}: light-dark(")).unwrap_or_else(|| panic!("no {name}"));
    let (light, dark) = declared.split_once(')').unwrap().0.split_once(", ").unwrap();
    [light, dark].map(|color| {
        let digits = color.strip_prefix('#').unwrap();
        let width = digits.len() / 3;
        [0, 1, 2].map(|channel| {
            let digits = digits[channel * width..][..width].repeat(3 - width);
            f64::from(u8::from_str_radix(&digits, 16).unwrap()) / 255.0
        })
    })
}

/// The contrast ratio of WCAG 2.2.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |color: [f64; 3]| {
        let linear = color.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    };
    let [one, other] = [luminance(one), luminance(other)];
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

// 1.4.11
#[test]
fn edges_of_controls_and_the_focus_stand_out() {
    let sheet = text("style/main.css");
    for edge in ["line-strong", "accent"] {
        for ground in ["paper", "surface", "sunken", "tint", "notice"] {
            let (edges, grounds) = (color(&sheet, edge), color(&sheet, ground));
            for (theme, (edge_color, ground_color)) in ["light", "dark"].iter().zip(edges.into_iter().zip(grounds)) {
                let ratio = contrast(edge_color, ground_color);
                assert!(ratio >= 3.0, "{edge} on {ground} in {theme}: {ratio:.2}");
            }
        }
    }
}
