//! Tests of the parameters of sign-in links, one by one. What of them reaches the issuer is tested over HTTP, in
//! `tests::authorization_request`.

use super::*;

fn values(query: &str) -> BTreeMap<String, String> {
    SignInOptions::parse(query).unwrap_or_else(|error| panic!("{query}: {error}")).into()
}

fn is_refused(query: &str, name: &str) -> bool {
    SignInOptions::parse(query).is_err_and(|error| error.0 == name)
}

fn with_length(bytes: usize) -> String {
    "a".repeat(bytes)
}

#[test]
fn each_parameter_has_its_form() {
    let codes = ["connection_id", "org_code", "plan_interest", "pricing_table_key", "workflow_deployment_id"];
    for name in codes.into_iter().chain(["invitation_code"]) {
        for code in ["org_1", "a", "conn_0:b.c-d", "A9"] {
            assert_eq!(values(&format!("{name}={code}"))[name], code);
        }
        for code in ["", "a+b", "a%20b", "%C3%A9", "a/b", "a%26b", "%FF", "a%00"] {
            assert!(is_refused(&format!("{name}={code}"), name), "{name}={code}");
        }
    }
    for (name, right, wrong) in [
        ("is_create_org", &["true"][..], &["false", "TRUE", "1", ""][..]),
        ("pages_mode", &["preview"], &["live", ""]),
        ("prompt", &["login", "create", "none"], &["consent", "login none", "LOGIN", ""]),
        (
            "max_age",
            &["0", "1", "300", "31536000"],
            &["", "31536001", "-1", "+1", "01", "1.0", "1e3", " 1", "1s", "٣", "18446744073709551616"],
        ),
        ("lang", &["en", "en-AU", "zh-Hant-TW"], &["", "e", "en_AU", "en-", "-en", "*", "en-abcdefghi", "1e"]),
        (
            "login_hint",
            &["ada@example.com", "phone:+61444110110:au", "username:bob"],
            &["a%00b", "a%0Ab", "%FF", "%C2%85"],
        ),
        ("org_name", &["Flight", "Ὑπατία"], &["a%7Fb", "%80"]),
    ] {
        for value in right {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
            assert_eq!(values(&query)[name], *value);
        }
        for value in wrong {
            assert!(is_refused(&format!("{name}={value}"), name), "{name}={value}");
        }
    }
}

#[test]
fn a_value_has_at_most_255_bytes() {
    for name in ["login_hint", "org_name", "org_code"] {
        assert_eq!(values(&format!("{name}={}", with_length(255)))[name].len(), 255);
        assert!(is_refused(&format!("{name}={}", with_length(256)), name), "{name}");
    }
    assert!(is_refused(&format!("org_name={}", "%C3%A9".repeat(128)), "org_name"), "256 bytes in 128 characters");
}

#[test]
fn a_parameter_that_stands_twice_is_refused_even_with_one_value() {
    for (query, name) in [
        ("lang=en&lang=en", "lang"),
        ("max_age=300&max_age=300", "max_age"),
        ("org_code=a&x=1&org%5Fcode=b", "org_code"),
        ("org_name=&org_name=x", "org_name"),
        ("prompt=none&prompt=login", "prompt"),
    ] {
        assert!(is_refused(query, name), "{query}");
    }
}

#[test]
fn what_is_not_known_is_dropped() {
    let query = "redirect_uri=x&State=s&is_invitation=true&start_page=registration&supports_reauth=false&reauth_state=e30\
        &post_login_redirect_url=/&org_code[]=x&=&&%FF=1&scope=admin&ORG_CODE=x&utm_=1&utm_A=1&has_success_page=true";
    assert_eq!(values(query), BTreeMap::new());
}

#[test]
fn an_empty_text_counts_as_absent() {
    assert_eq!(values("login_hint=&org_name"), BTreeMap::new());
}

#[test]
fn marketing_tags_are_kept_and_malformed_ones_dropped() {
    let kept = values("utm_source=a+b&utm_campaign=%C3%A9&hsa_acc=1&gclid=x&ttclid=y&li_fat_id=z");
    assert_eq!(kept.len(), 6);
    assert_eq!((kept["utm_source"].as_str(), kept["utm_campaign"].as_str()), ("a b", "é"));
    let long = with_length(256);
    let name = with_length(33);
    for malformed in ["utm_source=%00", "gclid=%FF", "gclid=", &format!("gclid={long}"), &format!("utm_{name}=1")] {
        assert_eq!(values(malformed), BTreeMap::new(), "{malformed}");
    }
    assert_eq!(values("gclid=first&gclid=second")["gclid"], "first");
    let many: String = (0..30).map(|number| format!("utm_{number}=1&")).collect();
    assert_eq!(values(&many).len(), MAX_MARKETING_TAGS);
}

#[test]
fn options_that_are_built_in_code_read_back_from_their_link() {
    let built = SignInOptions::default()
        .with_login_hint(LoginHint::phone("+61444110110", "AU").unwrap())
        .with_prompt(Prompt::Login)
        .with_max_age(Duration::from_secs(300))
        .with_connection_id("conn_1")
        .and_then(|options| options.with_org_code("org_1"))
        .and_then(|options| options.with_new_organization(Some("Tea & Cake = ü")))
        .and_then(|options| options.with_invitation_code("inv_1"))
        .and_then(|options| options.with_lang("en-AU"))
        .and_then(|options| options.with_plan_interest("pro"))
        .and_then(|options| options.with_pricing_table_key("table"))
        .and_then(|options| options.with_workflow_deployment_id("wf_1"))
        .unwrap()
        .with_preview()
        .with_marketing_tag("utm_source", "a b")
        .with_marketing_tag("redirect_uri", "x");
    let link = built.link("/login", Some("/items/1?q=a%26b"));
    let (path, query) = link.split_once('?').unwrap();
    assert_eq!((path, SignInOptions::parse(query)), ("/login", Ok(built.clone())));
    assert_eq!(built.0["login_hint"], "phone:+61444110110:au");
    assert_eq!(built.0.len(), 14);
    assert!(query.ends_with("&post_login_redirect_url=%2Fitems%2F1%3Fq%3Da%2526b"), "{query}");
    assert_eq!(SignInOptions::default().link("/login", None), "/login");
}

#[test]
fn options_cannot_be_built_with_values_that_no_link_may_have() {
    let none = SignInOptions::default;
    assert_eq!(none().with_org_code("a b"), Err(BadSignInOption("org_code")));
    assert_eq!(none().with_new_organization(Some("")), Err(BadSignInOption("org_name")));
    assert_eq!(none().with_lang("english!"), Err(BadSignInOption("lang")));
    for hint in [
        LoginHint::email("ada"),
        LoginHint::email("@example.com"),
        LoginHint::email("a b@example.com"),
        LoginHint::phone("0444", "au"),
        LoginHint::phone("+61444110110", "aus"),
        LoginHint::username(""),
        LoginHint::username(&with_length(255)),
    ] {
        assert_eq!(hint.err(), Some(BadSignInOption("login_hint")));
    }
}

#[test]
fn an_age_that_is_built_in_code_is_one_that_a_link_may_have() {
    let year = Duration::from_secs(LONGEST_AGE);
    for (age, sent) in [
        (Duration::ZERO, "0"),
        (Duration::from_millis(1_900), "1"),
        (year, "31536000"),
        (year + Duration::from_secs(1), "31536000"),
        (Duration::MAX, "31536000"),
    ] {
        let built = SignInOptions::default().with_max_age(age);
        assert_eq!(built.max_age(), Some(sent), "{age:?}");
        assert_eq!(SignInOptions::parse(&format!("max_age={sent}")), Ok(built), "{age:?}");
    }
}

#[test]
fn stored_options_pass_the_rules_again() {
    let stored = r#"{"org_code":"a b","lang":"de","max_age":"-1","state":"x","utm_source":"y"}"#;
    let read: SignInOptions = serde_json::from_str(stored).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"lang":"de","utm_source":"y"}"#);
}

#[test]
fn the_languages_header_does_not_overrule_the_link() {
    let lang = |query: &str, tag| SignInOptions::parse(query).unwrap().or_lang(tag).lang().map(str::to_owned);
    assert_eq!(lang("", Some("de")).as_deref(), Some("de"));
    assert_eq!(lang("lang=fr", Some("de")).as_deref(), Some("fr"));
    assert_eq!(lang("", Some("*")), None);
}

#[test]
fn nothing_of_the_user_is_printed() {
    let options = SignInOptions::parse("login_hint=ada%40example.com&invitation_code=inv_1").unwrap();
    assert_eq!(format!("{options:?}"), r#"{"invitation_code", "login_hint"}"#);
    assert!(!format!("{:?}", LoginHint::email("ada@example.com")).contains("ada"));
}
