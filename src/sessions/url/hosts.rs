//! URLs that name several hosts, separated by commas, which the URL standard does not have: such a URL is taken apart
//! into one for each host. What the parts mean is in `redis` and `postgres`.

/// A URL in its parts. Each contains the characters that separate it from the one before, so that they can be put
/// together again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    /// `user:password@`, or nothing.
    credentials: &'a str,
    /// `host:port`, at least one.
    hosts: &'a str,
    /// `/path`, or nothing.
    pub(super) path: &'a str,
    /// `?query`, or nothing.
    query: &'a str,
    /// `#fragment`, or nothing.
    fragment: &'a str,
}

impl<'a> Parts<'a> {
    /// Returns `None` for a text that is no URL with hosts, or has an empty host in its list.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (rest, fragment) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
        let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (credentials, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let parts = Self { scheme, credentials, hosts, path, query, fragment };
        parts.hosts().all(|host| !host.is_empty()).then_some(parts)
    }

    /// Each `host:port`.
    pub(super) fn hosts(&self) -> impl Iterator<Item = &'a str> {
        self.hosts.split(',')
    }

    /// The parameters after the question mark.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)> {
        form_urlencoded::parse(self.query.trim_start_matches('?').as_bytes())
    }

    /// A URL for each host. Hosts without a port get the default one, if there is one here.
    pub(super) fn urls(&self, scheme: &str, default_port: Option<u16>, path: &str, query: &str) -> Vec<String> {
        let Self { credentials, fragment, .. } = self;
        let port = |host: &str| match default_port {
            // The last colon of an IPv6 address stands within brackets.
            Some(port) if !host.rsplit(']').next().is_some_and(|end| end.contains(':')) => format!(":{port}"),
            _ => String::new(),
        };
        self.hosts()
            .map(|host| format!("{scheme}://{credentials}{host}{}{path}{query}{fragment}", port(host)))
            .collect()
    }

    /// The URL without credentials and parameters, which may hold a password.
    pub(super) fn shown(&self) -> String {
        format!("{}://{}{}", self.scheme, self.hosts, self.path)
    }

    pub(super) fn query(&self) -> &'a str {
        self.query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_with_several_hosts_becomes_one_for_each() {
        let parts = Parts::of("redis+sentinel://u:p%40@a:1,b,[::1],[::2]:3/2?service=x,y#insecure").unwrap();
        let urls = parts.urls("redis", Some(26379), "", "?q");
        assert_eq!(
            urls,
            [
                "redis://u:p%40@a:1?q#insecure",
                "redis://u:p%40@b:26379?q#insecure",
                "redis://u:p%40@[::1]:26379?q#insecure",
                "redis://u:p%40@[::2]:3?q#insecure"
            ]
        );
        assert_eq!(parts.shown(), "redis+sentinel://a:1,b,[::1],[::2]:3/2");
        assert_eq!(parts.parameters().collect::<Vec<_>>(), [("service".into(), "x,y".into())]);
    }

    #[test]
    fn an_at_sign_in_a_password_does_not_begin_a_host() {
        let parts = Parts::of("postgres://u:p@ss@a,b/db").unwrap();
        assert_eq!(parts.urls("postgres", None, parts.path, ""), ["postgres://u:p@ss@a/db", "postgres://u:p@ss@b/db"]);
        assert_eq!(parts.shown(), "postgres://a,b/db");
    }

    #[test]
    fn an_empty_host_is_refused() {
        for text in
            ["postgres://", "postgres:///db", "postgres://a,/db", "postgres://,a", "postgres://u@/db", "no url", ""]
        {
            assert_eq!(Parts::of(text), None, "{text}");
        }
    }
}
