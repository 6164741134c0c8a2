//! `require`: a layer that lets only callers pass for whom a policy holds. Who asks is decided before, in `guard`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use super::identity::Identity;
use crate::auth::error::Error;
use crate::auth::policy::Policy;

/// A route layer that lets only callers pass for whom a policy holds. It stands inside
/// [`require_login`](super::require_login) or [`require_login_json`](super::require_login_json), so it is added first:
///
/// ```
/// use axum::{Router, middleware::from_fn_with_state, routing::get};
/// use kinde_leptos::auth::{self, Client, Policy};
///
/// fn invoices(client: Client) -> Router {
///     Router::new()
///         .route("/invoices", get(async || "invoices"))
///         .route_layer(auth::require(Policy::permission("read:invoices")))
///         .route_layer(from_fn_with_state(client, auth::require_login))
/// }
/// ```
///
/// Others get [`Error::Forbidden`] (403), never a sign-in but where nothing but a recent login is missing; 503
/// ([`Error::RightsUnknown`]) when it is not known what the caller may do.
pub fn require(policy: impl Into<Policy>) -> Require {
    Require(Arc::new(policy.into()))
}

/// The layer that [`require`] makes.
#[derive(Debug, Clone)]
pub struct Require(Arc<Policy>);

/// The service of [`Require`].
#[derive(Debug, Clone)]
pub struct Required<S> {
    inner: S,
    policy: Arc<Policy>,
}

impl<S> Layer<S> for Require {
    type Service = Required<S>;

    fn layer(&self, inner: S) -> Required<S> {
        Required { inner, policy: Arc::clone(&self.0) }
    }
}

impl<S> Service<Request> for Required<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (identity, policy) = (request.extensions().get().cloned(), Arc::clone(&self.policy));
        // The service that is ready goes on; a clone of it takes its place.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            match check(identity, &policy).await {
                Ok(()) => inner.call(request).await,
                Err(error) => Ok(error.into_response()),
            }
        })
    }
}

async fn check(identity: Option<Identity>, policy: &Policy) -> Result<(), Error> {
    let identity = identity.ok_or_else(|| Error::Internal("auth::require stands outside of the guard".to_owned()))?;
    identity.caller().await.check(policy).await
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::{Ready, ready};
    use std::task::Waker;

    use http::StatusCode;

    use super::*;

    /// A service that responds with 200 once it is ready.
    #[derive(Clone)]
    struct Inner {
        is_ready: bool,
    }

    impl Service<Request> for Inner {
        type Response = Response;
        type Error = Infallible;
        type Future = Ready<Result<Response, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            if self.is_ready { Poll::Ready(Ok(())) } else { Poll::Pending }
        }

        fn call(&mut self, _: Request) -> Self::Future {
            ready(Ok(Response::default()))
        }
    }

    fn required(is_ready: bool) -> Required<Inner> {
        require(Policy::permission("read:members")).layer(Inner { is_ready })
    }

    #[test]
    fn it_is_ready_when_the_service_is() {
        let mut context = Context::from_waker(Waker::noop());
        for is_ready in [false, true] {
            assert_eq!(required(is_ready).poll_ready(&mut context).is_ready(), is_ready);
        }
    }

    #[tokio::test]
    async fn outside_of_the_guard_everybody_is_refused() {
        let response = required(true).call(Request::default()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
