//! The files of `src/deployment`, the Dockerfile and compose.yaml name settings, paths, commands and steps that exist.
//! Whether the programs understand them that read them is tested by `.ci/deployment`, and what the image holds by
//! `.ci/container check`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kinde_leptos::paths::{HEALTH, READINESS};

const FILES: [&str; 7] = [
    "Dockerfile",
    "compose.yaml",
    "src/deployment.rs",
    "src/deployment/Caddyfile",
    "src/deployment/kinde-leptos@.service",
    "src/deployment/nginx.conf",
    "src/deployment/under_load.md",
];

/// Names in capitals that are no settings of the program: those of Dockerfile, HTTP, compose.yaml, systemd and Caddy, and
/// the placeholders of this project.
const OTHER_NAMES: [&str; 11] = [
    "ARGUMENT",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "EPERM",
    "FOLDER",
    "HEALTHCHECK",
    "SIGTERM",
    "SITE_ADDRESS",
    "UPSTREAMS",
    "WORKDIR",
];

fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The words that look like the name of a setting: capitals with an underscore, or of a form that only settings have.
fn names_in(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter == '_';
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.contains('_') && word.len() > 5 && word.chars().all(is_part)).collect()
}

#[test]
fn every_setting_that_they_name_exists() {
    let described = text(".env.example");
    let described = names_in(&described);
    for file in FILES {
        let content = text(file);
        let unknown: Vec<_> = names_in(&content)
            .into_iter()
            // A restriction of systemd's, not a setting.
            .filter(|name| !name.starts_with("AF_") && !name.starts_with("ECDHE"))
            .filter(|name| !described.contains(name) && !OTHER_NAMES.contains(name))
            .collect();
        assert_eq!(unknown, [""; 0], "{file}");
    }
    for (file, setting) in [
        ("src/deployment/nginx.conf", "TRUSTED_PROXIES"),
        ("src/deployment/Caddyfile", "TRUSTED_PROXIES"),
        ("src/deployment/kinde-leptos@.service", "LISTEN_ADDR"),
        ("compose.yaml", "SESSION_ENCRYPTION_KEYS_FILE"),
        ("Dockerfile", "SESSION_STORE_URL"),
    ] {
        assert!(names_in(&text(file)).contains(setting), "{file} sets {setting}");
    }
}

#[test]
fn every_path_of_the_site_and_of_the_project_that_they_name_exists() {
    assert!(text("src/deployment/Caddyfile").contains(&format!("health_uri {READINESS}\n")));
    let guide = text("src/deployment.rs");
    assert!(guide.contains(&format!("`{READINESS}`")) && guide.contains(&format!("`{HEALTH}`")));
    assert!(text("compose.yaml").contains("./src/deployment/Caddyfile:"));
    for entry in text(".dockerignore").lines().filter_map(|line| line.strip_prefix('!')) {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(entry).exists(), "{entry}");
    }
}

/// What the image is built by is what `make test` runs.
#[test]
fn the_dockerfile_builds_by_the_steps_of_one_script() {
    let (dockerfile, script) = (text("Dockerfile"), text(".ci/container"));
    let steps: Vec<_> = dockerfile.lines().filter_map(|line| line.strip_prefix("RUN .ci/container ")).collect();
    assert_eq!(steps, ["tools", "dependencies", "program", "image /image"]);
    for step in steps {
        let name = step.split(' ').next().unwrap();
        assert!(script.contains(&format!("\n    {name})")), "{name}");
    }
    let others: Vec<_> = dockerfile.lines().filter(|line| line.starts_with("RUN ") && !line.contains(".ci/")).collect();
    assert_eq!(others.len(), 2, "only certificates and npm's name are set up otherwise: {others:?}");
    for line in ["USER 65532:65532", "FROM scratch", r#"ENTRYPOINT ["/kinde-leptos"]"#] {
        assert!(dockerfile.lines().any(|found| found == line), "{line}");
    }
    assert!(script.contains("\nuser=65532\n"));
    assert!(dockerfile.contains(r#"CMD ["/kinde-leptos", "health", "--live"]"#));
    assert!(text("compose.yaml").contains(r#"["CMD", "/kinde-leptos", "health"]"#));
}

#[test]
fn nothing_but_what_the_image_needs_is_sent_to_its_build() {
    let lines = text(".dockerignore");
    let lines: Vec<_> = lines.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines[0], "*", "everything is left out but what follows");
    for secret in ["!.env", "!.git", "!data", "!target", "!secrets", "!end2end"] {
        assert!(!lines.contains(&secret), "{secret}");
    }
}

/// The proxies leave out what a visitor says of its own way, and set what the program believes of them.
#[test]
fn the_proxies_pass_on_no_header_that_a_visitor_made_up() {
    let nginx = text("src/deployment/nginx.conf");
    for line in [
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_set_header Forwarded \"\";",
        "proxy_set_header traceparent 00-$request_id-$kinde_leptos_span-01;",
        "proxy_set_header tracestate \"\";",
    ] {
        assert!(nginx.contains(line), "{line}");
    }
    // An access log with queries would hold authorization codes.
    let format: Vec<_> = nginx.lines().skip_while(|line| !line.starts_with("log_format")).take(3).collect();
    assert!(format.concat().contains("$uri") && !format.concat().contains("$request "), "{format:?}");
    let caddy = text("src/deployment/Caddyfile");
    for header in ["Forwarded", "traceparent", "tracestate"] {
        assert!(caddy.contains(&format!("\trequest_header -{header}\n")), "{header}");
    }
}
