//! The export of traces, by the environment variables of OpenTelemetry
//! (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>, and for the exporter
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>). Without an endpoint nothing is exported.
//! The export itself is in `otlp`.

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use super::settings::Settings;
use super::site::has_user;
use crate::otlp::{OtlpSettings, Sampling};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
/// Not OpenTelemetry's own, but as with other secrets here.
const HEADERS_FILE: &str = "OTEL_EXPORTER_OTLP_HEADERS_FILE";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
const RESOURCE_ATTRIBUTES: &str = "OTEL_RESOURCE_ATTRIBUTES";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const SAMPLER_ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
const DISABLED: &str = "OTEL_SDK_DISABLED";

/// Every variable that is read.
const NAMES: [&str; 10] = [
    ENDPOINT,
    TRACES_ENDPOINT,
    HEADERS,
    HEADERS_FILE,
    PROTOCOL,
    SERVICE_NAME,
    RESOURCE_ATTRIBUTES,
    SAMPLER,
    SAMPLER_ARGUMENT,
    DISABLED,
];

/// The one protocol that is spoken.
const HTTP_PROTOBUF: &str = "http/protobuf";
/// The collector's port for OTLP over HTTP on this machine, for the texts of problems.
const EXAMPLE_ENDPOINT: &str = "http://localhost:4318";

/// Reads the variables. Where the build cannot export traces, platforms that set them for every program get no problem
/// but a list of what is ignored.
pub(super) fn settings(settings: &mut Settings<'_>, can_export: bool) -> OtlpSettings {
    // Read in any case, so that the list of settings is the same in every build.
    let (read, problems) = read(settings);
    if can_export {
        problems.into_iter().for_each(|problem| settings.problem(problem));
        return read;
    }
    let ignored = NAMES.into_iter().filter(|name| settings.is_set(name)).collect();
    OtlpSettings { ignored, ..OtlpSettings::default() }
}

/// The settings, with the defaults in place of what is wrong, and what that is.
fn read(settings: &mut Settings<'_>) -> (OtlpSettings, Vec<String>) {
    let (defaults, mut problems) = (OtlpSettings::default(), Vec::new());
    let is_disabled = settings.one_of(&[DISABLED]).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let (own, base) = (settings.one_of(&[TRACES_ENDPOINT]), settings.one_of(&[ENDPOINT]));
    let endpoint = or_default(&mut problems, endpoint(own.as_deref(), base.as_deref()));
    let headers = settings.secret(&[HEADERS], HEADERS_FILE, "the headers");
    let headers = or_default(&mut problems, headers.map_or(Ok(Vec::new()), |text| as_headers(&text)));
    let attributes = settings.one_of(&[RESOURCE_ATTRIBUTES]).unwrap_or_default();
    let resource_attributes = or_default(&mut problems, resource_attributes(&attributes));
    let named = resource_attributes.iter().find(|(name, _)| name == "service.name").map(|(_, value)| value.clone());
    let service_name = settings.one_of(&[SERVICE_NAME]).or(named).unwrap_or(defaults.service_name);
    let (sampler, argument) = (settings.one_of(&[SAMPLER]), settings.one_of(&[SAMPLER_ARGUMENT]));
    let sampling = or_default(&mut problems, sampling(sampler.as_deref(), argument.as_deref()));
    or_default(&mut problems, check_protocol(settings.one_of(&[PROTOCOL]).as_deref()));
    let endpoint = endpoint.filter(|_| !is_disabled);
    let read = OtlpSettings { endpoint, headers, service_name, resource_attributes, sampling, ignored: Vec::new() };
    (read, problems)
}

fn or_default<T: Default>(problems: &mut Vec<String>, read: Result<T, String>) -> T {
    read.unwrap_or_else(|problem| {
        problems.push(problem);
        T::default()
    })
}

fn check_protocol(protocol: Option<&str>) -> Result<(), String> {
    match protocol {
        None | Some(HTTP_PROTOBUF) => Ok(()),
        Some(other) => Err(format!(
            "{PROTOCOL} is {other:?}: only {HTTP_PROTOBUF} is spoken here, which collectors take at another port than gRPC, by default 4318."
        )),
    }
}

/// The URL that takes traces: `own`, or `v1/traces` below `base`.
fn endpoint(own: Option<&str>, base: Option<&str>) -> Result<Option<Url>, String> {
    match (own, base) {
        (Some(own), _) => url(TRACES_ENDPOINT, own).map(Some),
        (None, Some(base)) => {
            let mut url = url(ENDPOINT, base)?;
            let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
            url.set_path(&path);
            Ok(Some(url))
        }
        (None, None) => Ok(None),
    }
}

fn url(name: &str, text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"));
    let url = url.ok_or_else(|| format!("{name} is no http or https URL: write for example {EXAMPLE_ENDPOINT}."))?;
    if has_user(&url) {
        return Err(format!("{name} contains a user name or a password: put credentials into {HEADERS}."));
    }
    Ok(url)
}

/// Headers whose values do not print. Nothing of them is in a problem.
fn as_headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let header = |(name, value): (String, String)| {
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        Some((name.parse().ok()?, value))
    };
    let headers = pairs(text).and_then(|pairs| pairs.into_iter().map(header).collect());
    headers.ok_or_else(|| {
        format!("{HEADERS} is malformed: write name=value, separated by commas, the values percent-encoded.")
    })
}

fn resource_attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    pairs(text).ok_or_else(|| {
        format!(
            "{RESOURCE_ATTRIBUTES} is {text:?}: write name=value, separated by commas, the values percent-encoded, for example deployment.environment.name=production."
        )
    })
}

/// Names and values as in W3C Baggage: `name=value`, separated by commas, the values percent-encoded.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok()?;
        let name = name.trim();
        (!name.is_empty()).then(|| (name.to_owned(), value.into_owned()))
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(pair).collect()
}

fn sampling(sampler: Option<&str>, argument: Option<&str>) -> Result<Sampling, String> {
    let sampler = sampler.unwrap_or("parentbased_always_on");
    let (follows_parent, own) = match sampler.strip_prefix("parentbased_") {
        Some(own) => (true, own),
        None => (false, sampler),
    };
    let ratio = match own {
        "always_on" => 1.0,
        "always_off" => 0.0,
        "traceidratio" => {
            let ratio = argument.unwrap_or("1").parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
            ratio.ok_or_else(|| {
                format!("{SAMPLER_ARGUMENT} is {:?}: write a number from 0 to 1.", argument.unwrap_or_default())
            })?
        }
        _ => {
            return Err(format!(
                "{SAMPLER} is {sampler:?}: write always_on, always_off or traceidratio, or one of these after parentbased_."
            ));
        }
    };
    Ok(Sampling { follows_parent, ratio })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(variables: &[(&str, &str)]) -> (OtlpSettings, Vec<String>) {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let read_file = |_: &std::path::Path| Ok("x-key=sesame\n".to_owned());
        read(&mut Settings::new(variable, read_file, |_| Ok(Vec::new())))
    }

    fn good(variables: &[(&str, &str)]) -> OtlpSettings {
        let (read, problems) = read_from(variables);
        assert_eq!(problems, [""; 0], "{variables:?}");
        read
    }

    #[test]
    fn nothing_is_exported_without_an_endpoint() {
        for variables in [
            &[][..],
            &[(SERVICE_NAME, "shop")],
            &[(ENDPOINT, "http://localhost:4318"), (DISABLED, "TRUE")],
            &[(TRACES_ENDPOINT, "http://localhost:4318"), (DISABLED, "true")],
        ] {
            assert_eq!(good(variables).endpoint, None, "{variables:?}");
        }
        assert!(good(&[(ENDPOINT, "http://localhost:4318"), (DISABLED, "false")]).endpoint.is_some());
    }

    #[test]
    fn traces_go_below_the_common_endpoint_or_exactly_to_their_own() {
        for (variables, url) in [
            (&[(ENDPOINT, "http://localhost:4318")][..], "http://localhost:4318/v1/traces"),
            (&[(ENDPOINT, "https://c.example/otlp/")], "https://c.example/otlp/v1/traces"),
            (&[(TRACES_ENDPOINT, "https://c.example/t")], "https://c.example/t"),
            (&[(TRACES_ENDPOINT, "https://c.example"), (ENDPOINT, "http://localhost:4318")], "https://c.example/"),
        ] {
            assert_eq!(good(variables).endpoint.unwrap().as_str(), url);
        }
    }

    #[test]
    fn names_attributes_and_headers_are_percent_decoded() {
        let read =
            good(&[(RESOURCE_ATTRIBUTES, " a=1 , b=x%2Cy%20z,,service.name=shop"), (HEADERS, "X-Key=Basic%20a=,")]);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read.resource_attributes, [pair("a", "1"), pair("b", "x,y z"), pair("service.name", "shop")]);
        assert_eq!(read.service_name, "shop");
        assert_eq!(read.headers, [("x-key".parse().unwrap(), HeaderValue::from_static("Basic a="))]);
        let named = good(&[(RESOURCE_ATTRIBUTES, "service.name=shop"), (SERVICE_NAME, "till")]);
        assert_eq!((named.service_name.as_str(), good(&[]).service_name.as_str()), ("till", "kinde-leptos"));
        assert_eq!(good(&[(HEADERS_FILE, "/key")]).headers.len(), 1);
        assert!(!format!("{:?}", good(&[(HEADERS, "x-key=sesame")])).contains("sesame"), "secrets never print");
    }

    #[test]
    fn the_sampler_is_one_of_opentelemetrys() {
        let sampling = |sampler, argument| good(&[(SAMPLER, sampler), (SAMPLER_ARGUMENT, argument)]).sampling;
        for (sampler, argument, ratio) in
            [("", "", 1.0), ("always_on", "", 1.0), ("always_off", "0.5", 0.0), ("traceidratio", "0.25", 0.25)]
        {
            let is_set = !sampler.is_empty();
            assert_eq!(sampling(sampler, argument), Sampling { follows_parent: !is_set, ratio });
            if is_set {
                let after = format!("parentbased_{sampler}");
                let read = good(&[(SAMPLER, &after), (SAMPLER_ARGUMENT, argument)]).sampling;
                assert_eq!(read, Sampling { follows_parent: true, ratio });
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_to_write_and_secrets_never_are() {
        for (name, value, what) in [
            (ENDPOINT, "localhost:4318", "is no http or https URL"),
            (ENDPOINT, "http://u:sesame@localhost:4318", "contains a user name or a password"),
            (TRACES_ENDPOINT, "grpc://localhost:4317", "is no http or https URL"),
            (HEADERS, "sesame", "is malformed"),
            (HEADERS, "x-key=sesame%0A", "is malformed"),
            (HEADERS, "x key=sesame", "is malformed"),
            (PROTOCOL, "grpc", "is \"grpc\""),
            (PROTOCOL, "http/json", "is \"http/json\""),
            (RESOURCE_ATTRIBUTES, "a", "is \"a\""),
            (RESOURCE_ATTRIBUTES, "a=%ff", "is \"a=%ff\""),
            (SAMPLER, "parentbased_jaeger_remote", "is \"parentbased_jaeger_remote\""),
        ] {
            let (_, problems) = read_from(&[(name, value)]);
            assert_eq!(problems.len(), 1, "{name}={value}: {problems:?}");
            assert!(problems[0].contains(&format!("{name} {what}")), "{problems:?}");
            assert!(!problems[0].contains("sesame"), "{problems:?}");
        }
        for argument in ["1.5", "-0.1", "NaN", "half"] {
            let (_, problems) = read_from(&[(SAMPLER, "traceidratio"), (SAMPLER_ARGUMENT, argument)]);
            assert!(problems[0].contains(&format!("{SAMPLER_ARGUMENT} is {argument:?}")), "{problems:?}");
        }
    }

    #[test]
    fn a_build_that_cannot_export_lists_what_it_ignores() {
        let variable = |name: &str| [PROTOCOL, SERVICE_NAME].contains(&name).then(|| "grpc".to_owned());
        let mut source = Settings::new(variable, |_| Ok(String::new()), |_| Ok(Vec::new()));
        let read = settings(&mut source, false);
        assert_eq!((read.ignored, read.endpoint), (vec![PROTOCOL, SERVICE_NAME], None));
    }
}
