//! `kinde-leptos health`: asks the running process whether it is well, for a container's health check, without another
//! program in the container.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use kinde_leptos::config;
use kinde_leptos::paths::{HEALTH, READINESS};
use serde_json::{Value, json};

use super::output::Format;
use super::{Done, exit_code};

/// How long the process may take for its response.
const TIMEOUT: Duration = Duration::from_secs(2);

/// The command line arguments of `kinde-leptos health`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Ask only whether the process lives
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    pub(super) format: Format,
}

/// Prints what the process says of itself, and succeeds when that is well.
///
/// # Errors
/// When LISTEN_ADDR or SITE_URL cannot be used, or the process does not respond within two seconds.
pub(super) async fn health(arguments: &Arguments) -> Done {
    let path = if arguments.live { HEALTH } else { READINESS };
    let addresses = config::listen_addresses()?;
    let (url, code, response) = tokio::time::timeout(TIMEOUT, ask_any(&addresses, path))
        .await
        .unwrap_or_else(|_| Err(not_well(&addresses, path, "no response within two seconds")))?;
    let is_well = code == 200;
    let result = json!({ "healthy": is_well, "url": url, "status": code, "response": response });
    arguments.format.print(&result, || {
        let state = response
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or("that is another program, or an older one; does LISTEN_ADDR name the site?");
        format!("{url} responds with {code}: {state}\n")
    })?;
    Ok(exit_code(is_well))
}

/// The URL, the status and the body of the first address that responds.
async fn ask_any(addresses: &[SocketAddr], path: &str) -> Result<(String, u16, Value), String> {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    let client = client.map_err(|error| format!("no request can be sent: {error}"))?;
    let mut cause = "LISTEN_ADDR names no address".to_owned();
    for address in addresses {
        let url = format!("http://{}{path}", reachable(*address));
        match client.get(&url).send().await {
            Ok(response) => {
                let code = response.status().as_u16();
                let body = response.bytes().await.unwrap_or_default();
                return Ok((url, code, serde_json::from_slice(&body).unwrap_or_default()));
            }
            Err(error) if error.is_connect() => cause = "nobody listens there".to_owned(),
            Err(error) => cause = error.to_string(),
        }
    }
    Err(not_well(addresses, path, &cause))
}

fn not_well(addresses: &[SocketAddr], path: &str, cause: &str) -> String {
    let urls: Vec<_> = addresses.iter().map(|address| format!("http://{}{path}", reachable(*address))).collect();
    format!(
        "{}: {cause}. Is the site running, with the same LISTEN_ADDR and SITE_URL as this command?",
        urls.join(" and ")
    )
}

/// Where a process on this machine reaches a listener: one on all addresses is on the loopback address too.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_all_addresses_is_asked_on_this_machine() {
        for (listens, asked) in
            [("0.0.0.0:8000", "127.0.0.1:8000"), ("[::]:80", "[::1]:80"), ("10.1.2.3:8000", "10.1.2.3:8000")]
        {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asked);
        }
    }
}
