//! `Text`: the text format of Prometheus, for figures that are read when they are asked for.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::fmt::Write as _;

/// What kind of figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It only grows.
    Counter,
    Gauge,
}

/// A text to which figures are added.
pub(super) struct Text(String);

impl Text {
    /// A text that begins with what a recorder rendered.
    pub(super) fn after(rendered: String) -> Self {
        Self(rendered)
    }

    /// Adds a figure. The values of labels are words of this program's own: nothing in them needs escaping.
    pub(super) fn add(&mut self, kind: Kind, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{labels} {value}\n");
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_its_help_its_type_and_its_labels() {
        let mut text = Text::after("before\n".to_owned());
        text.add(Kind::Gauge, "depth", "How deep.", &[], 0.5);
        text.add(Kind::Counter, "falls_total", "How often.", &[("from", "roof"), ("to", "grass")], 3.0);
        assert_eq!(
            text.finish(),
            "before\n# HELP depth How deep.\n# TYPE depth gauge\ndepth 0.5\n\n\
             # HELP falls_total How often.\n# TYPE falls_total counter\nfalls_total{from=\"roof\",to=\"grass\"} 3\n\n"
        );
    }
}
