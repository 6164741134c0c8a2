//! The form with the latency and the loss of each endpoint, with the input kept when something is wrong.

use serde_json::{Map, Value, json};

use super::frame;
use crate::dev_issuer::basics::{page::escape, parameters::Parameters};
use crate::dev_issuer::faults::{
    conditions::{Conditions, MAX_LATENCY_MS},
    fault::Endpoint,
};

/// The form with the conditions: one row for each endpoint, as it was entered.
pub(crate) struct Table {
    rows: Vec<Row>,
    pub(crate) problems: Vec<String>,
}

struct Row {
    endpoint: Endpoint,
    latency_ms: String,
    loss: String,
}

impl Table {
    /// Returns the form with these conditions.
    pub(crate) fn of(conditions: &Conditions) -> Self {
        let row = |endpoint: &Endpoint| {
            let condition = conditions.get(*endpoint);
            let (latency_ms, loss) = (condition.latency_ms.to_string(), condition.loss.to_string());
            let shown = |text: String| if text == "0" { String::new() } else { text };
            Row { endpoint: *endpoint, latency_ms: shown(latency_ms), loss: shown(loss) }
        };
        Self { rows: Endpoint::ALL.iter().map(row).collect(), problems: Vec::new() }
    }

    /// Returns the form as a browser sent it.
    pub(crate) fn of_parameters(parameters: &Parameters) -> Self {
        let row = |endpoint: &Endpoint| {
            let name = endpoint.name();
            let input =
                |member: &str| parameters.form(&format!("{name}.{member}")).unwrap_or_default().trim().to_owned();
            Row { endpoint: *endpoint, latency_ms: input("latency_ms"), loss: input("loss") }
        };
        Self { rows: Endpoint::ALL.iter().map(row).collect(), problems: Vec::new() }
    }

    /// Returns the entered conditions. What is no number stays a text, which `Conditions::read` refuses.
    pub(crate) fn value(&self) -> Value {
        let number = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        let mut conditions = Map::new();
        for row in &self.rows {
            let filled = [("latency_ms", &row.latency_ms), ("loss", &row.loss)].into_iter();
            let filled = filled.filter(|(_, text)| !text.is_empty());
            let condition: Map<String, Value> = filled.map(|(name, text)| (name.to_owned(), number(text))).collect();
            if !condition.is_empty() {
                conditions.insert(row.endpoint.name().to_owned(), condition.into());
            }
        }
        conditions.into()
    }

    /// Renders the form.
    pub(crate) fn render(&self) -> String {
        let rows: String = self.rows.iter().map(|row| self.row(row)).collect();
        let [endpoint, latency, loss] = headings();
        format!(
            "<h2>Latency and loss</h2><p>For each endpoint, until you change them. A request that is lost has its connection \
             cut. An empty field counts as 0; an empty row has the values of <code>any</code>.</p>\
             <form method=\"post\" action=\"/conditions/endpoints\">{}<div class=\"buttons\"><button>Set latency and loss</button></div></form>",
            frame::table("Latency and loss", &[&endpoint, &latency, &loss], &rows),
        )
    }

    fn row(&self, row: &Row) -> String {
        let name = row.endpoint.name();
        let cell = |member: &str, input: &str, label: &str| {
            let place = format!("{name}.{member}");
            let problem = self.problems.iter().find_map(|problem| problem.strip_prefix(&format!("{place}: ")));
            let (attributes, problem) = match problem {
                Some(problem) => (
                    format!(" aria-invalid=\"true\" aria-describedby=\"{place}-problem\""),
                    format!("<p class=\"problem\" id=\"{place}-problem\" role=\"alert\">{}</p>", escape(problem)),
                ),
                None => (String::new(), String::new()),
            };
            format!(
                "<input name=\"{place}\" inputmode=\"decimal\" aria-label=\"{label} of {name}\" value=\"{}\"{attributes}>\
                 {problem}",
                escape(input),
            )
        };
        let cells = [
            format!("<code>{name}</code>"),
            cell("latency_ms", &row.latency_ms, "Latency in milliseconds"),
            cell("loss", &row.loss, "Loss"),
        ];
        let [endpoint, latency, loss] = headings();
        frame::row([&endpoint, &latency, &loss], cells)
    }
}

fn headings() -> [String; 3] {
    [
        "Endpoint".to_owned(),
        format!("Latency in milliseconds, at most {MAX_LATENCY_MS}"),
        "Share of requests that are lost, 0 to 1".to_owned(),
    ]
}
