//! The commands of the API docs: `curl` for each operation and each way to be let in.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::api::query::encode;
use crate::app::docs_page::{Access, Command, Field, Place};

/// The file with the session cookie, which the commands of `credentials` write.
pub(super) const COOKIE_JAR: &str = "jar";

/// An operation, as far as its commands depend on it.
pub(super) struct Called<'a> {
    pub(super) method: &'a Method,
    pub(super) path: &'a str,
    pub(super) fields: &'a [Field],
    pub(super) access: Access,
    /// Whether it changes cookies, as sign-in does.
    pub(super) sets_cookies: bool,
    /// Whether it responds to a program with something else unless the program asks for JSON.
    pub(super) asks_for_json: bool,
}

impl Called<'_> {
    /// The path with query, with every value that is filled in; with the name in capitals for one that must be.
    pub(super) fn target(&self) -> String {
        let mut path = self.path.to_owned();
        for (field, value) in self.sent(|place| place == Place::Path) {
            let segment = utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string();
            path = path.replace(&format!("{{{}}}", field.name), &segment);
        }
        let query = self.sent(|place| place == Place::Query);
        let query: Vec<_> =
            query.iter().map(|(field, value)| encode([(field.name.as_str(), Some(value.as_str()))])).collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// A command for each way to be let in.
    pub(super) fn commands(&self, site: &str) -> Vec<Command> {
        let command = |name, options: &str| {
            let beginning = format!("curl -i{options}");
            Command { name, text: self.curl(site, &beginning), beginning }
        };
        let jar = format!(" -b {COOKIE_JAR}");
        let open = if self.sets_cookies { format!("{jar} -c {COOKIE_JAR}") } else { String::new() };
        let token = " -H \"Authorization: Bearer $TOKEN\"";
        match self.access {
            Access::Open => vec![command("As it is:", &open)],
            Access::Session => vec![command("With the session:", &jar)],
            Access::SessionOrToken => {
                vec![command("With the session:", &jar), command("With an access token:", token)]
            }
        }
    }

    /// The whole command. `send_request.js` writes it in the same way when a user changes a field.
    fn curl(&self, site: &str, beginning: &str) -> String {
        let mut text = beginning.to_owned();
        if self.asks_for_json {
            text += " -H 'Accept: application/json'";
        }
        let form = self.sent(|place| place == Place::Form);
        let body = self.sent(|place| matches!(place, Place::Body(_)));
        if self.method == Method::POST && form.is_empty() && body.is_empty() {
            text += " -X POST";
        }
        for (field, value) in form {
            text += &format!(" --data-urlencode {}", quoted(&format!("{}={value}", field.name)));
        }
        for (field, value) in body {
            if let Place::Body(media_type) = field.place {
                text += &format!(" -H 'Content-Type: {media_type}' --data-raw {}", quoted(&value));
            }
        }
        format!("{text} {}", quoted(&format!("{site}{}", self.target())))
    }

    fn sent(&self, is_there: impl Fn(Place) -> bool) -> Vec<(&Field, String)> {
        let there = self.fields.iter().filter(|field| is_there(field.place));
        there.filter_map(|field| Some((field, value_of(field)?))).collect()
    }
}

fn value_of(field: &Field) -> Option<String> {
    match &field.example {
        Some(example) if field.is_filled_in => Some(example.clone()),
        _ => field.is_required.then(|| field.name.to_uppercase()),
    }
}

/// A text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, place: Place, is_required: bool, example: Option<&str>) -> Field {
        Field {
            name: name.to_owned(),
            place,
            is_required,
            description: String::new(),
            example: example.map(str::to_owned),
            is_filled_in: example.is_some(),
            choices: Vec::new(),
        }
    }

    fn commands(method: Method, path: &str, fields: &[Field], access: Access) -> Vec<String> {
        let called = Called { method: &method, path, fields, access, sets_cookies: false, asks_for_json: false };
        called.commands("http://localhost:8000").into_iter().map(|command| command.text).collect()
    }

    #[test]
    fn examples_are_in_the_command_and_what_is_missing_is_named() {
        let fields = [
            field("item_id", Place::Path, true, Some("4/2")),
            field("q", Place::Query, false, Some("a b&'c'")),
            field("state", Place::Query, true, None),
            field("lang", Place::Query, false, None),
        ];
        assert_eq!(
            commands(Method::GET, "/items/{item_id}", &fields, Access::SessionOrToken),
            [
                "curl -i -b jar 'http://localhost:8000/items/4%2F2?q=a+b%26%27c%27&state=STATE'",
                "curl -i -H \"Authorization: Bearer $TOKEN\" 'http://localhost:8000/items/4%2F2?q=a+b%26%27c%27&state=STATE'",
            ]
        );
    }

    #[test]
    fn a_form_and_a_body_are_sent_by_post() {
        let form = [field("theme", Place::Form, true, Some("it's"))];
        assert_eq!(
            commands(Method::POST, "/theme", &form, Access::Open),
            [r"curl -i --data-urlencode 'theme=it'\''s' 'http://localhost:8000/theme'"]
        );
        assert_eq!(
            commands(Method::POST, "/logout", &[], Access::Session),
            ["curl -i -b jar -X POST 'http://localhost:8000/logout'"]
        );
        let body = [field("event", Place::Body("application/jwt"), true, None)];
        assert_eq!(
            commands(Method::POST, "/events", &body, Access::Open),
            ["curl -i -H 'Content-Type: application/jwt' --data-raw 'EVENT' 'http://localhost:8000/events'"]
        );
    }
}
