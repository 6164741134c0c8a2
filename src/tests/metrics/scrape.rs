//! `Scrape`: what Prometheus reads from the text of a scrape.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// The series of one scrape with their values.
pub struct Scrape(Vec<(String, Labels, f64)>);

impl Scrape {
    /// Reads the text format, and refuses what it does not allow: a series twice, a value that is no number, a metric
    /// without a type.
    pub fn read(text: &str) -> Self {
        let (mut series, mut types, mut seen) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.split(' ');
                if words.next() == Some("TYPE") {
                    assert!(types.insert(words.next().unwrap().to_owned()), "{line} stands twice");
                }
                continue;
            }
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(seen.insert(name), "{name} stands twice");
            let (name, labels) = name.split_once('{').unwrap_or((name, "}"));
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(types.contains(name) || types.contains(base), "{name} has no type");
            let labels = labels.strip_suffix('}').unwrap().split("\",").filter(|label| !label.is_empty());
            let labels = labels.map(|label| {
                let (name, value) = label.trim_end_matches('"').split_once("=\"").unwrap();
                (name.to_owned(), value.to_owned())
            });
            series.push((name.to_owned(), labels.collect(), value.parse().unwrap()));
        }
        Self(series)
    }

    /// The sum of the series that have these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let values: Vec<f64> = self.matching(name, labels).collect();
        assert!(!values.is_empty(), "there is no {name} with {labels:?}");
        values.iter().sum()
    }

    fn matching(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = f64> {
        let has = |series: &Labels| labels.iter().all(|(name, value)| series.get(*name).is_some_and(|is| is == value));
        self.0.iter().filter(move |(is, of, _)| is == name && has(of)).map(|(.., value)| *value)
    }

    /// Every series, by its name and labels.
    pub fn series(&self) -> BTreeSet<String> {
        self.0.iter().map(|(name, labels, _)| format!("{name} {labels:?}")).collect()
    }

    /// The metrics, each with the labels that it has.
    pub fn metrics(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut metrics: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (name, labels, _) in &self.0 {
            metrics.entry(name).or_default().extend(labels.keys().map(String::as_str));
        }
        metrics
    }

    /// The values of a label over all series.
    pub fn values(&self, label: &str) -> BTreeSet<&str> {
        self.0.iter().filter_map(|(_, labels, _)| labels.get(label).map(String::as_str)).collect()
    }

    /// By how much each series of these metrics has grown since an earlier scrape, without those that have not, as
    /// `outcome=failure reason=store`.
    pub fn since(&self, earlier: &Self, name: &str) -> BTreeMap<String, f64> {
        let of = |scrape: &Self| -> BTreeMap<String, f64> {
            let series = scrape.0.iter().filter(|(is, ..)| is == name);
            let text = |labels: &Labels| {
                let pairs: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
                pairs.join(" ")
            };
            series.map(|(_, labels, value)| (text(labels), *value)).collect()
        };
        let (before, mut now) = (of(earlier), of(self));
        for (labels, value) in &mut now {
            *value -= before.get(labels).unwrap_or(&0.0);
        }
        now.retain(|_, value| *value != 0.0);
        now
    }
}

/// What [`Scrape::since`] is to return.
pub fn growth<const N: usize>(expected: [(&str, f64); N]) -> BTreeMap<String, f64> {
    expected.map(|(labels, value)| (labels.to_owned(), value)).into()
}
