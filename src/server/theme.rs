//! `POST /theme`: keeps the theme that the user chose, in a cookie that every page is rendered by.
//! It needs no session. The form is in `app::theme_form`, the colors in the style sheet.

use axum::extract::{RawForm, State};
use axum::response::{IntoResponse, Redirect, Response};
use cookie::{Cookie, SameSite};
use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::problem::Problem;
use crate::api::query::last_value;
use crate::app::{RETURN_TO, Theme};
use crate::auth::ReturnTo;
use crate::paths::THEME;

const COOKIE_NAME: &str = "theme";
const A_YEAR: time::Duration = time::Duration::days(365);

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(theme))
}

/// The theme that a request's `Cookie` headers name; an unknown one counts as none.
pub(super) fn of_cookies<'a>(headers: impl Iterator<Item = &'a HeaderValue>) -> Theme {
    headers
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| Cookie::split_parse(header).filter_map(Result::ok))
        .find_map(|cookie| if cookie.name() == COOKIE_NAME { Theme::named(cookie.value()) } else { None })
        .unwrap_or(Theme::System)
}

/// A form. Of several values of a field the last counts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the handler reads the form field by field; this is for the OpenAPI document")]
struct ThemeForm {
    theme: Theme,
    /// A path of this site to go on to; anything else leads to the greeting.
    #[schema(nullable = false)]
    return_to: Option<String>,
}

/// Choose the theme
///
/// Sets the cookie `theme` for a year, or removes it for `system`.
#[utoipa::path(
    post, path = THEME, operation_id = "choose_theme", tag = "pages",
    request_body(
        content = ThemeForm, content_type = "application/x-www-form-urlencoded",
        description = "The choice, and where to go on to",
    ),
    responses(
        (status = 303, description = "To `return_to`"),
        (status = 204, description = "Without `return_to`"),
        (status = 400, description = "The body breaks off"),
        (status = 415, description = "Not a form"),
        (status = 422, description = "No such theme"),
    )
)]
async fn theme(State(state): State<AppState>, RawForm(form): RawForm) -> Response {
    let form = String::from_utf8_lossy(&form);
    let Some(theme) = last_value(&form, "theme").and_then(|name| Theme::named(&name)) else {
        return Problem::UnknownTheme.into_response();
    };
    let is_https = state.auth.config().site_url.scheme() == "https";
    let cookie = [(SET_COOKIE, cookie(theme, is_https))];
    match last_value(&form, RETURN_TO) {
        Some(path) => {
            (cookie, Redirect::to(ReturnTo::parse(&path, &state.auth.config().paths).as_str())).into_response()
        }
        None => (StatusCode::NO_CONTENT, cookie).into_response(),
    }
}

fn cookie(theme: Theme, is_https: bool) -> HeaderValue {
    let lifetime = if theme == Theme::System { time::Duration::ZERO } else { A_YEAR };
    let cookie = Cookie::build((COOKIE_NAME, theme.attribute().unwrap_or_default()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .max_age(lifetime)
        .build();
    HeaderValue::try_from(cookie.to_string()).expect("a theme's name is legal in a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(cookie: &str) -> Theme {
        of_cookies([HeaderValue::from_str(cookie).unwrap()].iter())
    }

    #[test]
    fn the_cookie_names_the_theme() {
        assert_eq!(chosen("a=b; theme=dark"), Theme::Dark);
        for cookie in ["", "a=b", "theme=", "theme=\"><script>", "theme=Dark"] {
            assert_eq!(chosen(cookie), Theme::System, "{cookie}");
        }
    }

    #[test]
    fn the_cookie_lasts_a_year_and_is_secure_on_https() {
        let text = |theme, is_https| cookie(theme, is_https).to_str().unwrap().to_owned();
        assert_eq!(text(Theme::Dark, true), "theme=dark; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000");
        assert_eq!(text(Theme::Light, false), "theme=light; HttpOnly; SameSite=Lax; Path=/; Max-Age=31536000");
        assert!(text(Theme::System, false).contains("Max-Age=0"));
    }
}
