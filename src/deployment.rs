//! How the program runs in production: as a file, in a container, under systemd, behind nginx or Caddy.
//!
//! This module is documentation alone. The files that it shows are in `src/deployment`; `.ci/deployment` lets the
//! programs that read them check them. Step by step, for one server, it is the recipe
//! [`deploying`](crate::recipes::deploying).
//!
//! # One file
//!
//! `make release` builds `target/release/kinde-leptos`, which has everything inside but its settings: `kinde-leptos
//! --version --verbose` lists features and files. It runs from any folder, reads `.env` there if there is one, and writes
//! nowhere but to a SQLite file, if that is its session store. There is no emulated tenant in it, so it needs the three
//! settings of the issuer. It has 22.5 MB, 3.3 MB of them names of functions, without which the trace of a panic and a
//! profile say nothing; `strip` removes these.
//!
//! Beside it, `make release` puts `kinde-leptos.cdx.json`, the list of its components (CycloneDX 1.5): every crate that
//! the program is built from, with version, license, source and checksum. `.ci/sbom` writes it.
//!
//! It loads glibc, 2.34 or newer when it is built on Debian 12 (`.ci/release-is-clean` prints the version), and nothing
//! that is not part of every system with it. A static program needs the standard library for musl (`rustup target
//! add x86_64-unknown-linux-musl`) and `musl-gcc` for the C code; this project has not been built that way.
//!
//! # What every site needs
//!
//! | setting | why |
//! | --- | --- |
//! | `KINDE_ISSUER_URL`, `CLIENT_ID`, `CLIENT_SECRET` or `CLIENT_SECRET_FILE` | where users sign in |
//! | `SITE_URL` | the https address as browsers see it; the program speaks plain http to the proxy in front |
//! | `SESSION_ENCRYPTION_KEYS` or `SESSION_ENCRYPTION_KEYS_FILE` | what `kinde-leptos generate-key` prints |
//! | `TRUSTED_PROXIES` | the address from which the proxy connects, for the limit on sign-ins of one address |
//! | `SESSION_STORE_URL` | Redis or PostgreSQL for several processes; a SQLite file for one |
//! | `LISTEN_ADDR` | where the proxy finds the process, by default `127.0.0.1:8000` |
//!
//! `.env.example` describes all settings.
//!
//! # Health
//!
//! | path | says | for |
//! | --- | --- | --- |
//! | `/healthz`, `kinde-leptos health --live` | the process lives | what restarts it: no restart brings a session store back |
//! | `/readyz`, `kinde-leptos health` | it can serve: its session store responds, and it is not ending | what sends it requests |
//!
//! The command asks the process on this machine at its `LISTEN_ADDR`, waits for two seconds at most, and ends with exit
//! code 0 or 1. So a container needs no other program for its health check.
//!
//! # Restarts
//!
//! After SIGTERM a process takes requests for `SHUTDOWN_NOTICE_SECONDS` more, during which `/readyz` responds with 503,
//! then closes its port and finishes what is under way, in twenty seconds at most. Processes that are restarted one after
//! the other lose no request: a proxy that learns from `/readyz` (Caddy below) needs a notice longer than its interval; one
//! that sends refused requests to the other process (nginx below) needs none.
//!
//! # A container
//!
//! `docker build -t kinde-leptos .` makes an image of the program, the libraries that it loads and the certificates of
//! public authorities: no shell, no root. Its root can be read-only (`docker run --read-only`); a site with SQLite has it
//! in the volume `/data`. `compose.yaml` runs two processes behind Caddy, with Redis.
//!
//! ```dockerfile
#![doc = include_str!("../Dockerfile")]
//! ```
//!
//! ```yaml
#![doc = include_str!("../compose.yaml")]
//! ```
//!
//! # systemd
//!
//! ```ini
#![doc = include_str!("deployment/kinde-leptos@.service")]
//! ```
//!
//! A command needs the settings of the site, and its user where the store is a SQLite file:
//!
//! ```sh
//! systemd-run --quiet --collect --pipe --wait --property=User=kinde-leptos \
//!     --property=EnvironmentFile=/etc/kinde-leptos/settings --property=WorkingDirectory=/var/lib/kinde-leptos \
//!     --setenv=SESSION_STORE_URL=sqlite:///var/lib/kinde-leptos/sessions.db \
//!     /usr/local/bin/kinde-leptos sessions list --user kp_…
//! ```
//!
//! # nginx
//!
//! ```nginx
#![doc = include_str!("deployment/nginx.conf")]
//! ```
//!
//! # Caddy
//!
//! ```caddy
#![doc = include_str!("deployment/Caddyfile")]
//! ```
//!
#![doc = include_str!("deployment/under_load.md")]
