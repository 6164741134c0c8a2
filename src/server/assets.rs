//! The files in the program: style sheet, icon and robots.txt.
//! The islands' files are in `island_files`, Swagger UI's in `openapi`.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};

use crate::paths::{FALLBACK_ICON, ICON, ROBOTS, STYLE_SHEET};

/// A file in the program.
#[derive(Clone, Copy)]
struct Asset {
    content_type: &'static str,
    content: &'static str,
}

const FAVICON: Asset = Asset { content_type: "image/svg+xml", content: include_str!("../../public/favicon.svg") };

const ASSETS: [(&str, Asset); 4] = [
    (STYLE_SHEET, Asset { content_type: "text/css; charset=utf-8", content: include_str!("../../style/main.css") }),
    (ICON, FAVICON),
    (FALLBACK_ICON, FAVICON),
    (ROBOTS, Asset { content_type: "text/plain; charset=utf-8", content: include_str!("../../public/robots.txt") }),
];

/// The routes of all files. They need no session, and respond with 304 to a browser that has the file.
pub(super) fn router() -> Router {
    ASSETS.into_iter().fold(Router::new(), |router, (path, asset)| {
        let etag = etag(asset.content.as_bytes());
        router.route(path, get(move |headers: HeaderMap| async move { serve(asset, &etag, &headers) }))
    })
}

fn serve(asset: Asset, etag: &str, headers: &HeaderMap) -> Response {
    let validity = [(CACHE_CONTROL, "no-cache"), (ETAG, etag)];
    if headers.get(IF_NONE_MATCH).is_some_and(|known| known == etag) {
        return (StatusCode::NOT_MODIFIED, validity).into_response();
    }
    (validity, [(CONTENT_TYPE, asset.content_type)], asset.content).into_response()
}

/// A strong validator: the same for the same bytes.
pub(super) fn etag(content: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content);
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16]))
}
