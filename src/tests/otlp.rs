//! The export of traces, by a build with the feature `otlp`, to a collector that the test is. The harness starts such a
//! build where [`BUILD`] names it: `.ci/otlp` makes one and runs these tests.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::logs::visit::{Secrets, whole_visit};
use crate::harness::{Address, Browser, Ended, Program, TestTenant, free_port, settings_of, until_examined};

/// The variable that names the program of a build with the feature.
const BUILD: &str = "KINDE_LEPTOS_WITH_OTLP";

/// A field of a message in Protocol Buffers' wire format (<https://protobuf.dev/programming-guides/encoding/>).
#[derive(Debug, Clone)]
enum Field {
    Number(u64),
    Bytes(Vec<u8>),
}

/// A message: its fields with their numbers.
#[derive(Debug, Clone)]
struct Message(Vec<(u64, Field)>);

impl Message {
    fn read(mut bytes: &[u8]) -> Self {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let tag = varint(&mut bytes);
            let field = match tag & 7 {
                0 => Field::Number(varint(&mut bytes)),
                1 => Field::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
                2 => {
                    let length = usize::try_from(varint(&mut bytes)).unwrap();
                    Field::Bytes(take(&mut bytes, length).to_vec())
                }
                5 => Field::Number(u32::from_le_bytes(take(&mut bytes, 4).try_into().unwrap()).into()),
                other => panic!("wire type {other}"),
            };
            fields.push((tag >> 3, field));
        }
        Self(fields)
    }

    fn all(&self, number: u64) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(move |field| match field {
            (known, Field::Bytes(bytes)) if *known == number => Some(&bytes[..]),
            _ => None,
        })
    }

    fn messages(&self, number: u64) -> impl Iterator<Item = Self> {
        self.all(number).map(Self::read)
    }

    fn text(&self, number: u64) -> String {
        String::from_utf8(self.all(number).next().unwrap_or_default().to_vec()).unwrap()
    }

    fn hexadecimal(&self, number: u64) -> String {
        self.all(number).next().unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn number(&self, number: u64) -> u64 {
        let found = self.0.iter().find_map(|field| match field {
            (known, Field::Number(value)) if *known == number => Some(*value),
            _ => None,
        });
        found.unwrap_or(0)
    }

    /// Attributes as `name=value`, the value a text or a whole number.
    fn attributes(&self, number: u64) -> Vec<String> {
        let pair = |pair: Self| {
            let value = pair.messages(2).next().unwrap();
            let text = value.text(1);
            let value = if text.is_empty() { value.number(3).to_string() } else { text };
            format!("{}={value}", pair.text(1))
        };
        self.messages(number).map(pair).collect()
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let byte = take(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return value;
        }
    }
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

/// A span as the collector got it.
#[derive(Debug)]
struct Span {
    trace: String,
    id: String,
    parent: String,
    name: String,
    kind: u64,
    attributes: Vec<String>,
    is_error: bool,
}

const INTERNAL: u64 = 1;
const SERVER: u64 = 2;
const CLIENT: u64 = 3;

impl Span {
    /// Reads the `Span` of opentelemetry-proto's `trace.proto`.
    fn read(message: &Message) -> Self {
        assert!(0 < message.number(7) && message.number(7) <= message.number(8), "it ends before it begins");
        Self {
            trace: message.hexadecimal(1),
            id: message.hexadecimal(2),
            parent: message.hexadecimal(4),
            name: message.text(5),
            kind: message.number(6),
            attributes: message.attributes(9),
            is_error: message.messages(15).any(|status| status.number(3) == 2),
        }
    }

    fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|known| known == attribute)
    }
}

/// What a collector got: headers and bodies.
type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A collector on a free port.
async fn collector() -> (String, Received) {
    let received = Received::default();
    let take = |State(received): State<Received>, headers: HeaderMap, body: Bytes| async move {
        received.lock().unwrap().push((headers, body));
        StatusCode::OK
    };
    let routes = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&received));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, received)
}

fn spans(received: &Received) -> Vec<Span> {
    let bodies = received.lock().unwrap();
    let requests = bodies.iter().flat_map(|(_, body)| Message::read(body).messages(1).collect::<Vec<_>>());
    let scopes = requests.flat_map(|resource| resource.messages(2).collect::<Vec<_>>());
    let spans = scopes.flat_map(|scope| scope.messages(2).collect::<Vec<_>>());
    spans.map(|span| Span::read(&span)).collect()
}

/// A whole visit at a program of the build with the feature, which exports to this endpoint.
async fn visit(folder: &Path, endpoint: &str, more: &[(&str, &str)]) -> (Ended, Secrets) {
    let site = Address::on_a_free_port();
    let tenant = TestTenant::start(&site.url).await;
    let own = [("SESSION_STORE_URL", "sqlite:sessions.db"), ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
    let variables = [&settings_of(&tenant, &site.url)[..], &own, more].concat();
    let program = Program::start_build(&build(), "", folder, &[], &variables).ready();
    // These requests belong to no visit.
    until_examined(&tenant).await;
    tenant.clear_log().await;
    tenant.settings(json!({"auto_sign_in": "ada"})).await;
    let secrets = whole_visit(&site, &tenant, &folder.join("sessions.db")).await;
    let sent = tenant.log().await;
    let tokens = sent.iter().filter(|entry| entry["path"] == "/oauth2/token");
    assert!(tokens.into_iter().all(|entry| entry["traceparent"].is_string()), "the issuer gets the trace");
    (program.stop("TERM"), secrets)
}

fn build() -> String {
    std::env::var(BUILD).unwrap_or_else(|_| panic!("{BUILD} names no program: run .ci/otlp"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a build with the feature otlp: .ci/otlp"]
async fn a_sign_in_is_a_trace_with_the_request_to_the_issuer_and_the_stores_operations_below_it() {
    let (folder, (url, received)) = (tempfile::tempdir().unwrap(), collector().await);
    let more = [
        ("OTEL_SERVICE_NAME", "shop"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=a%20test"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=sesame%3D"),
        ("LOG_FORMAT", "json"),
        ("RUST_LOG", "trace"),
    ];
    let (ended, secrets) = visit(folder.path(), &url, &more).await;
    let spans = spans(&received);
    let below = |parent: &Span| -> Vec<&Span> {
        spans.iter().filter(|span| span.parent == parent.id && span.trace == parent.trace).collect()
    };
    let callbacks: Vec<&Span> =
        spans.iter().filter(|span| span.name == "GET /api/auth/kinde_callback" && span.kind == SERVER).collect();
    // The first is refused because of a wrong nonce.
    let callback = callbacks.iter().find(|span| span.has("http.response.status_code=303")).unwrap();
    assert_eq!((callbacks.len(), callback.parent.as_str(), callback.is_error), (2, "", false), "{callbacks:?}");
    for attribute in
        ["http.request.method=GET", "http.route=/api/auth/kinde_callback", "url.path=/api/auth/kinde_callback"]
    {
        assert!(callback.has(attribute), "{callback:?}");
    }
    let below = below(callback);
    let token = below.iter().find(|span| span.name == "POST /oauth2/token").unwrap();
    assert_eq!((token.kind, token.is_error), (CLIENT, false), "{token:?}");
    assert!(token.has("http.response.status_code=200") && token.has("server.address=127.0.0.1"), "{token:?}");
    for operation in ["take", "create"] {
        let name = format!("store {operation}");
        let stored = below.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {below:?}"));
        assert!(stored.kind == INTERNAL && stored.has(&format!("db.operation.name={operation}")), "{stored:?}");
    }
    let named = spans.iter().find(|span| span.name == "GET /items/{item_id}").unwrap();
    assert!(named.has("http.route=/items/{item_id}"), "{named:?}");

    let bodies = received.lock().unwrap();
    let (headers, body) = &bodies[0];
    assert_eq!(
        (&headers["content-type"], &headers["x-key"]),
        (&"application/x-protobuf".parse().unwrap(), &"sesame=".parse().unwrap())
    );
    let resource = Message::read(body).messages(1).next().unwrap().messages(1).next().unwrap().attributes(1);
    for attribute in ["service.name=shop", "deployment.environment.name=a test"] {
        assert!(resource.iter().any(|known| known == attribute), "{resource:?}");
    }

    let exported: String = bodies.iter().map(|(_, body)| String::from_utf8_lossy(body)).collect();
    secrets.check_absent_from(&exported);
    secrets.check_absent_from(&ended.stderr);
    assert!(!exported.contains("sesame") && !ended.stderr.contains("sesame"), "the collector's key");
    let access = ended.stderr.lines().find(|line| line.contains("\"access\"") && line.contains("kinde_callback"));
    assert!(callbacks.iter().any(|span| access.unwrap().contains(&span.trace)), "{access:?}");
    assert!(!ended.stderr.contains("otel.kind\":\"Server"), "the span of a request is for the collector alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a build with the feature otlp: .ci/otlp"]
async fn a_trusted_proxys_trace_goes_on_and_its_decision_what_is_recorded_counts() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let (folder, (url, received)) = (tempfile::tempdir().unwrap(), collector().await);
    let site = Address::on_a_free_port();
    let variables = [
        ("SITE_URL", site.url.as_str()),
        ("DEV_ISSUER_PORT", "0"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("{url}/v1/traces")),
    ];
    let program = Program::start_build(&build(), "", folder.path(), &[], &variables).ready();
    for flags in ["01", "00"] {
        let parent = format!("00-{TRACE}-00f067aa0ba902{flags}-{flags}");
        let headers = [("traceparent", parent.as_str())];
        Browser::new().get_through(&headers, &site.at("/signed-out")).await;
    }
    assert_eq!(program.stop("TERM").code, Some(0));
    let spans = spans(&received);
    let parents: Vec<_> = spans.iter().map(|span| (span.trace.as_str(), span.parent.as_str())).collect();
    assert!(parents.contains(&(TRACE, "00f067aa0ba90201")), "{spans:?}");
    assert!(!parents.contains(&(TRACE, "00f067aa0ba90200")), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a build with the feature otlp: .ci/otlp"]
async fn a_collector_that_is_down_is_one_warning_and_every_request_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = format!("http://127.0.0.1:{}", free_port());
    let (ended, _) = visit(folder.path(), &endpoint, &[("OTEL_BSP_SCHEDULE_DELAY", "50")]).await;
    assert_eq!(ended.code, Some(0));
    let warnings = ended.stderr.lines().filter(|line| line.contains("the collector does not take traces"));
    assert_eq!(warnings.count(), 1, "{}", ended.stderr);
}

#[test]
#[ignore = "needs a build with the feature otlp: .ci/otlp"]
fn what_is_wrong_with_the_export_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_TRACES_SAMPLER", "sometimes")];
    let ended = Program::start_build(&build(), "", folder.path(), &[], &variables).end();
    assert_eq!(ended.code, Some(1));
    for name in ["OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\"", "OTEL_TRACES_SAMPLER is \"sometimes\""] {
        assert!(ended.stderr.contains(name), "{}", ended.stderr);
    }
}
