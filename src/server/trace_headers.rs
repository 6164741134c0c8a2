//! The headers by which the issuer learns of the trace that a request of ours belongs to.

use crate::auth::RequestHeaders;
use crate::otlp;
use crate::traces::TraceContext;

/// Those of the trace of the request that causes it, where there is one: an exported one, else the one that a trusted
/// proxy's request came with.
pub fn trace_headers() -> RequestHeaders {
    RequestHeaders::new(|headers| {
        if let Some(context) = otlp::current().or_else(TraceContext::kept) {
            context.add_to(headers);
        }
    })
}
