//! The language that a user prefers, by the `Accept-Language` header (RFC 9110 §12.5.4).

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::auth::sign_in_options::is_language_tag;

/// The language tag with the greatest weight, of several the first. Malformed parts, `*` and refused languages (`q=0`)
/// are passed over.
pub(super) fn preferred_language(headers: &HeaderMap) -> Option<&str> {
    let stated = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges = stated.flat_map(|value| value.split(',')).filter_map(range).filter(|(_, weight)| *weight > 0.0);
    ranges.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(tag, _)| tag)
}

/// One part of the header: a language tag, and its weight between 0 and 1.
fn range(part: &str) -> Option<(&str, f32)> {
    let (tag, parameter) = part.split_once(';').unwrap_or((part, "q=1"));
    let weight = parameter.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?.trim().parse().ok()?;
    Some((tag.trim(), weight)).filter(|(tag, weight)| is_language_tag(tag) && (0.0..=1.0).contains(weight))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn preferred(header: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, HeaderValue::from_str(header).unwrap())]);
        preferred_language(&headers).map(str::to_owned)
    }

    #[test]
    fn the_greatest_weight_wins_and_then_the_first() {
        for (header, language) in [
            ("de", "de"),
            ("en-AU,en;q=0.9", "en-AU"),
            ("en;q=0.8, fr-CH ; q=0.9, de;q=0.9", "fr-CH"),
            ("*, da;q=0.1", "da"),
            ("de;q=2, x_y, fr;q=0.3", "fr"),
            ("de;Q=0.5, fr;level=1", "de"),
        ] {
            assert_eq!(preferred(header).as_deref(), Some(language), "{header}");
        }
    }

    #[test]
    fn a_header_without_a_usable_language_says_nothing() {
        for header in ["", "*", "de;q=0", "<script>", "de;q=NaN", "a", "de&state=x"] {
            assert_eq!(preferred(header), None, "{header}");
        }
        assert_eq!(preferred_language(&HeaderMap::new()), None);
    }

    #[test]
    fn several_headers_count_as_one() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static("de;q=0.5"));
        headers.append(ACCEPT_LANGUAGE, HeaderValue::from_static("fr"));
        assert_eq!(preferred_language(&headers), Some("fr"));
    }
}
