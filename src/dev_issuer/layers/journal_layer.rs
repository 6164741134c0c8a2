//! The layer that adds each protocol request and its response to the journal. The values that they carry say which
//! sign-in they belong to, so no endpoint knows of the journal. What the app verified comes from the switchboard.

use std::time::Instant;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use hyper::body::Body as _;
use serde_json::{Map, Value};

use crate::dev_issuer::basics::{
    clock::{Milliseconds, machine_time},
    digest::Digest,
    parameters::Parameters,
    session_cookie,
};
use crate::dev_issuer::faults::uses::Uses;
use crate::dev_issuer::journal::{
    attempts::AttemptId,
    entry::Entry,
    shown::{Field, Shown, unverified_claims},
    step::{Step, StepKind},
};
use crate::dev_issuer::people::person::Person;
use crate::dev_issuer::protocol::paths::{KINDE_ACCOUNT_API, KINDE_MANAGEMENT_API, KINDE_PORTAL_LINK, Paths, SIGN_IN};
use crate::dev_issuer::state::tenant::SharedTenant;

/// The longest response whose members are shown.
const LONGEST_RESPONSE: u64 = 64 * 1024;
/// The header of the sign-in page with its transaction.
const TRANSACTION: &str = "x-dev-transaction";
/// The members of a token response by which later requests are found.
const TOKENS: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// Adds the request and its response to the journal, also when the connection ends before there is a response.
pub(crate) async fn record(State(tenant): State<SharedTenant>, request: Request, next: Next) -> Response {
    let Some(recording) = Recording::begin(tenant, &request) else { return next.run(request).await };
    let response = recording.uses.clone().of(next.run(request)).await;
    recording.finish(response).await
}

/// A request under way. When it is dropped, its step is added as it is then.
struct Recording {
    tenant: SharedTenant,
    attempt: Option<AttemptId>,
    step: Step,
    /// The session at the tenant that the browser brings along.
    session: Option<String>,
    began: Instant,
    uses: Uses,
}

impl Recording {
    /// Returns none for a request of no protocol, such as one of the console.
    fn begin(tenant: SharedTenant, request: &Request) -> Option<Self> {
        let no_parameters = Parameters::default();
        let parameters = request.extensions().get::<Parameters>().unwrap_or(&no_parameters);
        let kind = kind_of(tenant.paths(), request.uri().path(), parameters)?;
        let at = machine_time();
        let attempt = match kind {
            StepKind::Authorization => Some(tenant.journal.lock().begin(at)),
            _ => attempt_of(&tenant, kind, at, parameters, request.headers()),
        };
        if let (StepKind::Authorization, Some(attempt), Some(state)) = (kind, attempt, parameters.query("state")) {
            tenant.journal.lock().mark(attempt, Digest::of(state));
        }
        let step = Step {
            kind,
            at,
            took: 0,
            method: request.method().to_string(),
            address: format!("{}{}", tenant.origin, request.uri().path()),
            parameters: fields_of(parameters, request.headers()),
            status: None,
            response: Vec::new(),
            faults: Vec::new(),
        };
        let session = session_cookie::of_request(request.headers());
        Some(Self { tenant, attempt, step, session, began: Instant::now(), uses: Uses::default() })
    }

    async fn finish(mut self, response: Response) -> Response {
        self.step.status = Some(response.status().as_u16());
        self.learn_session(&response);
        if let Some(location) = text(response.headers(), header::LOCATION.as_str()).map(str::to_owned) {
            self.redirected(&location);
        }
        if let (Some(attempt), Some(transaction)) = (self.attempt, text(response.headers(), TRANSACTION)) {
            self.tenant.journal.lock().mark(attempt, Digest::of(transaction));
        }
        let (response, body) = with_body(response).await;
        match body {
            Some(body) => self.learn_members(&body),
            None => self.step.response.push(Field::new("body", "longer than it says, or cut off")),
        }
        response
    }

    /// The person of a sign-in is known by the browser's session, as soon as there is a code.
    fn learn_session(&self, response: &Response) {
        let new = session_cookie::of_response(response.headers());
        let has_code = text(response.headers(), header::LOCATION.as_str()).is_some_and(|url| url.contains("code="));
        let (Some(attempt), Some(session)) = (self.attempt, new.or_else(|| self.session.clone().filter(|_| has_code)))
        else {
            return;
        };
        let person = self.tenant.state().session(&session).map(|session| session.person.clone());
        self.tenant.journal.lock().mark(attempt, Digest::of(&session));
        if let Some(key) = person {
            self.learn_person(attempt, |person| person.key == key);
        }
    }

    fn learn_person(&self, attempt: AttemptId, is_theirs: impl Fn(&Person) -> bool) {
        let found = {
            let state = self.tenant.state();
            let person = state.people.all().iter().find(|person| is_theirs(person));
            person.map(|person| (person.full_name().unwrap_or_else(|| person.key.clone()), person.subject.clone()))
        };
        if let Some((name, subject)) = found {
            let mut journal = self.tenant.journal.lock();
            journal.name(attempt, name);
            journal.mark(attempt, Digest::of(&subject));
        }
    }

    /// A redirect to the client is the next step, the callback; where another one leads is shown as part of the
    /// response.
    fn redirected(&mut self, location: &str) {
        let (target, query) = location.split_once('?').unwrap_or((location, ""));
        let parameters = Parameters::parse(query, &[]);
        let is_callback =
            self.tenant.state().registration.allows_callback(target) && self.step.kind != StepKind::Logout;
        if !is_callback {
            self.step.response.push(Field::new("Location", target));
            self.step.response.extend(Field::all(&parameters.query));
            return;
        }
        self.step.response.push(Field::new("Location", target));
        let Some(attempt) = self.attempt else { return };
        let callback = Step {
            kind: StepKind::Callback,
            at: machine_time(),
            took: 0,
            method: "GET".to_owned(),
            address: target.to_owned(),
            parameters: Field::all(&parameters.query),
            status: None,
            response: Vec::new(),
            faults: Vec::new(),
        };
        let mut journal = self.tenant.journal.lock();
        // A fault may have changed them: the app's own words then still find this sign-in.
        for value in ["state", "code"].iter().filter_map(|name| parameters.query(name)) {
            journal.mark(attempt, Digest::of(value));
        }
        journal.called_back(attempt);
        journal.add(Some(attempt), &Entry::Step(callback));
    }

    fn learn_members(&mut self, body: &Bytes) {
        if self.step.kind == StepKind::Management && self.step.status.is_some_and(|status| status < 400) {
            // The records of the environment, among them clients with their secrets.
            return;
        }
        let Ok(members) = serde_json::from_slice::<Map<String, Value>>(body) else {
            return self.show_body(body);
        };
        self.step.response.extend(members.iter().map(|(name, value)| match (self.step.kind, value.as_str()) {
            // Its query opens the portal.
            (StepKind::PortalLink, Some(url)) => Field::new(name, url.split('?').next().unwrap_or_default()),
            _ => Field::member(name, value),
        }));
        let Some(attempt) = self.attempt else { return };
        for token in TOKENS.iter().filter_map(|name| members.get(*name)?.as_str()) {
            self.tenant.journal.lock().mark(attempt, Digest::of(token));
        }
        let subject = members.get("id_token").and_then(|token| unverified_claims(token.as_str()?));
        if let Some(subject) = subject.as_ref().and_then(|claims| claims.get("sub")?.as_str()) {
            self.learn_person(attempt, |person| person.subject == subject);
        }
    }

    /// Pages are left out. A body that should be JSON and is not shows that a fault was on.
    fn show_body(&mut self, body: &Bytes) {
        let is_page = matches!(self.step.kind, StepKind::Authorization | StepKind::SignIn | StepKind::Logout);
        if !is_page && !body.is_empty() {
            self.step.response.push(Field::new("body", &String::from_utf8_lossy(body)));
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.step.took = Milliseconds::try_from(self.began.elapsed().as_millis()).unwrap_or(Milliseconds::MAX);
        self.step.faults = self.uses.names().into_iter().map(str::to_owned).collect();
        self.tenant.journal.lock().add(self.attempt, &Entry::Step(self.step.clone()));
    }
}

fn kind_of(paths: &Paths, path: &str, parameters: &Parameters) -> Option<StepKind> {
    Some(match path {
        SIGN_IN => StepKind::SignIn,
        KINDE_PORTAL_LINK => StepKind::PortalLink,
        _ if path == paths.discovery => StepKind::Discovery,
        _ if paths.is_key_set(path) => StepKind::Keys,
        _ if path == paths.authorization => StepKind::Authorization,
        _ if path == paths.token => match parameters.form("grant_type") {
            Some("refresh_token") => StepKind::Refresh,
            Some("client_credentials") => StepKind::MachineToken,
            _ => StepKind::Token,
        },
        _ if paths.is_user_profile(path) => StepKind::UserProfile,
        _ if path.starts_with(KINDE_ACCOUNT_API) => StepKind::AccountApi,
        _ if path.starts_with(KINDE_MANAGEMENT_API) => StepKind::Management,
        _ if path == paths.revocation => StepKind::Revocation,
        _ if path == paths.introspection => StepKind::Introspection,
        _ if path == paths.logout => StepKind::Logout,
        _ => return None,
    })
}

/// Returns the sign-in that a request belongs to: by its code, token, transaction or session, or for documents by the
/// time.
fn attempt_of(
    tenant: &SharedTenant,
    kind: StepKind,
    at: Milliseconds,
    parameters: &Parameters,
    headers: &HeaderMap,
) -> Option<AttemptId> {
    let journal = tenant.journal.lock();
    if matches!(kind, StepKind::Discovery | StepKind::Keys) {
        return journal.under_way(at);
    }
    let carried = ["transaction", "code", "refresh_token", "token"].iter().filter_map(|name| parameters.form(name));
    let session = session_cookie::of_request(headers);
    let values = carried.chain(bearer(headers)).chain(parameters.query("id_token_hint")).chain(session.as_deref());
    let mut found = values.filter_map(|value| journal.find(Digest::of(value)));
    found.next()
}

/// Returns the parameters of a request. Of its headers only `Authorization`, without its secret.
fn fields_of(parameters: &Parameters, headers: &HeaderMap) -> Vec<Field> {
    let mut fields = Field::all(&parameters.query);
    fields.extend(Field::all(&parameters.form));
    let scheme = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| value.split_whitespace().next());
    let authorization = match (bearer(headers), scheme) {
        (Some(token), _) => Some(Shown::secret(token)),
        (None, scheme) => scheme.map(Shown::text),
    };
    fields.extend(authorization.map(|value| Field { name: "Authorization".to_owned(), value }));
    fields
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Reads a body whose length is known and small. Any other is left as it is: a fault may make it endless.
async fn with_body(response: Response) -> (Response, Option<Bytes>) {
    if response.body().size_hint().exact().is_none_or(|length| length > LONGEST_RESPONSE) {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    (Response::from_parts(parts, Body::from(bytes.clone())), Some(bytes))
}
