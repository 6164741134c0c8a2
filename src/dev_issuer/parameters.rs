//! The query and form parameters of a protocol request, parsed once and read by name.
//!
//! It leaves their meaning to the endpoints. Document: RFC 6749 appendix B (`application/x-www-form-urlencoded`).

/// The parameters of one request, in the order they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters {
    pub(super) query: Vec<(String, String)>,
    pub(super) form: Vec<(String, String)>,
}

impl Parameters {
    /// Parses a query and a form body.
    pub(super) fn parse(query: &str, form: &[u8]) -> Self {
        let pairs = |bytes| form_urlencoded::parse(bytes).into_owned().collect();
        Self { query: pairs(query.as_bytes()), form: pairs(form) }
    }

    /// The first query parameter of that name.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The first form parameter of that name.
    pub(super) fn form(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }

    /// The form parameter, unless it is missing or empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.form(name).filter(|value| !value.is_empty())
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
