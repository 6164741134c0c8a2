//! A JWT as tables: each member with its value and what it means.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{
    explanations::{self, Explanation},
    frame,
};
use crate::dev_issuer::basics::{clock, page::escape};

/// The longest value that is shown whole. An event that is far too long on purpose would fill the page.
const SHOWN_CHARACTERS: usize = 4_000;

/// The two readable parts of a JWT.
pub(crate) struct Decoded {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
}

impl Decoded {
    /// Decodes a JWT in compact serialization. The signature is not checked.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let parts: Vec<_> = token.split('.').collect();
        let [header, claims, _] = parts.as_slice() else { return None };
        let part = |text: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
        Some(Self { header: part(header)?, claims: part(claims)? })
    }

    /// Renders the tables.
    pub(crate) fn render(&self) -> String {
        format!(
            "<h3>Header</h3>{}<h3>Claims</h3>{}",
            table("Header", &self.header, explanations::of_header),
            table("Claims", &self.claims, explanations::of_claim)
        )
    }
}

fn table(label: &str, members: &Map<String, Value>, explain: impl Fn(&str) -> Option<&'static Explanation>) -> String {
    let row = |(name, value): (&String, &Value)| {
        let (meaning, source) = match explain(name) {
            Some(explanation) => (explanation.meaning, explanation.source),
            None => ("A claim of this tenant's own, which no specification describes.", ""),
        };
        format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{meaning}<br><small>{source}</small></td></tr>",
            escape(name),
            shown(name, value),
        )
    };
    let rows: String = members.iter().map(row).collect();
    frame::table(label, &["Name", "Value", "What it means"], &rows)
}

fn shown(name: &str, value: &Value) -> String {
    let text = shortened(&format!("{value:#}"), SHOWN_CHARACTERS);
    let is_time = matches!(name, "exp" | "iat" | "nbf" | "auth_time" | "rat" | "updated_at");
    match value.as_i64().filter(|_| is_time) {
        Some(at) => format!("<code>{at}</code><br><small>{}</small>", clock::shown(at)),
        None => format!("<code class=\"json\">{}</code>", escape(&text)),
    }
}

/// Returns the beginning of a text that is too long, with the number of characters that are left out.
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}… ({} more characters)", &text[..end], text[end..].chars().count()),
        None => text.to_owned(),
    }
}
