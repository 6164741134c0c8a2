//! A limit on sign-in requests for each client address, so that nobody can flood the store or the issuer through us.
//! Requests that begin a sign-in, callbacks and visits of the portal are counted separately, so that a flood of the one
//! does not stop the others, such as sign-ins under way. Sign-out is not limited: everybody can always end a session.
//! Of what the issuer itself sends only that counts which fails verification, and nothing else is ever refused: many
//! events at once, or somebody else's forgeries, must not delay the end of a user's access. To verify one costs less
//! than the connection that brought it. The address is found in `client_address`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use metrics::Counter;

use super::metrics::Metrics;
use super::problem::Problem;
use crate::auth::paths::Paths;
use crate::auth::{Error, TrustedProxies};

/// Addresses that have been quiet are forgotten this often.
const FORGET_INTERVAL: Duration = Duration::from_secs(60);

const REFUSED: (&str, &str) =
    ("kinde_leptos_rate_limited_requests_total", "Requests refused because their address sends too many.");

/// Requests that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Limited {
    /// Requests that begin a sign-in.
    Beginning,
    /// Requests with which browsers come back from the issuer.
    Callback,
    /// Requests for the portal: each is a request to the issuer.
    Portal,
    /// Events and logout tokens, if they fail verification.
    Forgery,
}

impl Limited {
    const ALL: [Self; 4] = [Self::Beginning, Self::Callback, Self::Portal, Self::Forgery];

    /// What metrics call them.
    fn name(self) -> &'static str {
        match self {
            Self::Beginning => "sign_in",
            Self::Callback => "callback",
            Self::Portal => "portal",
            Self::Forgery => "forgery",
        }
    }

    /// Returns `None` for a path that is not limited.
    fn of(path: &str, paths: &Paths) -> Option<Self> {
        if paths.begins_sign_in(path) {
            Some(Self::Beginning)
        } else if path == paths.callback {
            Some(Self::Callback)
        } else if path == paths.portal {
            Some(Self::Portal)
        } else if path == paths.webhooks || path == paths.backchannel_logout {
            Some(Self::Forgery)
        } else {
            None
        }
    }
}

/// Whether requests for this path may be refused with 429.
pub(super) fn limits(path: &str, paths: &Paths) -> bool {
    Limited::of(path, paths).is_some()
}

/// How many requests at once, and how many a second after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// At once.
    pub burst: NonZeroU32,
    /// Each second.
    pub per_second: NonZeroU32,
}

impl FromStr for RateLimit {
    type Err = ();

    /// `300/30`: 300 at once, 30 a second.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (burst, per_second) = text.split_once('/').ok_or(())?;
        let number = |text: &str| text.trim().parse().map_err(|_| ());
        Ok(Self { burst: number(burst)?, per_second: number(per_second)? })
    }
}

/// The limit, with the recent requests of each address.
#[derive(Clone)]
pub(super) struct Limiter(Arc<Addresses>);

struct Addresses {
    recent: DefaultKeyedRateLimiter<(Limited, IpAddr)>,
    trusted_proxies: TrustedProxies,
    paths: Paths,
    /// Refused requests, at the place of what they are counted with.
    refused: [Counter; Limited::ALL.len()],
}

impl Limiter {
    /// A limiter that forgets quiet addresses until it is dropped.
    pub(super) fn new(
        limit: RateLimit,
        trusted_proxies: TrustedProxies,
        paths: Paths,
        metrics: Option<&Metrics>,
    ) -> Self {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        let recent = DefaultKeyedRateLimiter::keyed(quota);
        let refused = Limited::ALL.map(|limited| match metrics {
            Some(metrics) => metrics.counter(REFUSED.0, REFUSED.1, &[("requests", limited.name())]),
            None => Counter::noop(),
        });
        let addresses = Arc::new(Addresses { recent, trusted_proxies, paths, refused });
        let weak = Arc::downgrade(&addresses);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(FORGET_INTERVAL).await;
                let Some(addresses) = weak.upgrade() else { return };
                addresses.recent.retain_recent();
                addresses.recent.shrink_to_fit();
            }
        });
        Self(addresses)
    }
}

impl Limiter {
    /// Counts a request, and returns why it is refused, if it is.
    fn refusal(&self, limited: Limited, address: IpAddr) -> Option<Problem> {
        let exceeded = self.0.recent.check_key(&(limited, address)).err()?;
        self.0.refused[limited as usize].increment(1);
        let wait = exceeded.wait_time_from(DefaultClock::default().now());
        tracing::debug!(event = "rate_limited", %address, ?limited, "an address sends too many requests");
        Some(Problem::TooManyRequests(wait))
    }
}

/// Refuses the request of an address that sends too many with 429 and `Retry-After`.
pub(super) async fn check(State(limiter): State<Limiter>, request: Request, next: Next) -> Response {
    let Some(limited) = Limited::of(request.uri().path(), &limiter.0.paths) else { return next.run(request).await };
    let Some(address) = limiter.0.trusted_proxies.client_of(&request) else { return next.run(request).await };
    if limited != Limited::Forgery {
        return match limiter.refusal(limited, address) {
            Some(problem) => problem.into_response(),
            None => next.run(request).await,
        };
    }
    let response = next.run(request).await;
    let refusal = is_of_forgery(&response).then(|| limiter.refusal(limited, address)).flatten();
    refusal.map_or(response, Problem::into_response)
}

fn is_of_forgery(response: &Response) -> bool {
    matches!(response.extensions().get(), Some(Error::InvalidEvent(_) | Error::InvalidLogoutToken(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_two_numbers_above_zero() {
        let limit = "300/30".parse::<RateLimit>().unwrap();
        assert_eq!((limit.burst.get(), limit.per_second.get()), (300, 30));
        for text in ["", "300", "0/30", "300/0", "-1/2", "a/b", "1/2/3"] {
            assert_eq!(text.parse::<RateLimit>(), Err(()), "{text}");
        }
    }
}
