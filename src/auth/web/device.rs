//! The device that a request comes from, in words that its user knows: browser and system by family, such as "Firefox
//! on Linux". It tells a user's sessions apart and decides nothing, because anybody can send any `User-Agent`.
//!
//! Only words of this file are kept, nothing of the header itself. Browsers that hide behind another one's name are
//! taken for that one, and so is an iPad that asks for desktop pages: it says that it is a Mac.

use http::HeaderMap;
use http::header::USER_AGENT;

/// Browsers by their marks. Most name those that they want to be taken for as well, so the more special ones come
/// first.
const BROWSERS: [(&str, &str); 26] = [
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPiOS/", "Opera"),
    ("OPT/", "Opera"),
    ("OPR/", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex Browser"),
    ("UCBrowser/", "UC Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("Vivaldi/", "Vivaldi"),
    ("SeaMonkey/", "SeaMonkey"),
    ("PowerShell/", "PowerShell"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("MSIE ", "Internet Explorer"),
    ("Trident/", "Internet Explorer"),
    ("Safari/", "Safari"),
];

/// Systems by their marks, in the order in which a header that has several is to be understood: phones of Apple say
/// that they are like a Mac, and Android says that it is Linux.
const SYSTEMS: [(&str, &str); 11] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("iPod", "iPod"),
    ("KAIOS", "KaiOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"),
];

/// Programs by how their header begins, in lower case.
const PROGRAMS: [(&str, &str); 13] = [
    ("curl/", "curl"),
    ("wget/", "Wget"),
    ("httpie/", "HTTPie"),
    ("postmanruntime/", "Postman"),
    ("python", "Python"),
    ("aiohttp/", "Python"),
    ("go-http-client/", "Go"),
    ("node", "Node.js"),
    ("undici", "Node.js"),
    ("axios/", "Node.js"),
    ("okhttp/", "Java"),
    ("apache-httpclient/", "Java"),
    ("java/", "Java"),
];

/// What an embedded page of an Android app says; its browser is the app's.
const ANDROID_WEB_VIEW: &str = "; wv)";

/// The device of a request: at most 60 characters. `None` when the header is absent, or names nothing that is known.
pub(super) fn device_of(headers: &HeaderMap) -> Option<String> {
    named(headers.get(USER_AGENT)?.to_str().ok()?)
}

fn named(user_agent: &str) -> Option<String> {
    let start = user_agent.trim_start().get(..20).unwrap_or(user_agent).to_ascii_lowercase();
    if let Some((_, program)) = PROGRAMS.into_iter().find(|(mark, _)| start.starts_with(mark)) {
        return Some(program.to_owned());
    }
    let of = |families: &[(&str, &'static str)]| {
        families.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = of(&BROWSERS).filter(|_| !user_agent.contains(ANDROID_WEB_VIEW));
    match (browser, of(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    #[test]
    fn browsers_of_today_are_named_with_their_system() {
        for (user_agent, device) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on macOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
                "Chrome on Linux",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
                "Chrome on iPad",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; HD1913) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.81 Mobile Safari/537.36 EdgA/131.0.2903.48",
                "Edge on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_7_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/131.0.2903.48 Mobile/15E148 Safari/605.1.15",
                "Edge on iPhone",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 OPR/114.0.0.0",
                "Opera on macOS",
            ),
            ("Opera/9.80 (X11; Linux zvav; U; en) Presto/2.12.423 Version/12.16", "Opera on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1 OPT/5.2.1",
                "Opera on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
                "Samsung Internet on Android",
            ),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
                "Firefox on macOS",
            ),
            ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Linux"),
            ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "Firefox on Android"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 14_7_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/132.0 Mobile/15E148 Safari/605.1.15",
                "Firefox on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
                "Safari on iPad",
            ),
            ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Vivaldi/7.0.3495.11",
                "Vivaldi on Windows",
            ),
            ("Mozilla/5.0 (X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on FreeBSD"),
        ] {
            assert_eq!(named(user_agent).as_deref(), Some(device), "{user_agent}");
        }
    }

    #[test]
    fn pages_inside_apps_are_named_by_their_system_alone() {
        for (user_agent, device) in [
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36",
                "Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
                "iPhone",
            ),
        ] {
            assert_eq!(named(user_agent).as_deref(), Some(device), "{user_agent}");
        }
    }

    #[test]
    fn programs_are_named_by_what_they_are() {
        for (user_agent, device) in [
            ("curl/8.11.0", "curl"),
            ("Wget/1.24.5 (linux-gnu)", "Wget"),
            ("HTTPie/3.2.4", "HTTPie"),
            ("PostmanRuntime/7.42.0", "Postman"),
            ("python-requests/2.32.3", "Python"),
            ("python-httpx/0.28.0", "Python"),
            ("Python/3.12 aiohttp/3.11.7", "Python"),
            ("Python-urllib/3.12", "Python"),
            ("Go-http-client/1.1", "Go"),
            ("node", "Node.js"),
            ("undici", "Node.js"),
            ("axios/1.7.8", "Node.js"),
            ("okhttp/4.12.0", "Java"),
            ("Java/21.0.5", "Java"),
            (
                "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.5129",
                "PowerShell on Windows",
            ),
        ] {
            assert_eq!(named(user_agent).as_deref(), Some(device), "{user_agent}");
        }
    }

    #[test]
    fn nothing_is_said_of_what_is_not_known() {
        assert_eq!(device_of(&HeaderMap::new()), None);
        for user_agent in
            ["", " ", "Mozilla/5.0", "Ada's own program <b>", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"]
        {
            let headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_str(user_agent).unwrap())]);
            assert_eq!(device_of(&headers), None, "{user_agent}");
        }
    }

    proptest! {
        #[test]
        fn a_device_is_a_short_plain_text_whatever_was_sent(
            mut sent in proptest::collection::vec(any::<u8>(), 0..200),
            marks in proptest::collection::vec(0..BROWSERS.len() + SYSTEMS.len(), 0..6),
        ) {
            for mark in marks {
                let families = BROWSERS.iter().chain(&SYSTEMS);
                sent.extend_from_slice(families.map(|(mark, _)| mark).nth(mark).unwrap().as_bytes());
            }
            sent.retain(|byte| *byte != 127 && *byte >= 32);
            let headers = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_bytes(&sent).unwrap())]);
            if let Some(device) = device_of(&headers) {
                prop_assert!(!device.is_empty() && device.chars().count() <= 60, "{device}");
                prop_assert!(device.chars().all(|c| c.is_ascii_alphanumeric() || " .".contains(c)), "{device}");
            }
        }
    }
}
