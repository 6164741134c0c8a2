//! Connections to a store's server under TLS: a server is trusted when a known authority has signed its certificate.
//! Plain connections are tested in `servers`.

use std::path::Path;
use std::process::Command;

use crate::harness::{Address, Browser, Ended, Kind, Program, StoreServer, TestTenant, settings_of};

/// Makes a certificate authority in a folder, and a certificate that it signed for localhost.
fn make_certificates(folder: &Path) {
    let script = "
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=authority of a test' -keyout authority.key -out authority.pem
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost\\nbasicConstraints=CA:FALSE\\n' > extensions
        openssl x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile extensions -out server.pem
    ";
    let made = Command::new("sh").args(["-e", "-c", script]).current_dir(folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Signs in at a site whose sessions are in a store under TLS. Returns the page, or how the program ended when it did
/// not start.
async fn greeted(store_url: &str, authority: &Path) -> Result<String, Ended> {
    let folder = tempfile::tempdir().unwrap();
    let address = Address::on_a_free_port();
    let tenant = TestTenant::start(&address.url).await;
    let store = [("SESSION_STORE_URL", store_url), ("SSL_CERT_FILE", authority.to_str().unwrap())];
    let variables = [&settings_of(&tenant, &address.url)[..], &store].concat();
    let program = Program::start(folder.path(), &[], &variables);
    let _program = program.ready_or_ended()?;
    Ok(Browser::new().sign_in_from(&address.at("/"), "ada").await.body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_a_certificate_of_a_known_authority_keeps_sessions() {
    let (certificates, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_certificates(certificates.path());
    make_certificates(others.path());
    for kind in [Kind::Redis, Kind::Postgres] {
        let server = StoreServer::start_encrypted(kind, certificates.path());
        let known = certificates.path().join("authority.pem");
        let url = server.encrypted_url("localhost");
        let page = greeted(&url, &known).await.unwrap_or_else(|ended| panic!("{kind:?}: {}", ended.stderr));
        assert!(page.contains("Ada Lovelace"), "{kind:?}: {page}");
        for (host, authority) in [("127.0.0.1", &known), ("localhost", &others.path().join("authority.pem"))] {
            let ended = greeted(&server.encrypted_url(host), authority).await.expect_err("it started");
            assert_eq!(ended.code, Some(1), "{kind:?} {host}: {}", ended.stderr);
            assert!(ended.stderr.contains("cannot be used"), "{kind:?} {host}: {}", ended.stderr);
            assert!(!ended.stderr.contains("sesame"), "{kind:?} {host}: {}", ended.stderr);
        }
    }
}
