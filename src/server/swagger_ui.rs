//! Swagger UI at `/docs/`: a page of our own around the files of its crate, so that each has a digest in its path.
//! What it shows is in `openapi`; the policy that lets it run is in `headers`.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Bytes;
use axum::response::Redirect;
use axum::routing::get;
use utoipa_swagger_ui::Config;

use crate::assets::{Asset, CSS, Content, HTML, ICON, JAVASCRIPT};
use crate::islands::SITE_NAME;
use crate::paths::{DOCS, OPENAPI};

/// The page, and the files that it loads.
pub(super) static FILES: LazyLock<[Asset; 5]> = LazyLock::new(|| {
    let styles = [of_crate("swagger-ui.css", CSS), of_crate("index.css", CSS)];
    let scripts = [of_crate("swagger-ui-bundle.js", JAVASCRIPT), start()];
    let page = Asset::at(PAGE, HTML, Content::plain(page(&styles, &scripts)));
    let ([style, page_style], [bundle, start]) = (styles, scripts);
    [page, style, page_style, bundle, start]
});

/// The path of the page.
const PAGE: &str = "/docs/";

/// A file of the crate, which compressed it when it was built.
fn of_crate(name: &str, content_type: &'static str) -> Asset {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default())).ok().flatten();
    let file = file.expect("every test that starts the site finds this file in the crate");
    assert!(file.gzpipped, "Cargo.toml asks the crate for compressed files");
    let content = match file.bytes {
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => content.into(),
    };
    Asset::named(name, content_type, Content::gzip(content))
}

/// What starts it; a file, because the policy of the page allows no script within it.
fn start() -> Asset {
    let script = format!(
        "window.ui = SwaggerUIBundle({{\n  dom_id: '#swagger-ui',\n  url: {OPENAPI:?},\n  deepLinking: true,\n  \
         presets: [SwaggerUIBundle.presets.apis],\n}});\n"
    );
    Asset::named("start-swagger-ui.js", JAVASCRIPT, Content::plain(script))
}

fn page(styles: &[Asset], scripts: &[Asset]) -> String {
    let icon = ICON.path();
    let styles: String =
        styles.iter().map(|file| format!("<link rel=\"stylesheet\" href=\"{}\">\n", file.path())).collect();
    let scripts: String = scripts.iter().map(|file| format!("<script src=\"{}\"></script>\n", file.path())).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>API docs · {SITE_NAME}</title>\n\
         <link rel=\"icon\" href=\"{icon}\" type=\"image/svg+xml\">\n{styles}\
         <div id=\"swagger-ui\"></div>\n{scripts}</html>\n"
    )
}

/// `/docs`, which leads to the page.
pub(super) fn redirect() -> Router {
    Router::new().route(DOCS, get(async || Redirect::to(PAGE)))
}
