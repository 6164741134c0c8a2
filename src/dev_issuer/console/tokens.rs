//! The pages `/tokens`: a token that is pasted or issued to order, and the call of a route of the app with it. Whether it is
//! good is decided in `judged_token`. A token is only ever in the body of a request, never in an address.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::{Map, Value};

use super::{
    app_call::{self, Call},
    form::{Content, Field, Form, field},
    frame::{self, Section},
    judged_token::Judged,
};
use crate::dev_issuer::basics::{page::escape, parameters::Parameters};
use crate::dev_issuer::state::tenant::{EmulatedTenant, SharedTenant, TenantState};
use crate::dev_issuer::tokens::order::{self, NotIssued, Order};

const TOKEN: &[Field] = &[field(
    "token",
    "Token",
    "An access token, ID token, refresh token, logout token or event. It is not kept.",
    Content::LongText,
)];

const ORDER: &[Field] = &[
    field("person", "Person", "None: the token of a machine.", Content::Choice),
    field(
        "org_code",
        "Organization",
        "Its code. Empty: the person's first; a machine has none.",
        Content::OptionalText,
    ),
    field("audience", "Audience", "One in each line. May be empty.", Content::Lines),
    field("scope", "Scopes", "One in each line. May be empty.", Content::Lines),
    field("claims", "Claims", "JSON: they replace those of the tenant. Null removes one. May be empty.", Content::Json),
    field("fault", "What is wrong with it", "None: it is correct.", Content::Choice),
];

/// `GET /tokens`
pub(crate) async fn start(State(tenant): State<SharedTenant>) -> Response {
    let (token, order) = (Form::of_values(TOKEN, &Value::Null), Form::of_values(ORDER, &Value::Null));
    start_page(&tenant.state(), StatusCode::OK, &token, order)
}

fn start_page(state: &TenantState, status: StatusCode, token: &Form, mut order: Form) -> Response {
    let people = state.people.all().iter().map(|person| {
        let name = person.full_name().unwrap_or_default();
        (person.key.clone(), format!("{} {name}", person.key))
    });
    order.offer("person", people.collect());
    let faults = order::faults().map(|fault| (fault.name.to_owned(), fault.name.to_owned()));
    order.offer("fault", faults.collect());
    let body = format!(
        "{}{}<h2>Read a token</h2><form class=\"fields\" method=\"post\" action=\"/tokens/read\">{}\
         <button>Read the token</button></form>\
         <h2>Issue an access token to order</h2><form class=\"fields\" method=\"post\" action=\"/tokens/issue\">{}\
         <button>Issue the token</button></form>",
        token.summary(),
        order.summary(),
        token.fields(),
        order.fields(),
    );
    frame::page_with_status(status, Section::Tokens, "Tokens", &body)
}

/// `POST /tokens/read`
pub(crate) async fn read(State(tenant): State<SharedTenant>, body: String) -> Response {
    let mut form = Form::of_parameters(TOKEN, &Parameters::parse("", body.as_bytes()));
    let token = text(&form.values(), "token").unwrap_or_default();
    match Judged::of(&tenant, &token) {
        Some(judged) => token_page(&tenant, StatusCode::OK, &token, &judged, empty_call(), ""),
        None => {
            form.note("token", "This is no JWT, and no token that this tenant has issued.");
            start_page(&tenant.state(), StatusCode::BAD_REQUEST, &form, Form::of_values(ORDER, &Value::Null))
        }
    }
}

/// `POST /tokens/issue`
pub(crate) async fn issue(State(tenant): State<SharedTenant>, body: String) -> Response {
    let mut form = Form::of_parameters(ORDER, &Parameters::parse("", body.as_bytes()));
    let values = form.filled_values();
    form.check::<Order>(&values, &Map::new());
    if form.is_good()
        && let Ok(order) = serde_json::from_value::<Order>(values.into())
    {
        let issued = order.issue(&tenant, &mut tenant.state());
        match issued {
            Ok(token) => {
                let judged = Judged::of(&tenant, &token).unwrap_or_default();
                return token_page(&tenant, StatusCode::OK, &token, &judged, empty_call(), "");
            }
            Err(error @ NotIssued::NoSuchPerson) => form.note("org_code", &error.to_string()),
            Err(error @ NotIssued::NoSuchFault) => form.note("fault", &error.to_string()),
        }
    }
    start_page(&tenant.state(), StatusCode::BAD_REQUEST, &Form::of_values(TOKEN, &Value::Null), form)
}

/// `POST /tokens/call`
pub(crate) async fn call(State(tenant): State<SharedTenant>, body: String) -> Response {
    let parameters = Parameters::parse("", body.as_bytes());
    let token = parameters.form("token").unwrap_or_default().trim().to_owned();
    let Some(judged) = Judged::of(&tenant, &token) else {
        return frame::error(StatusCode::BAD_REQUEST, Section::Tokens, "The form has no token.");
    };
    let mut form = Form::of_parameters(app_call::FIELDS, &parameters);
    let values = form.values();
    let body = values.get("body").filter(|body| !body.is_null()).map(Value::to_string);
    let path = text(&values, "path").unwrap_or_default();
    let registration = tenant.state().registration.clone();
    let call = Call::of(&registration, &path, text(&values, "method").as_deref(), body);
    match call {
        Ok(call) if form.is_good() => {
            let response = call.send(tenant.outbox.client(), &token).await;
            token_page(&tenant, StatusCode::OK, &token, &judged, form, &response)
        }
        call => {
            if let Err(refused) = call {
                form.note(refused.field(), &refused.to_string());
            }
            token_page(&tenant, StatusCode::BAD_REQUEST, &token, &judged, form, "")
        }
    }
}

fn text(values: &Map<String, Value>, name: &str) -> Option<String> {
    values.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn empty_call() -> Form {
    Form::of_values(app_call::FIELDS, &Value::Null)
}

fn token_page(
    tenant: &EmulatedTenant,
    status: StatusCode,
    token: &str,
    judged: &Judged,
    mut call: Form,
    response: &str,
) -> Response {
    call.offer("method", app_call::METHODS.map(|method| (method.to_owned(), method.to_owned())).to_vec());
    let app = app_call::app_origin(&tenant.state().registration).unwrap_or_else(|| "the app".to_owned());
    let body = format!(
        "{response}{}<ul>{}</ul><h2>Call a route of the app with it</h2>\
         <p>The tenant sends the request to <code>{}</code> with this token as bearer token.</p>\
         <form class=\"fields\" method=\"post\" action=\"/tokens/call\"><input type=\"hidden\" name=\"token\" value=\"{}\">{}\
         <button>Send the request</button></form>\
         <h2>The token</h2>{}{}<p><a href=\"/tokens\">Another token</a></p>",
        call.summary(),
        judged.verdicts.iter().map(|verdict| format!("<li>{verdict}</li>")).collect::<String>(),
        escape(&app),
        escape(token),
        call.fields(),
        frame::preformatted("The token", token),
        judged.content,
    );
    frame::page_with_status(status, Section::Tokens, "A token", &body)
}
