//! A request to a route of the app with a bearer token, which the tenant sends for the user of the console, and the
//! response. It goes to the origin of the registered callback URL only.
//!
//! RFC 6750 §2.1.

use url::Url;

use super::{
    decoded::shortened,
    form::{Content, Field, field},
    frame,
};
use crate::dev_issuer::basics::{outbound, page::escape};
use crate::dev_issuer::protocol::registered_client::Registration;

/// The headers of a response that say something about the token or the result.
const SHOWN_HEADERS: &[&str] = &[
    "content-type",
    "content-length",
    "www-authenticate",
    "location",
    "allow",
    "retry-after",
    "cache-control",
    "vary",
    "x-request-id",
];
/// What is shown of the body.
const SHOWN_CHARACTERS: usize = 16_000;

/// The fields of a call. The token is beside them.
pub(crate) const FIELDS: &[Field] = &[
    field("path", "Path", "At the app, with a query if there is one: <code>/api/account</code>.", Content::Text),
    field("method", "Method", "None: GET.", Content::Choice),
    field("body", "Body", "JSON, for a POST. May be empty.", Content::OptionalJson),
];

/// The methods that a call may have.
pub(crate) const METHODS: [&str; 2] = ["GET", "POST"];

/// The reason for which a call is not sent, with the field that it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("Write a path that begins with one slash: the request goes to the app and nowhere else.")]
    NoPath,
    #[error("The app has no callback URL with an address, so the tenant does not know where it is.")]
    NoApp,
    #[error("The method is GET or POST.")]
    OtherMethod,
    #[error("A GET has no body.")]
    BodyOfGet,
}

impl Refused {
    /// Returns the name of the field.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::NoPath | Self::NoApp => "path",
            Self::OtherMethod => "method",
            Self::BodyOfGet => "body",
        }
    }
}

/// A request that may be sent.
#[derive(Debug)]
pub(crate) struct Call {
    url: Url,
    method: reqwest::Method,
    body: Option<String>,
}

/// Returns where the app is: the origin of its first callback URL.
pub(crate) fn app_origin(registration: &Registration) -> Option<String> {
    let origin = Url::parse(registration.callback_urls.first()?).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

impl Call {
    /// Returns the call of this path.
    ///
    /// # Errors
    ///
    /// [`Refused`]
    pub(crate) fn of(
        registration: &Registration,
        path: &str,
        method: Option<&str>,
        body: Option<String>,
    ) -> Result<Self, Refused> {
        let origin = app_origin(registration).ok_or(Refused::NoApp)?;
        // A browser would take two slashes, or a slash and a backslash, for the beginning of another host.
        if !path.starts_with('/') || path[1..].starts_with(['/', '\\']) {
            return Err(Refused::NoPath);
        }
        let url = Url::parse(&format!("{origin}{path}")).map_err(|_| Refused::NoPath)?;
        if url.origin().ascii_serialization() != origin {
            return Err(Refused::NoPath);
        }
        let method = match method.unwrap_or("GET") {
            "GET" if body.is_some() => return Err(Refused::BodyOfGet),
            "GET" => reqwest::Method::GET,
            "POST" => reqwest::Method::POST,
            _ => return Err(Refused::OtherMethod),
        };
        Ok(Self { url, method, body })
    }

    /// Sends the request with the token and renders the response.
    pub(crate) async fn send(self, client: &reqwest::Client, token: &str) -> String {
        let title = format!("<h2>The response of {} {}</h2>", self.method, escape(self.url.as_str()));
        let request = client.request(self.method, self.url).bearer_auth(token);
        let request = match self.body {
            Some(body) => request.header("content-type", "application/json").body(body),
            None => request,
        };
        match request.send().await {
            Ok(response) => title + &shown(response).await,
            Err(error) => {
                let why = if error.is_timeout() { "It took too long." } else { "Does the app run?" };
                format!("{title}<p class=\"error\">No response came. {why}</p>")
            }
        }
    }
}

async fn shown(response: reqwest::Response) -> String {
    let status = response.status();
    let header = |name: &&str| {
        let value = response.headers().get(*name)?.to_str().ok()?;
        Some(format!("<tr><th scope=\"row\"><code>{name}</code></th><td><code>{}</code></td></tr>", escape(value)))
    };
    let headers: String = SHOWN_HEADERS.iter().filter_map(header).collect();
    let (body, is_cut) = outbound::beginning_of_body(response).await;
    let more = if is_cut { "<p>The body is longer; this is its beginning.</p>" } else { "" };
    let body = match body.is_empty() {
        true => "<p>The body is empty.</p>".to_owned(),
        false => frame::preformatted("Body of the response", &shortened(&body, SHOWN_CHARACTERS)) + more,
    };
    format!(
        "<p>Status <strong>{}</strong></p>{}{body}",
        escape(&status.to_string()),
        frame::table("Headers", &[], &headers),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(path: &str) -> Result<Call, Refused> {
        let registration = Registration {
            name: String::new(),
            callback_urls: vec!["http://localhost:8000/api/auth/kinde_callback".to_owned()],
            logout_urls: Vec::new(),
            login_url: None,
            homepage_url: None,
        };
        Call::of(&registration, path, None, None)
    }

    #[test]
    fn a_path_leads_to_the_app() {
        for path in ["/", "/api/account", "/items/1?a=http://other.example/", "/@other.example/", "/:80/"] {
            let url = call(path).unwrap().url;
            assert_eq!((url.host_str(), url.port()), (Some("localhost"), Some(8000)), "{path}");
        }
    }

    #[test]
    fn anything_but_a_path_is_refused() {
        for path in
            ["", "api", "http://other.example/", "//other.example/", "/\\other.example/", "@other.example/", ":1/"]
        {
            assert_eq!(call(path).unwrap_err(), Refused::NoPath, "{path}");
        }
    }
}
