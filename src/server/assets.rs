//! Responses with files: in the coding that the client likes best, as a part, or 304 to a client that has it.
//! Which files there are, and in which forms, is in `crate::assets`.
//!
//! RFC 9110: codings (12.5.3), validators (13.1.2, 13.1.5), ranges (14.2). A part is one of the content as it is: to a
//! client that accepts compressed content all of that goes.

use std::ops::Range;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    IF_RANGE, RANGE, VARY,
};
use http::{HeaderMap, HeaderName, Method, StatusCode};

use super::IslandFiles;
use super::problem::Problem;
use crate::assets::{
    Asset, Coding, DOCS_SCRIPT, DOCS_STYLE_SHEET, ICON, ICON_OF_NO_PAGE, RULES_FOR_CRAWLERS, SESSION_END_SCRIPT,
    STYLE_SHEET,
};
use crate::paths::ASSETS;

/// What caches may do with a file whose path changes with its content: keep it, and not ask again.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// With any other file: keep it, and ask each time whether it is still the same.
pub(super) const REVALIDATED: &str = "no-cache";
/// With a file in place of another version of it: nothing.
const NOT_STORED: &str = "no-store";

/// The files that are in every build of the program.
pub(super) fn in_every_build() -> impl Iterator<Item = Asset> {
    let pages_load = [
        &STYLE_SHEET,
        &ICON,
        &ICON_OF_NO_PAGE,
        &SESSION_END_SCRIPT,
        &RULES_FOR_CRAWLERS,
        &DOCS_STYLE_SHEET,
        &DOCS_SCRIPT,
    ];
    pages_load.into_iter().map(|asset| Asset::clone(asset))
}

/// The files in this program, which it serves without any beside it.
pub fn carried_files() -> Vec<Asset> {
    in_every_build().chain(IslandFiles::in_the_program().iter().flat_map(IslandFiles::both)).collect()
}

/// The template of a file's route; those whose paths change with their content have one together.
pub(super) fn template(asset: &Asset) -> String {
    if asset.is_immutable() { format!("{ASSETS}{{file}}") } else { asset.path().to_owned() }
}

/// The routes of these files. They need no session.
pub(super) fn router(assets: impl IntoIterator<Item = Asset>) -> Router {
    let (immutable, fixed): (Vec<_>, Vec<_>) = assets.into_iter().partition(Asset::is_immutable);
    let immutable: Arc<[_]> = immutable.into();
    let serve = move |request: Request| async move { respond_with_one_of(&immutable, &request) };
    fixed.into_iter().fold(Router::new().route(&format!("{ASSETS}{{file}}"), get(serve)), |router, asset| {
        let path = asset.path().to_owned();
        router.route(&path, get(move |request: Request| async move { respond(&asset, REVALIDATED, &request) }))
    })
}

/// While one process after the other is replaced by a new build, the page may come from one and what it loads from
/// another. So a style sheet or an image stands in for its other versions; code never does, because it fits the pages
/// of its own build alone.
fn respond_with_one_of(assets: &[Asset], request: &Request) -> Response {
    let path = request.uri().path();
    if let Some(asset) = assets.iter().find(|asset| asset.path() == path) {
        return respond(asset, IMMUTABLE, request);
    }
    match assets.iter().find(|asset| asset.is_version_of(path) && !asset.is_code()) {
        Some(asset) => respond(asset, NOT_STORED, request),
        None => Problem::NotFound.into_response(),
    }
}

/// Responds with a file in the form that the request asks for.
pub(super) fn respond(asset: &Asset, cache_control: &'static str, request: &Request) -> Response {
    let headers = request.headers();
    let (coding, content) = preferred_form(asset, headers);
    let etag = asset.etag(coding);
    let validity =
        [(CACHE_CONTROL, cache_control.to_owned()), (ETAG, etag.clone()), (VARY, "accept-encoding".to_owned())];
    if is_known(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, validity).into_response();
    }
    let validity = (validity, [(CONTENT_TYPE, asset.content_type())]);
    match (coding.name(), requested_part(request, &etag, content.len())) {
        (Some(coding), _) => (validity, [(CONTENT_ENCODING, coding)], content.clone()).into_response(),
        (None, Part::All) => (validity, [(ACCEPT_RANGES, "bytes")], content.clone()).into_response(),
        (None, Part::Some(part)) => {
            let range = format!("bytes {}-{}/{}", part.start, part.end - 1, content.len());
            (StatusCode::PARTIAL_CONTENT, validity, [(CONTENT_RANGE, range)], content.slice(part)).into_response()
        }
        (None, Part::OutOfReach) => {
            let range = format!("bytes */{}", content.len());
            (StatusCode::RANGE_NOT_SATISFIABLE, [(CONTENT_RANGE, range)]).into_response()
        }
    }
}

/// The values of a header that is a list, over all its lines.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// The content in the coding that has the greatest weight, at equal weights the shortest. Content as it is goes to
/// those who accept no coding, also when they refuse it.
fn preferred_form<'a>(asset: &'a Asset, headers: &HeaderMap) -> (Coding, &'a Bytes) {
    let weighted = asset.forms().map(|(coding, form)| (weight(coding, headers), coding, form));
    let accepted = weighted.filter(|(weight, ..)| *weight > 0.0);
    match accepted.reduce(|best, next| if next.0 > best.0 { next } else { best }) {
        Some((_, coding, form)) => (coding, form),
        None => (Coding::Identity, asset.plain()),
    }
}

/// The weight of a coding in `Accept-Encoding`, from 0 to 1. Content as it is weighs less than all that is stated,
/// unless it is stated itself.
fn weight(coding: Coding, headers: &HeaderMap) -> f32 {
    let (name, unstated) = coding.name().map_or(("identity", f32::MIN_POSITIVE), |name| (name, 0.0));
    let stated = |name: &str| {
        list(headers, ACCEPT_ENCODING).find_map(|stated| {
            let (coding, parameter) = stated.split_once(';').unwrap_or((stated, "q=1"));
            let weight = parameter.trim().strip_prefix(['q', 'Q'])?.strip_prefix('=')?.parse().ok()?;
            (coding.trim().eq_ignore_ascii_case(name) && (0.0..=1.0).contains(&weight)).then_some(weight)
        })
    };
    stated(name).or_else(|| stated("*")).unwrap_or(unstated)
}

/// Whether the client has this very content, by `If-None-Match`.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    list(headers, IF_NONE_MATCH).any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

/// How much of the content is asked for.
#[derive(Debug, PartialEq)]
enum Part {
    All,
    Some(Range<usize>),
    OutOfReach,
}

/// Reads `Range` and `If-Range`. All of the content is asked for by methods other than GET, by several ranges, by one
/// that is malformed, and when the client has a part of other content.
fn requested_part(request: &Request, etag: &str, length: usize) -> Part {
    let (headers, method) = (request.headers(), request.method());
    let is_of_this_content = headers.get(IF_RANGE).is_none_or(|known| known == etag);
    let stated = headers.get(RANGE).and_then(|range| range.to_str().ok()).and_then(|range| range.split_once('='));
    match stated {
        Some((unit, range)) if unit.eq_ignore_ascii_case("bytes") && method == Method::GET && is_of_this_content => {
            part(range, length)
        }
        _ => Part::All,
    }
}

/// The part that a range such as `0-99`, `100-` or `-100` (the last hundred bytes) names.
fn part(range: &str, length: usize) -> Part {
    // Digits alone, so `parse` fails for no other reason than that the number is greater than any length.
    let number = |digits: &str| match digits {
        "" => Some(None),
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(Some(digits.parse().unwrap_or(usize::MAX))),
        _ => None,
    };
    let bounds = range.trim().split_once('-').and_then(|(first, last)| Some((number(first)?, number(last)?)));
    match bounds {
        None | Some((None, None)) => Part::All,
        Some((Some(first), Some(last))) if last < first => Part::All,
        Some((Some(first), last)) if first < length => {
            Part::Some(first..last.map_or(length, |last| last.saturating_add(1).min(length)))
        }
        Some((None, Some(count))) if count > 0 && length > 0 => Part::Some(length.saturating_sub(count)..length),
        _ => Part::OutOfReach,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::HeaderValue;

    use super::*;
    use crate::assets::{Content, TEXT};

    fn prepared() -> Asset {
        Asset::at("/a", TEXT, Content::prepared(b"text", b"gzip", b"brotli"))
    }

    fn chosen(asset: &Asset, accept_encoding: &str) -> Coding {
        let accepted = HeaderValue::from_str(accept_encoding).unwrap();
        preferred_form(asset, &HeaderMap::from_iter([(ACCEPT_ENCODING, accepted)])).0
    }

    #[test]
    fn the_weightiest_coding_is_chosen_and_the_shortest_of_equals() {
        let asset = prepared();
        for (accepted, coding) in [
            ("gzip, deflate, br, zstd", Coding::Brotli),
            ("br;q=0.5, gzip;q=0.8", Coding::Gzip),
            ("BR; Q=0.5", Coding::Brotli),
            ("br;q=0, gzip", Coding::Gzip),
            ("*", Coding::Brotli),
            ("*;q=0.5, gzip", Coding::Gzip),
            ("br;q=0, *", Coding::Gzip),
            ("identity, br;q=0.5", Coding::Identity),
            ("gzip;q=0.001", Coding::Gzip),
            ("identity;q=0, gzip;q=0.1", Coding::Gzip),
            ("deflate, brotli", Coding::Identity),
            ("br;q=x, gzip;q=2", Coding::Identity),
            ("br;q=0", Coding::Identity),
            ("*;q=0", Coding::Identity),
            ("", Coding::Identity),
        ] {
            assert_eq!(chosen(&asset, accepted), coding, "{accepted}");
        }
        assert_eq!(preferred_form(&asset, &HeaderMap::new()).0, Coding::Identity);
    }

    #[test]
    fn a_coding_that_the_build_did_not_make_is_not_chosen() {
        let asset = Asset::at("/a", TEXT, Content::plain("text"));
        assert_eq!(chosen(&asset, "br"), Coding::Identity);
        assert_eq!(chosen(&asset, "br, gzip;q=0.1"), Coding::Gzip);
    }

    #[test]
    fn if_none_match_is_a_list_and_compares_weakly() {
        let etag = prepared().etag(Coding::Identity);
        let knows = |known: &str| {
            is_known(&HeaderMap::from_iter([(IF_NONE_MATCH, HeaderValue::from_str(known).unwrap())]), &etag)
        };
        assert!(knows(&etag) && knows("*") && knows(&format!("W/{etag}")) && knows(&format!("\"a\", W/{etag} ,\"b\"")));
        assert!(!knows("\"a\"") && !knows(&etag.replace('"', "")) && !knows(&format!("w/{etag}")) && !knows(""));
        let (one, other) = (HeaderValue::from_static("\"a\""), HeaderValue::from_str(&etag).unwrap());
        let mut lines = HeaderMap::from_iter([(IF_NONE_MATCH, one)]);
        lines.append(IF_NONE_MATCH, other);
        assert!(is_known(&lines, &etag));
    }

    #[test]
    fn a_range_names_a_part_or_all_or_nothing() {
        for (range, expected) in [
            ("0-0", Part::Some(0..1)),
            ("2-4", Part::Some(2..5)),
            ("2-", Part::Some(2..10)),
            ("9-9", Part::Some(9..10)),
            ("2-99999999999999999999999", Part::Some(2..10)),
            ("-3", Part::Some(7..10)),
            ("-30", Part::Some(0..10)),
            ("10-", Part::OutOfReach),
            ("99999999999999999999999-", Part::OutOfReach),
            ("-0", Part::OutOfReach),
            ("4-2", Part::All),
            ("0-1,3-4", Part::All),
            ("-", Part::All),
            ("", Part::All),
            ("+1-2", Part::All),
            ("1-x", Part::All),
            ("1 - 2", Part::All),
        ] {
            assert_eq!(part(range, 10), expected, "{range}");
        }
        assert_eq!((part("0-", 0), part("-1", 0)), (Part::OutOfReach, Part::OutOfReach));
    }

    #[test]
    fn a_part_is_sent_only_of_content_that_the_client_has_a_part_of() {
        let etag = prepared().etag(Coding::Identity);
        let part = |method: Method, if_range: Option<&str>| {
            let request = Request::builder().method(method).header(RANGE, "bytes=1-2");
            let request = if_range.into_iter().fold(request, |request, known| request.header(IF_RANGE, known));
            requested_part(&request.body(Body::empty()).unwrap(), &etag, 4)
        };
        assert_eq!(part(Method::GET, None), Part::Some(1..3));
        assert_eq!(part(Method::GET, Some(&etag)), Part::Some(1..3));
        for other in ["\"a\"", &format!("W/{etag}"), "Sun, 06 Nov 1994 08:49:37 GMT"] {
            assert_eq!(part(Method::GET, Some(other)), Part::All, "{other}");
        }
        assert_eq!(part(Method::HEAD, None), Part::All);
    }
}
