//! The query and form parameters of a protocol request, by name. The endpoints interpret them.
//!
//! RFC 6749 appendix B (`application/x-www-form-urlencoded`).

/// The parameters of one request, in the order of the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters {
    pub(crate) query: Vec<(String, String)>,
    pub(crate) form: Vec<(String, String)>,
}

impl Parameters {
    /// Parses a query and a form body.
    pub(crate) fn parse(query: &str, form: &[u8]) -> Self {
        let pairs = |bytes| form_urlencoded::parse(bytes).into_owned().collect();
        Self { query: pairs(query.as_bytes()), form: pairs(form) }
    }

    /// Returns the first query parameter of that name.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// Returns the first form parameter of that name.
    pub(crate) fn form(&self, name: &str) -> Option<&str> {
        first(&self.form, name)
    }

    /// Returns the first form parameter of that name, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.form(name).filter(|value| !value.is_empty())
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
