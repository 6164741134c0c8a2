//! What the page of the API docs shows, as plain values. `server::docs` reads them from the OpenAPI document.

/// Everything on the page that does not depend on the request.
#[derive(Debug, Clone)]
pub struct ApiDocs {
    /// How a program obtains what it needs to be let in, one after the other.
    pub credentials: Vec<Credential>,
    /// The operations by their tags.
    pub groups: Vec<Group>,
}

/// A way to be let in: a session, or an access token.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its name.
    pub name: &'static str,
    /// What to know of it; names of settings and headers stand between backticks.
    pub explanation: String,
    /// Commands for a shell that obtain it; empty where no command can.
    pub commands: String,
}

/// Operations that belong together.
#[derive(Debug, Clone)]
pub struct Group {
    /// The tag.
    pub name: String,
    /// A sentence.
    pub description: String,
    /// In the order of their paths.
    pub operations: Vec<Operation>,
}

/// One method of one path.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The `operationId`, for ids and links.
    pub id: String,
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path as OpenAPI writes it.
    pub path: String,
    /// The path with its examples filled in.
    pub example_path: String,
    /// A short title.
    pub title: String,
    /// What it does; code stands between backticks.
    pub description: String,
    /// What opens it.
    pub access: Access,
    /// What it takes.
    pub fields: Vec<Field>,
    /// Whether a script can send it and read the response. It cannot where a browser is led to the issuer.
    pub is_sent_in_place: bool,
    /// The media types of its successful response, for those who may choose.
    pub media_types: Vec<String>,
    /// A command for each way to be let in.
    pub commands: Vec<Command>,
    /// First the one that the examples lead to, then by their status.
    pub responses: Vec<Response>,
}

/// What opens an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing is needed.
    Open,
    /// A session.
    Session,
    /// A session or an access token.
    SessionOrToken,
}

/// A parameter or a field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where it is sent.
    pub place: Place,
    /// Whether the operation refuses a request without it.
    pub is_required: bool,
    /// What it is; code stands between backticks.
    pub description: String,
    /// An example.
    pub example: Option<String>,
    /// Whether the example is filled in, and sent by the commands.
    pub is_filled_in: bool,
    /// The values that it may have, where these are few.
    pub choices: Vec<String>,
}

/// Where a field is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// The query.
    Query,
    /// A form in the body.
    Form,
    /// It is the whole body, of this media type.
    Body(&'static str),
}

impl Place {
    /// Its name, for people and for the script of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Form => "form",
            Self::Body(_) => "body",
        }
    }
}

/// A command for a shell.
#[derive(Debug, Clone)]
pub struct Command {
    /// What it is sent with.
    pub name: &'static str,
    /// One line.
    pub text: String,
    /// How it begins, whatever the fields have.
    pub beginning: String,
}

/// A response that an operation may have.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: String,
    /// When it is sent.
    pub description: String,
    /// The media types of its body.
    pub media_types: Vec<String>,
    /// The names of its headers.
    pub headers: Vec<String>,
    /// An example of its body.
    pub example: Option<String>,
}
