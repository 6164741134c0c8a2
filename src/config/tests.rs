//! Tests of the settings: each rule by the variables that break it.
//! No test here reads the environment or a file.

use super::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;

const KINDE: [(&str, &str); 3] =
    [("KINDE_ISSUER_URL", "https://example.kinde.com"), ("CLIENT_ID", "client"), ("CLIENT_SECRET", "sesame")];

fn read(variables: &[(&str, &str)]) -> Result<Config, Problems> {
    read_in_build(variables, true)
}

fn read_in_build(variables: &[(&str, &str)], has_emulated_tenant: bool) -> Result<Config, Problems> {
    let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let read_file = |path: &Path| match path.to_str() {
        Some("/secret") => Ok("from-file\n".to_owned()),
        Some("/empty") => Ok("\n".to_owned()),
        Some("/store") => Ok("sqlite:from-file.db\n".to_owned()),
        Some("/keys") => Ok(format!("{}\n", random_keys(2))),
        _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
    };
    Config::from_vars(variable, read_file, addresses, has_emulated_tenant)
}

/// The addresses of the hosts that these tests know, and of each address itself.
fn addresses(host: &str) -> std::io::Result<Vec<IpAddr>> {
    let addresses: &[&str] = match host {
        "localhost" => &["127.0.0.1", "::1"],
        "redis" => &["172.18.0.3", "fd00::3"],
        "two-networks" => &["10.0.0.1", "203.0.113.5"],
        "db.example" => &["203.0.113.5"],
        address if address.parse::<IpAddr>().is_ok() => &[address],
        _ => return Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
    };
    Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
}

/// Keys generated at test time, so that none is in the source.
fn random_keys(number: usize) -> String {
    let key = || {
        let mut bytes = [0_u8; 32];
        aws_lc_rs::rand::fill(&mut bytes).unwrap();
        STANDARD.encode(bytes)
    };
    std::iter::repeat_with(key).take(number).collect::<Vec<_>>().join(",")
}

fn problems(variables: &[(&str, &str)]) -> String {
    read(variables).unwrap_err().to_string()
}

fn kinde(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    KINDE.iter().chain(more).copied().collect()
}

/// The settings of an https site, complete.
fn https(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let site = [("SITE_URL", "https://app.example.com"), ("SESSION_ENCRYPTION_KEYS", "none")];
    kinde(&[&site[..], more].concat())
}

fn credentials(config: Config) -> Credentials {
    match config.sign_in {
        SignIn::Kinde(credentials) => credentials,
        SignIn::EmulatedTenant { .. } => panic!("the emulated tenant was chosen"),
    }
}

#[test]
fn with_nothing_set_the_emulated_tenant_stands_beside_a_site_on_localhost() {
    let config = read(&[]).unwrap();
    assert_eq!(config.site_url.as_str(), "http://localhost:8000/");
    assert_eq!(config.listen, ["127.0.0.1:8000".parse().unwrap(), "[::1]:8000".parse().unwrap()]);
    assert!(matches!(
        config.sign_in,
        SignIn::EmulatedTenant { port: 8001, seed: None, random_seed: None, state: None }
    ));
    assert_eq!(config.callback_url.as_str(), "http://localhost:8000/api/auth/kinde_callback");
    assert_eq!(config.logout_redirect_url.as_str(), "http://localhost:8000/api/auth/logout");
    assert_eq!(config.store.to_string(), "sqlite:data/sessions.db");
    assert_eq!(config.store_namespace.to_string(), "kinde");
}

#[test]
fn the_tutorials_names_and_kindes_other_names_mean_the_same() {
    let tutorial = credentials(read(&KINDE).unwrap());
    let next = read(&[
        ("KINDE_ISSUER_URL", "https://example.kinde.com/"),
        ("KINDE_CLIENT_ID", "client"),
        ("KINDE_CLIENT_SECRET", "sesame"),
        ("KINDE_SITE_URL", "http://localhost:3000"),
        ("KINDE_POST_LOGOUT_REDIRECT_URL", "http://localhost:3000/bye"),
    ])
    .unwrap();
    assert_eq!(next.site_url.port(), Some(3000));
    assert_eq!(next.logout_redirect_url.path(), "/bye");
    let next = credentials(next);
    assert_eq!((tutorial.issuer_url, tutorial.client_id), (next.issuer_url, next.client_id));
    assert_eq!(tutorial.client_secret.expose_secret(), next.client_secret.expose_secret());
}

#[test]
fn two_names_with_different_values_are_a_problem_and_with_equal_ones_none() {
    assert!(read(&kinde(&[("KINDE_CLIENT_ID", "client")])).is_ok());
    let text = problems(&kinde(&[("KINDE_CLIENT_ID", "other"), ("KINDE_CLIENT_SECRET", "different")]));
    assert!(text.contains("CLIENT_ID and KINDE_CLIENT_ID") && text.contains("CLIENT_SECRET and KINDE_CLIENT_SECRET"));
    assert!(!text.contains("sesame") && !text.contains("different\n"), "secrets never print: {text}");
}

// CF-1
#[test]
fn each_of_the_three_is_missed_by_name() {
    for (missing, _) in KINDE {
        for blank in [None, Some(""), Some("  ")] {
            let rest: Vec<_> = KINDE
                .iter()
                .filter_map(
                    |(name, value)| if *name == missing { Some((*name, blank?)) } else { Some((*name, *value)) },
                )
                .collect();
            assert!(problems(&rest).contains(&format!("{missing} is not set")), "{missing} {blank:?}");
        }
    }
}

#[test]
fn the_random_values_of_the_emulated_tenant_may_follow_from_a_number() {
    let config = read(&[("DEV_ISSUER_RANDOM_SEED", "7")]).unwrap();
    assert!(matches!(config.sign_in, SignIn::EmulatedTenant { random_seed: Some(7), .. }));
}

#[test]
fn the_state_of_the_emulated_tenant_may_be_in_a_file_unless_random_values_follow_from_a_number() {
    let state = ("DEV_ISSUER_STATE", "tenant.json");
    let SignIn::EmulatedTenant { state: path, .. } = read(&[state]).unwrap().sign_in else { panic!("no tenant") };
    assert_eq!(path.unwrap(), std::path::Path::new("tenant.json"));
    let text = problems(&[state, ("DEV_ISSUER_RANDOM_SEED", "7")]);
    assert!(text.contains("DEV_ISSUER_STATE") && text.contains("DEV_ISSUER_RANDOM_SEED"), "{text}");
}

// CF-1
#[test]
fn all_problems_are_reported_at_once() {
    let text = problems(&[
        ("CLIENT_ID", "client"),
        ("SITE_URL", "http://app.example.com/path"),
        ("LISTEN_ADDR", "nonsense"),
        ("SESSION_STORE_URL", "mysql://x"),
        ("SESSION_STORE_NAMESPACE", "My-App"),
        ("SESSION_IDLE_SECONDS", "0"),
        ("DEV_ISSUER_PORT", "70000"),
        ("DEV_ISSUER_RANDOM_SEED", "seven"),
        ("LOGOUT_REDIRECT_URL", "/relative"),
    ]);
    for name in [
        "KINDE_ISSUER_URL",
        "CLIENT_SECRET",
        "SITE_URL is http",
        "SITE_URL has more",
        "LISTEN_ADDR",
        "SESSION_STORE_URL",
        "SESSION_STORE_NAMESPACE must",
        "SESSION_IDLE_SECONDS",
        "DEV_ISSUER_PORT",
        "DEV_ISSUER_RANDOM_SEED",
        "LOGOUT_REDIRECT_URL",
    ] {
        assert!(text.contains(name), "{name} is missing in: {text}");
    }
}

#[test]
fn only_cargo_leptos_watch_makes_pages_load_anew() {
    let port = |variables: &[(&str, &str)]| read(variables).unwrap().live_reload_port;
    assert_eq!(port(&[("LEPTOS_RELOAD_PORT", "4000")]), None);
    assert_eq!(port(&[("LEPTOS_WATCH", "true")]), Some(3001));
    assert_eq!(port(&[("LEPTOS_WATCH", "true"), ("LEPTOS_RELOAD_PORT", "4000")]), Some(4000));
}

#[test]
fn a_build_without_the_emulated_tenant_needs_the_three() {
    let text = read_in_build(&[], false).unwrap_err().to_string();
    assert!(text.contains("KINDE_ISSUER_URL, CLIENT_ID and CLIENT_SECRET are not set"));
    assert!(read_in_build(&KINDE, false).is_ok());
}

#[test]
fn the_emulated_tenant_serves_only_a_site_on_this_machine() {
    assert!(problems(&[("SITE_URL", "https://app.example.com")]).contains("emulated tenant serves only"));
}

#[test]
fn the_client_secret_may_come_from_a_file() {
    let with_file = |file| [KINDE[0], KINDE[1], ("CLIENT_SECRET_FILE", file)];
    assert_eq!(credentials(read(&with_file("/secret")).unwrap()).client_secret.expose_secret(), "from-file");
    for file in ["/missing", "/empty"] {
        assert!(problems(&with_file(file)).contains("CLIENT_SECRET_FILE"));
    }
    assert!(problems(&kinde(&[("CLIENT_SECRET_FILE", "/secret")])).contains("different values"));
}

// CF-2, CF-3
#[test]
fn the_issuer_url_is_https_and_loses_its_trailing_slash() {
    let issuer = |url: &'static str| {
        read(&[("KINDE_ISSUER_URL", url), KINDE[1], KINDE[2]]).map(|config| credentials(config).issuer_url)
    };
    assert_eq!(issuer("https://example.kinde.com/").unwrap(), "https://example.kinde.com");
    assert_eq!(issuer("https://EXAMPLE.kinde.com").unwrap(), "https://example.kinde.com");
    assert_eq!(issuer("https://id.example.com/api/oidc/").unwrap(), "https://id.example.com/api/oidc");
    assert_eq!(issuer("http://127.0.0.1:9000").unwrap(), "http://127.0.0.1:9000");
    for url in [
        "http://example.kinde.com",
        "example.kinde.com",
        "https://example.kinde.com?x=1",
        "https://u@example.kinde.com",
    ] {
        assert!(issuer(url).is_err(), "{url}");
    }
}

#[test]
fn what_a_sign_in_requests_has_the_defaults_of_kinde() {
    let config = read(&KINDE).unwrap();
    assert_eq!(config.scope, "openid profile email offline");
    assert_eq!((config.audiences.len(), config.prompt, config.client_authentication), (0, None, None));
    assert_eq!(config.default_return_to.as_str(), "/");
}

#[test]
fn what_a_sign_in_requests_reaches_the_sign_in_component() {
    let config = read(&kinde(&[
        ("KINDE_SCOPE", "openid  email"),
        ("KINDE_AUDIENCE", " https://api.example/v1  other "),
        ("KINDE_PROMPT", "login consent"),
        ("CLIENT_AUTH_METHOD", "client_secret_basic"),
        ("KINDE_POST_LOGIN_REDIRECT_URL", "/items/1"),
    ]))
    .unwrap();
    let auth = config.auth(credentials(config.clone()));
    assert_eq!((auth.scope.as_str(), auth.prompt.as_deref()), ("openid email", Some("login consent")));
    assert_eq!(auth.audiences, ["https://api.example/v1", "other"]);
    assert_eq!(auth.client_authentication, Some(ClientAuthentication::Basic));
    assert_eq!(auth.default_return_to.as_str(), "/items/1");
}

#[test]
fn openid_is_added_to_a_scope_without_it() {
    let scope = |text| read(&kinde(&[("KINDE_SCOPE", text)])).map(|config| config.scope);
    assert_eq!(scope("profile email").unwrap(), "openid profile email");
    assert_eq!(scope("email openid").unwrap(), "email openid");
    for text in ["openid \"email\"", "openid e\\mail", "openid é"] {
        assert!(scope(text).unwrap_err().to_string().contains("KINDE_SCOPE contains"), "{text}");
    }
}

#[test]
fn at_most_eight_audiences_are_requested() {
    assert_eq!(read(&kinde(&[("KINDE_AUDIENCE", "1 2 3 4 5 6 7 8")])).unwrap().audiences.len(), 8);
    assert!(problems(&kinde(&[("KINDE_AUDIENCE", "1 2 3 4 5 6 7 8 9")])).contains("KINDE_AUDIENCE has 9 words"));
}

/// ID tokens have these audiences: a holder of one could call the site.
#[test]
fn the_client_id_and_the_issuer_are_no_audiences_of_an_api() {
    let config = read(&kinde(&[("KINDE_AUDIENCE", "https://api.example")])).unwrap();
    assert_eq!(config.auth(credentials(config.clone())).api_audiences, ["https://api.example"]);
    for audience in
        ["https://api.example client", "https://example.kinde.com", "https://example.kinde.com/ https://api.example"]
    {
        let complaint = problems(&kinde(&[("KINDE_AUDIENCE", audience)]));
        assert!(complaint.contains("KINDE_AUDIENCE contains"), "{complaint}");
    }
}

#[test]
fn a_prompt_under_which_nobody_new_can_sign_in_is_refused() {
    for (text, complaint) in [
        ("none", "KINDE_PROMPT contains none"),
        ("login none", "KINDE_PROMPT contains none"),
        ("Login!", "KINDE_PROMPT is"),
    ] {
        assert!(problems(&kinde(&[("KINDE_PROMPT", text)])).contains(complaint), "{text}");
    }
}

#[test]
fn the_client_authenticates_by_one_of_two_methods() {
    let method = |text| read(&kinde(&[("CLIENT_AUTH_METHOD", text)])).map(|config| config.client_authentication);
    assert_eq!(method("client_secret_post").unwrap(), Some(ClientAuthentication::Post));
    for text in ["basic", "private_key_jwt", "CLIENT_SECRET_POST"] {
        assert!(method(text).unwrap_err().to_string().contains("CLIENT_AUTH_METHOD"), "{text}");
    }
}

#[test]
fn a_sign_in_leads_to_a_page_of_this_site() {
    let path = |text: &str| {
        let variables = [&KINDE[..], &[("KINDE_POST_LOGIN_REDIRECT_URL", text)]].concat();
        read(&variables).map(|config| config.default_return_to.as_str().to_owned())
    };
    for (text, expected) in [
        ("/items/1?q=a b", "/items/1?q=a%20b"),
        ("http://localhost:8000/items/1?q=x#y", "/items/1?q=x#y"),
        ("http://localhost:8000", "/"),
        ("/", "/"),
    ] {
        assert_eq!(path(text).unwrap(), expected);
    }
    for foreign in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http://localhost:8001/",
        "https://localhost:8000/",
        "http://user@localhost:8000/",
        "items/1",
        "javascript:alert(1)",
    ] {
        let text = path(foreign).unwrap_err().to_string();
        assert!(
            text.contains("KINDE_POST_LOGIN_REDIRECT_URL") && text.contains("not on this site"),
            "{foreign}: {text}"
        );
    }
    for unsafe_path in ["/api/auth/logout", "/%2Fevil", "/a%0Ab"] {
        let text = path(unsafe_path).unwrap_err().to_string();
        assert!(text.contains("no sign-in may lead"), "{unsafe_path}: {text}");
    }
}

#[test]
fn the_site_may_be_given_as_host_and_port() {
    let config = read(&[("SITE_HOST", "127.0.0.1"), ("SITE_PORT", "9000")]).unwrap();
    assert_eq!(config.site_url.as_str(), "http://127.0.0.1:9000/");
    assert!(problems(&kinde(&[("SITE_HOST", "app.example.com")])).contains("SITE_URL is http"));
}

#[test]
fn behind_a_proxy_the_app_listens_on_loopback_unless_told_otherwise() {
    assert_eq!(read(&https(&[])).unwrap().listen, ["127.0.0.1:8000".parse().unwrap()]);
    let config = read(&https(&[("LISTEN_ADDR", "0.0.0.0:80")])).unwrap();
    assert_eq!(config.listen, ["0.0.0.0:80".parse().unwrap()]);
}

#[test]
fn metrics_are_off_unless_they_have_an_address() {
    assert_eq!(read(&[]).unwrap().metrics, None);
    assert_eq!(read(&[("METRICS_ADDR", "[::1]:9464")]).unwrap().metrics, Some("[::1]:9464".parse().unwrap()));
    for address in ["9464", "localhost", "localhost:9464", "127.0.0.1", "http://127.0.0.1:9464"] {
        assert!(problems(&[("METRICS_ADDR", address)]).contains("METRICS_ADDR"), "{address}");
    }
}

#[test]
fn the_callback_url_must_be_on_the_site() {
    assert!(
        problems(&[("KINDE_CALLBACK_URL", "http://127.0.0.1:8000/api/auth/kinde_callback")])
            .contains("KINDE_CALLBACK_URL")
    );
}

// CF-4
#[test]
fn encryption_keys_are_checked_and_never_printed() {
    let text = problems(&[("SESSION_ENCRYPTION_KEYS", "change-me")]);
    assert!(text.contains("SESSION_ENCRYPTION_KEYS") && !text.contains("change-me"));
}

// CF-4
#[test]
fn an_https_site_needs_encryption_keys_or_the_word_none() {
    let site =
        |more: &[(&'static str, &'static str)]| kinde(&[&[("SITE_URL", "https://app.example.com")], more].concat());
    let keys = random_keys(1);
    assert!(problems(&site(&[])).contains("SESSION_ENCRYPTION_KEYS is not set"));
    assert!(problems(&site(&[("SESSION_ENCRYPTION_KEYS", " ")])).contains("SESSION_ENCRYPTION_KEYS is not set"));
    for none in ["none", "None"] {
        assert!(read(&site(&[("SESSION_ENCRYPTION_KEYS", none)])).unwrap().sealing_keys.is_empty());
    }
    let with_keys = [&site(&[])[..], &[("SESSION_ENCRYPTION_KEYS", keys.as_str())]].concat();
    assert!(!read(&with_keys).unwrap().sealing_keys.is_empty());
    let text = problems(&site(&[("SESSION_ENCRYPTION_KEYS", "none,none")]));
    assert!(text.contains("SESSION_ENCRYPTION_KEYS: each key"), "{text}");
    assert!(read(&KINDE).unwrap().sealing_keys.is_empty(), "an http site needs none");
}

#[test]
fn keys_and_the_stores_url_may_come_from_files() {
    let config = read(&kinde(&[
        ("SITE_URL", "https://app.example.com"),
        ("SESSION_ENCRYPTION_KEYS_FILE", "/keys"),
        ("SESSION_STORE_URL_FILE", "/store"),
    ]))
    .unwrap();
    assert!(!config.sealing_keys.is_empty());
    assert_eq!(config.store.to_string(), "sqlite:from-file.db");
    for (name, direct) in
        [("SESSION_ENCRYPTION_KEYS", "none"), ("SESSION_STORE_URL", "sqlite:other.db"), ("CLIENT_SECRET", "sesame")]
    {
        let file = format!("{name}_FILE");
        for path in ["/missing", "/empty"] {
            let variables = [&kinde(&[("SITE_URL", "https://app.example.com")])[..], &[(file.as_str(), path)]].concat();
            let text = problems(&variables);
            assert!(text.contains(&file), "{text}");
            assert_eq!(
                text.contains("SESSION_ENCRYPTION_KEYS is not set"),
                name != "SESSION_ENCRYPTION_KEYS",
                "{text}"
            );
        }
        let text = problems(&[&https(&[])[..], &[(name, direct), (file.as_str(), "/secret")]].concat());
        assert!(text.contains(&format!("{name} and the file at {file}")), "{text}");
        assert!(!text.contains("from-file"), "{text}");
    }
}

/// What a store URL without a problem is warned of.
fn store_warning(url: &str, more: &[(&str, &str)]) -> Option<String> {
    read(&[&[("SESSION_STORE_URL", url)], more].concat()).unwrap().store_warning
}

#[test]
fn a_store_on_this_machine_needs_no_tls() {
    for url in [
        "sqlite:data/sessions.db",
        "redis://127.0.0.1:6379/0",
        "redis://127.8.9.10",
        "redis://localhost",
        "redis://[::1]:6379",
        "redis://[::ffff:127.0.0.1]",
        "postgres://me@localhost/app",
        "postgres://me@[::1]/app",
        "postgres://me@localhost/app?sslmode=verify-ca",
        "postgres:///app?host=/var/run/postgresql",
        "postgres://me@%2Fvar%2Frun%2Fpostgresql/app?sslmode=require",
        "postgres://me@localhost:5432,127.0.0.1:5433/app",
        "redis+cluster://127.0.0.1:7000,[::1]:7001,localhost",
        "redis+sentinel://127.0.0.1,[::1]:26380/0?service=sessions",
    ] {
        assert_eq!(store_warning(url, &[]), None, "{url}");
    }
}

#[test]
fn a_store_on_a_private_network_without_verified_tls_is_warned_of() {
    for url in [
        "redis://10.1.2.3",
        "redis://172.16.0.1",
        "redis://192.168.1.1:6379/0",
        "redis://169.254.1.1",
        "redis://[fd12::1]",
        "redis://[fe80::1]",
        "redis://[::ffff:10.0.0.1]",
        "redis://redis:6379",
        "rediss://redis:6379#insecure",
        "postgres://me:sesame@redis/app",
        "postgres://me:sesame@10.0.0.1/app?sslmode=disable",
        "postgres://me:sesame@[fd12::1]/app?sslmode=require",
        "postgres://me:sesame@localhost,10.0.0.1/app?sslmode=require",
        "redis+cluster://:sesame@127.0.0.1,10.0.0.1:7001",
        "redis+sentinel://:sesame@127.0.0.1,redis/0?service=sessions&sentinel_password=sesame",
        "rediss+cluster://:sesame@127.0.0.1,10.0.0.1:7001#insecure",
    ] {
        let warning = store_warning(url, &[]).unwrap_or_else(|| panic!("{url}: no warning"));
        assert!(warning.contains("without verified TLS") && !warning.contains("sesame"), "{warning}");
    }
}

#[test]
fn a_store_at_a_public_address_needs_verified_tls_or_permission() {
    for url in [
        "redis://203.0.113.5",
        "redis://172.32.0.1",
        "redis://100.64.0.1",
        "redis://[2001:db8::5]",
        "redis://[::ffff:203.0.113.5]",
        "redis://db.example:6379/0",
        "redis://two-networks",
        "rediss://db.example#insecure",
        "postgres://me:sesame@db.example/app",
        "postgres://me:sesame@db.example/app?sslmode=prefer",
        "postgres://me:sesame@db.example/app?sslmode=require",
        "postgres://me:sesame@localhost/app?host=db.example",
        "postgres://me:sesame@db.example/app?sslmode=verify-full&sslmode=disable",
        "postgres://me:sesame@localhost,10.0.0.1,db.example:5433/app?sslmode=require",
        "redis+cluster://:sesame@127.0.0.1,10.0.0.1,203.0.113.5:7001",
        "redis+sentinel://:sesame@127.0.0.1,db.example/0?service=sessions&sentinel_password=sesame",
        "rediss+sentinel://:sesame@127.0.0.1,db.example/0?service=sessions&sentinel_password=sesame#insecure",
    ] {
        let text = problems(&[("SESSION_STORE_URL", url)]);
        assert!(text.contains("SESSION_STORE_URL leads to a public address"), "{url}: {text}");
        assert!(text.contains("SESSION_STORE_UNVERIFIED=allow") && !text.contains("sesame"), "{url}: {text}");
        let warning = store_warning(url, &[("SESSION_STORE_UNVERIFIED", "allow")]);
        assert!(warning.is_some_and(|warning| warning.contains("SESSION_STORE_UNVERIFIED")), "{url}");
    }
    for url in [
        "rediss://db.example",
        "rediss://203.0.113.5:6380/3",
        "postgres://me@db.example/app?sslmode=verify-full",
        "postgres://me@db.example,203.0.113.5/app?sslmode=verify-full",
        "rediss+cluster://db.example,203.0.113.5",
        "rediss+sentinel://db.example,203.0.113.5?service=sessions",
    ] {
        assert_eq!(store_warning(url, &[]), None, "{url}");
    }
    for host in ["db.example", "nobody.example", "10.0.0.1"] {
        let warning = store_warning(&format!("postgres://me@{host}/app?sslmode=verify-ca"), &[]).unwrap();
        assert!(warning.contains("write sslmode=verify-full"), "{warning}");
    }
}

#[test]
fn a_stores_host_without_an_address_is_named() {
    let unknown = ("SESSION_STORE_URL", "redis://:sesame@nobody.example");
    let text = problems(&[unknown]);
    assert!(text.contains("nobody.example") && !text.contains("sesame"), "{text}");
    assert!(read(&[unknown, ("SESSION_STORE_UNVERIFIED", "allow")]).is_ok());
    assert!(problems(&[("SESSION_STORE_UNVERIFIED", "yes")]).contains("SESSION_STORE_UNVERIFIED"));
}

#[test]
fn the_rate_limit_may_be_set_or_switched_off() {
    assert_eq!(read(&[]).unwrap().rate_limit, "300/30".parse().ok());
    assert_eq!(read(&[("AUTH_RATE_LIMIT", "off")]).unwrap().rate_limit, None);
    assert_eq!(read(&[("AUTH_RATE_LIMIT", "5/1")]).unwrap().rate_limit, "5/1".parse().ok());
    let text = problems(&[("AUTH_RATE_LIMIT", "many"), ("TRUSTED_PROXIES", "proxy.example")]);
    assert!(text.contains("AUTH_RATE_LIMIT") && text.contains("TRUSTED_PROXIES"));
}

#[test]
fn the_rate_limit_of_an_https_site_needs_trusted_proxies_to_be_set() {
    let lacks = |variables: &[(&str, &str)]| read(variables).unwrap().lacks_trusted_proxies();
    assert!(lacks(&https(&[])));
    for more in [("TRUSTED_PROXIES", "10.0.0.0/8"), ("TRUSTED_PROXIES", "none"), ("AUTH_RATE_LIMIT", "off")] {
        assert!(!lacks(&https(&[more])), "{more:?}");
    }
    assert!(!lacks(&[]), "an http site is on this machine");
}

#[test]
fn the_notice_before_the_end_is_none_unless_set() {
    let notice = |value| read(&[("SHUTDOWN_NOTICE_SECONDS", value)]).map(|config| config.shutdown_notice.as_secs());
    assert_eq!(read(&[]).unwrap().shutdown_notice.as_secs(), 0);
    assert_eq!((notice("0").unwrap(), notice("15").unwrap()), (0, 15));
    for value in ["3601", "-1", "soon"] {
        assert!(notice(value).unwrap_err().to_string().contains("SHUTDOWN_NOTICE_SECONDS"), "{value}");
    }
}

#[test]
fn a_store_url_with_a_mistake_is_refused_without_showing_it() {
    for url in ["redis://:sesame@host:port/0", "postgres://kinde:sesame@host:port/db", "mysql://kinde:sesame@host/db"] {
        let text = problems(&[("SESSION_STORE_URL", url)]);
        assert!(text.contains("SESSION_STORE_URL") && !text.contains("sesame"), "{text}");
    }
}

#[test]
fn applications_that_share_a_store_have_different_namespaces() {
    let namespace = |text| read(&[("SESSION_STORE_NAMESPACE", text)]).map(|config| config.store_namespace.to_string());
    assert_eq!(namespace("shop_2").unwrap(), "shop_2");
    assert_eq!(namespace(" ").unwrap(), "kinde");
    for text in ["Shop", "shop-2", "sqlite"] {
        assert!(namespace(text).unwrap_err().to_string().contains("SESSION_STORE_NAMESPACE must"), "{text}");
    }
}

#[test]
fn debug_output_holds_no_secret() {
    assert!(!format!("{:?}", read(&KINDE).unwrap()).contains("sesame"));
}

#[test]
fn every_setting_of_the_example_is_listed_by_name() {
    let listed = read(&[]).unwrap().settings;
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let lines = include_str!("../../.env.example").lines();
    let names: Vec<&str> = lines
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .map(|(name, _)| name)
        .filter(is_name)
        .collect();
    assert!(names.len() > 25, "{names:?}");
    for name in names {
        assert!(listed.iter().any(|setting| setting.name == name && !setting.set), "{name}");
    }
    let names: std::collections::BTreeSet<&str> = listed.iter().map(|setting| setting.name.as_str()).collect();
    assert_eq!(names.len(), listed.len(), "one is listed twice");
}

#[test]
fn the_list_of_settings_shows_that_secrets_are_set_and_nothing_of_them() {
    let keys = random_keys(1);
    let variables = [("SESSION_ENCRYPTION_KEYS", keys.as_str()), ("SESSION_STORE_URL", "redis://u:sesame@localhost/0")];
    let config = read(&[&kinde(&[])[..], &variables].concat()).unwrap();
    for (name, value) in [
        ("CLIENT_SECRET", "••••"),
        ("SESSION_ENCRYPTION_KEYS", "••••"),
        ("SESSION_STORE_URL", "••••"),
        ("CLIENT_ID", "client"),
    ] {
        let setting = config.settings.iter().find(|setting| setting.name == name).unwrap();
        assert_eq!((setting.set, setting.value.as_deref()), (true, Some(value)), "{name}");
    }
    let shown = format!("{:?}", config.start_facts());
    assert!(!shown.contains("sesame") && !shown.contains(&keys), "{shown}");
}

#[test]
fn the_log_is_text_without_requests_or_json_with_them_unless_it_is_set() {
    let log = |variables: &[(&str, &str)]| read(variables).map(|config| (config.log_format, config.access_log));
    assert_eq!(log(&[]), Ok((LogFormat::Text, false)));
    assert_eq!(log(&[("LOG_FORMAT", "json")]), Ok((LogFormat::Json, true)));
    assert_eq!(log(&[("LOG_FORMAT", "json"), ("ACCESS_LOG", "off")]), Ok((LogFormat::Json, false)));
    assert_eq!(log(&[("LOG_FORMAT", "text"), ("ACCESS_LOG", "on")]), Ok((LogFormat::Text, true)));
    for (name, value) in
        [("LOG_FORMAT", "JSON"), ("ACCESS_LOG", "yes"), ("RUST_LOG", "a=b=c"), ("RUST_LOG", "[request]=info")]
    {
        assert!(problems(&[(name, value)]).contains(&format!("{name} is {value:?}")), "{name}");
    }
}

#[test]
fn problems_are_reported_in_the_form_of_the_log() {
    let form = |format: &'static str| read(&[("LOG_FORMAT", format), ("LISTEN_ADDR", "x")]).unwrap_err().log_format;
    assert_eq!((form("json"), form("text"), form("")), (LogFormat::Json, LogFormat::Text, LogFormat::Text));
}
