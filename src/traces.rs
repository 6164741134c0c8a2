//! The trace that a request belongs to, as W3C Trace Context carries it in headers.
//!
//! [`TraceContext`] is read from a trusted proxy's request (<https://www.w3.org/TR/trace-context/>) and kept with the
//! request's span. What is sent on is decided in `server::trace_headers`; traces are exported by `otlp`.

use std::fmt;

use axum::extract::Request;
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_sessions::session::Id;
use tracing::Span;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Registry, registry::SpanRef};

use crate::auth::TrustedProxies;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The most members of a list that are passed on (§3.3.1.1).
const MAX_MEMBERS: usize = 32;
/// The longest list that is passed on; senders must keep to no more than that many characters (§3.3.1.5).
const MAX_STATE_BYTES: usize = 512;
/// The flags that a sender may pass on: `sampled`, and `random` of Level 2 (§3.2.2.5).
const KNOWN_FLAGS: u8 = 0b11;

/// The trace of a request, and the sender's place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// Not zero.
    pub trace_id: TraceId,
    /// The sender's own id in the trace; not zero.
    pub parent_id: u64,
    /// Of these, 1 says that the sender records the trace, and 2 that its id is random.
    pub flags: u8,
    /// What tracing systems on the way noted: `name=value`, separated by commas. Empty when there is nothing.
    pub state: String,
}

/// The id of a trace: 32 hexadecimal digits as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl TraceContext {
    /// The trace that a request names, if a trusted proxy sent it: anybody can send the headers.
    pub fn of(request: &Request, trusted: &TrustedProxies) -> Option<Self> {
        if trusted.sent(request) { Self::in_headers(request.headers()) } else { None }
    }

    /// The trace that headers name. A malformed `traceparent` names none; of a malformed `tracestate` nothing is kept.
    fn in_headers(headers: &HeaderMap) -> Option<Self> {
        let mut parents = headers.get_all(TRACEPARENT).iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else { return None };
        let states = headers.get_all(TRACESTATE).iter().map(HeaderValue::to_str);
        let states: Vec<&str> = states.collect::<Result<_, _>>().unwrap_or_default();
        Some(Self { state: state(&states.join(",")).unwrap_or_default(), ..Self::parse(parent.to_str().ok()?)? })
    }

    /// Reads `traceparent` (§3.2.2). Of a later version than 00 the beginning counts, which is as in 00.
    fn parse(text: &str) -> Option<Self> {
        let (known, later) = text.split_at_checked(55)?;
        let mut parts = known.split('-');
        let (version, trace_id, parent_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let version = hexadecimal(version, 2)?;
        let is_whole = later.is_empty() || (version > 0 && later.starts_with('-'));
        let context = Self {
            trace_id: TraceId(hexadecimal(trace_id, 32)?),
            parent_id: hexadecimal(parent_id, 16)?.try_into().ok()?,
            flags: hexadecimal(flags, 2)?.try_into().ok()?,
            state: String::new(),
        };
        let is_valid = version != 0xff && is_whole && context.trace_id.0 != 0 && context.parent_id != 0;
        is_valid.then_some(Self { flags: context.flags & KNOWN_FLAGS, ..context })
    }

    /// The trace that is kept with the current span, or with the nearest span around it that has one; with an id of its
    /// own, to be sent on.
    pub(crate) fn kept() -> Option<Self> {
        let kept = |span: SpanRef<'_, Registry>| span.extensions().get::<Self>().cloned();
        let find = |(id, dispatch): (&tracing::Id, &tracing::Dispatch)| {
            dispatch.downcast_ref::<Registry>()?.span(id)?.scope().find_map(kept)
        };
        Span::current().with_subscriber(find).flatten().map(|context| Self { parent_id: random_id(), ..context })
    }

    /// Keeps the trace with a span, for [`Self::kept`] within it.
    pub(crate) fn keep(self, span: &Span) {
        span.with_subscriber(|(id, dispatch)| {
            if let Some(span) = dispatch.downcast_ref::<Registry>().and_then(|registry| registry.span(id)) {
                span.extensions_mut().replace(self);
            }
        });
    }

    /// Adds the trace to the headers of a request.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let Self { trace_id, parent_id, flags, state } = self;
        if let Ok(value) = format!("00-{trace_id}-{parent_id:016x}-{flags:02x}").parse() {
            headers.insert(TRACEPARENT, value);
        }
        if let (false, Ok(value)) = (state.is_empty(), state.parse()) {
            headers.insert(TRACESTATE, value);
        }
    }
}

/// A number of exactly so many digits, in lower case (§3.2.2.1).
fn hexadecimal(text: &str, digits: usize) -> Option<u128> {
    let is_exact = text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_exact.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// A random id, not zero.
fn random_id() -> u64 {
    #[allow(clippy::cast_possible_truncation, reason = "half of the random bits are enough")]
    let half = Id::default().0 as u64;
    half.max(1)
}

/// Reads `tracestate` (§3.3.1). `None` when it is malformed, has a key twice, or exceeds a limit.
fn state(text: &str) -> Option<String> {
    let members: Vec<&str> =
        text.split(',').map(|member| member.trim_matches([' ', '\t'])).filter(|member| !member.is_empty()).collect();
    let mut keys = Vec::new();
    for member in &members {
        let (key, value) = member.split_once('=')?;
        if !is_key(key) || !is_value(value) || keys.contains(&key) {
            return None;
        }
        keys.push(key);
    }
    let text = members.join(",");
    (members.len() <= MAX_MEMBERS && text.len() <= MAX_STATE_BYTES).then_some(text)
}

/// `simple-key`, or `tenant-id@system-id`.
fn is_key(key: &str) -> bool {
    let is_name = |name: &str, longest: usize, may_begin: fn(u8) -> bool| {
        let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/');
        name.len() <= longest && name.bytes().next().is_some_and(may_begin) && name.bytes().all(is_inner)
    };
    match key.split_once('@') {
        None => is_name(key, 256, |byte| byte.is_ascii_lowercase()),
        Some((tenant, system)) => {
            is_name(tenant, 241, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && is_name(system, 14, |byte| byte.is_ascii_lowercase())
        }
    }
}

fn is_value(value: &str) -> bool {
    let is_legal = |byte: u8| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(is_legal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The specification's own example.
    const SAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(parents: &[&str], states: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, values) in [(TRACEPARENT, parents), (TRACESTATE, states)] {
            for value in values {
                headers.append(&name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
        }
        headers
    }

    #[test]
    fn the_specifications_example_is_read_as_it_says() {
        let states = ["rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE"];
        let context = TraceContext::in_headers(&headers(&[SAMPLE], &states)).unwrap();
        assert_eq!(context.trace_id, TraceId(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736));
        assert_eq!((context.parent_id, context.flags), (0x00f0_67aa_0ba9_02b7, 1));
        assert_eq!(context.state, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE");
    }

    #[test]
    fn what_is_not_exactly_a_traceparent_names_no_trace() {
        let zero_trace = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        let zero_parent = format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", "0".repeat(16));
        for text in [
            "",
            &SAMPLE.to_uppercase(),
            &SAMPLE.replacen("00", "ff", 1),
            &SAMPLE.replacen("00", "0g", 1),
            &SAMPLE.replacen("00", "0", 1),
            &SAMPLE.replace('-', "_"),
            &SAMPLE[..54],
            &format!("{SAMPLE}-"),
            &format!("{SAMPLE}-00"),
            &format!(" {SAMPLE}"),
            &format!("{SAMPLE},{SAMPLE}"),
            &SAMPLE.replacen("4b", "+b", 1),
            &zero_trace,
            &zero_parent,
            "00-4bf92f3577b34da6a3ce929d0e0e47360-0f067aa0ba902b7-01",
            &"\u{e9}".repeat(28),
        ] {
            assert_eq!(TraceContext::parse(text), None, "{text:?}");
        }
        assert_eq!(TraceContext::in_headers(&headers(&[SAMPLE, SAMPLE], &[])), None, "two headers");
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let known = TraceContext::parse(SAMPLE);
        for later in ["", "-", "-more"] {
            assert_eq!(TraceContext::parse(&format!("{}{later}", SAMPLE.replacen("00", "cc", 1))), known, "{later}");
        }
        assert_eq!(TraceContext::parse(&format!("{}.", SAMPLE.replacen("00", "cc", 1))), None);
        assert_eq!(TraceContext::parse(&SAMPLE.replace("-01", "-ff")).unwrap().flags, 3);
    }

    #[test]
    fn a_tracestate_is_kept_whole_or_not_at_all() {
        let long = format!("a={}", "x".repeat(256));
        for (text, kept) in [
            ("", Some("")),
            ("a=1,b=2", Some("a=1,b=2")),
            (" a=1 ,, \tb=2,", Some("a=1,b=2")),
            ("0tenant@system=x y", Some("0tenant@system=x y")),
            (long.as_str(), Some(long.as_str())),
            ("a", None),
            ("a=", None),
            ("=1", None),
            ("A=1", None),
            ("0a=1", None),
            ("a@0=1", None),
            ("a@b@c=1", None),
            ("a=1,a=2", None),
            ("a=1=2", None),
            ("a=\u{7f}", None),
            ("a=\u{e9}", None),
            (&format!("{long}x"), None),
            (&format!("{}=1", "a".repeat(257)), None),
            (&format!("{long},b={}", "x".repeat(256)), None),
        ] {
            assert_eq!(state(text).as_deref(), kept, "{text:?}");
        }
        let members = |number: usize| (0..number).map(|key| format!("k{key}=1")).collect::<Vec<_>>().join(",");
        assert!(state(&members(32)).is_some() && state(&members(33)).is_none());
        let malformed = TraceContext::in_headers(&headers(&[SAMPLE], &["a=1", "A=1"])).unwrap();
        assert_eq!(malformed.state, "", "the trace stays");
        let binary = TraceContext::in_headers(&headers(&[SAMPLE], &["a=\u{e9}"])).unwrap();
        assert_eq!(binary.state, "", "the trace stays");
    }

    proptest! {
        #[test]
        fn what_is_sent_is_read_as_it_was(
            trace_id in 1_u128..,
            parent_id in 1_u64..,
            flags in 0_u8..=KNOWN_FLAGS,
            members in prop::collection::btree_map("[a-z][a-z0-9_*/-]{0,8}", "[!-+.-<>-~]{1,8}", 0..8),
        ) {
            let members: Vec<_> = members.into_iter().map(|(key, value)| format!("{key}={value}")).collect();
            let context = TraceContext { trace_id: TraceId(trace_id), parent_id, flags, state: members.join(",") };
            let mut headers = HeaderMap::new();
            context.add_to(&mut headers);
            prop_assert_eq!(TraceContext::in_headers(&headers), Some(context));
        }

        #[test]
        fn no_text_is_read_as_anything_but_itself(
            text in prop_oneof!["[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}.{0,3}", "[0-9a-fA-F-]{50,60}", any::<String>()]
        ) {
            if let Some(context) = TraceContext::parse(&text) {
                let TraceContext { trace_id, parent_id, .. } = context;
                let read = format!("-{trace_id}-{parent_id:016x}-");
                prop_assert!(text[2..].starts_with(&read));
                prop_assert!(trace_id.0 != 0 && parent_id != 0 && !text.starts_with("ff"));
            }
        }

        #[test]
        fn what_is_kept_of_a_tracestate_is_a_header_within_the_limits(text in prop_oneof![any::<String>(), "[a-b]=[a-b],{0,2}"]) {
            if let Some(kept) = state(&text) {
                prop_assert!(kept.parse::<HeaderValue>().is_ok());
                prop_assert!(kept.len() <= MAX_STATE_BYTES && kept.split(',').count() <= MAX_MEMBERS);
                prop_assert_eq!(state(&kept), Some(kept));
            }
        }
    }
}
