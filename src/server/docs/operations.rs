//! Reads the OpenAPI document for the page of the API docs.

use http::Method;
use serde_json::{Map, Value};

use super::commands::Called;
use crate::app::docs_page::{Access, Field, Group, Operation, Place, Response};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// The tag of the operations that lead a browser to the issuer and back.
const SIGN_IN: &str = "sign-in";
/// Statuses of the layers around every route, which say nothing of an operation.
const FROM_EVERY_ROUTE: [&str; 3] = ["413", "414", "500"];

/// The operations by their tags, in the order of the tags.
pub(super) fn groups(document: &Value, site: &str) -> Vec<Group> {
    let reader = Reader { document, site };
    let tags = array(&document["tags"]);
    tags.iter()
        .map(|tag| Group {
            name: text(&tag["name"]),
            description: format!("{}.", text(&tag["description"])),
            operations: reader.operations(&tag["name"]),
        })
        .collect()
}

struct Reader<'a> {
    document: &'a Value,
    site: &'a str,
}

impl Reader<'_> {
    fn operations(&self, tag: &Value) -> Vec<Operation> {
        let paths = object(&self.document["paths"]);
        let all = paths.flat_map(|(path, operations)| {
            object(operations).map(move |(method, operation)| (path, method, operation))
        });
        let tagged = all.filter(|(_, _, operation)| array(&operation["tags"]).contains(tag));
        tagged.map(|(path, method, operation)| self.operation(path, method, operation)).collect()
    }

    fn operation(&self, path: &str, method: &str, operation: &Value) -> Operation {
        let only_tells = method == "get" && operation["responses"]["200"]["content"][JSON].is_object();
        let leads_to_issuer = !only_tells && array(&operation["tags"]).iter().any(|tag| tag == SIGN_IN);
        let method = if method == "post" { Method::POST } else { Method::GET };
        let fields = self.fields(operation, leads_to_issuer);
        let access = access(operation);
        let responses = self.responses(operation, leads_to_issuer);
        let media_types = responses.first().map(|first| first.media_types.clone()).unwrap_or_default();
        let called = Called {
            method: &method,
            path,
            fields: &fields,
            access,
            sets_cookies: leads_to_issuer,
            asks_for_json: media_types.len() > 1,
        };
        let (example_path, commands) = (self.example_path(path, &fields), called.commands(self.site));
        Operation {
            id: text(&operation["operationId"]),
            method: if method == Method::POST { "POST" } else { "GET" },
            path: path.to_owned(),
            example_path,
            title: text(&operation["summary"]),
            description: text(&operation["description"]),
            access,
            is_sent_in_place: !leads_to_issuer,
            media_types,
            commands,
            responses,
            fields,
        }
    }

    /// The path without query: a form adds that.
    fn example_path(&self, path: &str, fields: &[Field]) -> String {
        let in_path = fields.iter().filter(|field| field.place == Place::Path).cloned().collect::<Vec<_>>();
        let method = Method::GET;
        Called {
            method: &method,
            path,
            fields: &in_path,
            access: Access::Open,
            sets_cookies: false,
            asks_for_json: false,
        }
        .target()
    }

    fn fields(&self, operation: &Value, leads_to_issuer: bool) -> Vec<Field> {
        let parameters = array(&operation["parameters"]).iter().map(|parameter| {
            let place = if parameter["in"] == "path" { Place::Path } else { Place::Query };
            let is_required = parameter["required"] == true;
            // An option of a sign-in changes it; the example is one that this issuer may not know.
            let is_filled_in = is_required || !leads_to_issuer;
            self.field(text(&parameter["name"]), place, is_required, is_filled_in, parameter, &parameter["schema"])
        });
        parameters.chain(self.body_fields(&operation["requestBody"])).collect()
    }

    fn body_fields(&self, body: &Value) -> Vec<Field> {
        object(&body["content"])
            .flat_map(|(media_type, content)| {
                let schema = self.resolved(&content["schema"]);
                if media_type != FORM {
                    let place = Place::Body(if media_type == "application/jwt" { "application/jwt" } else { JSON });
                    return vec![self.field("body".to_owned(), place, true, true, body, schema)];
                }
                let required = array(&schema["required"]);
                object(&schema["properties"])
                    .map(|(name, property)| {
                        let is_required = required.iter().any(|required| required == name);
                        self.field(name.clone(), Place::Form, is_required, is_required, property, property)
                    })
                    .collect()
            })
            .collect()
    }

    fn field(
        &self,
        name: String,
        place: Place,
        is_required: bool,
        is_filled_in: bool,
        described: &Value,
        schema: &Value,
    ) -> Field {
        let schema = self.resolved(schema);
        let choices: Vec<_> = array(&schema["enum"]).iter().map(text).collect();
        let example = Some(&described["example"]).filter(|example| !example.is_null()).map(text);
        let example = example.or_else(|| choices.first().cloned());
        let description = [&described["description"], &schema["description"]].into_iter().find(|text| text.is_string());
        Field {
            name,
            place,
            is_required,
            description: sentence(&description.map(text).unwrap_or_default()),
            is_filled_in: is_filled_in && example.is_some(),
            example,
            choices,
        }
    }

    /// First the response that the examples lead to.
    fn responses(&self, operation: &Value, leads_to_issuer: bool) -> Vec<Response> {
        let stated = object(&operation["responses"]).filter(|(status, _)| !FROM_EVERY_ROUTE.contains(&status.as_str()));
        let mut responses: Vec<_> = stated.map(|(status, response)| self.response(status, response)).collect();
        let is_success = |response: &Response| !leads_to_issuer && response.status.starts_with('2');
        let is_redirect = |response: &Response| response.status == "303";
        let success = responses.iter().position(is_success).or_else(|| responses.iter().position(is_redirect));
        if let Some(at) = success {
            responses[..=at].rotate_right(1);
        }
        responses
    }

    fn response(&self, status: &str, response: &Value) -> Response {
        let example = &response["content"][JSON]["example"];
        Response {
            status: status.to_owned(),
            description: sentence(&text(&response["description"])),
            media_types: object(&response["content"]).map(|(media_type, _)| media_type.clone()).collect(),
            headers: object(&response["headers"]).map(|(name, _)| name.clone()).collect(),
            example: (!example.is_null()).then(|| format!("{example:#}")),
        }
    }

    /// A schema, or the one that it refers to.
    fn resolved<'v>(&'v self, schema: &'v Value) -> &'v Value {
        let reference = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        reference.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(schema)
    }
}

fn access(operation: &Value) -> Access {
    let schemes = array(&operation["security"]);
    match schemes.len() {
        0 => Access::Open,
        _ if schemes.iter().any(|scheme| scheme.get("bearer").is_some()) => Access::SessionOrToken,
        _ => Access::Session,
    }
}

/// With a full stop, and on one line.
fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.ends_with('.') { text } else { text + "." }
}

/// A text, or the text of another value.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}
