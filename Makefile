# The project's commands. `make test` runs every check and test, `make check` the quick ones.

STAGE = .ci/stage

# Tests over HTTP wait for servers and time limits for half of their time.
TEST_THREADS = $$((2 * $$(getconf _NPROCESSORS_ONLN)))

# Modules of tests that `make check` leaves out: those that start Redis or PostgreSQL (by `StoreServer` or `every_store`),
# and the last two, which wait for time limits.
NOT_IN_CHECK = \
	stores::contract stores::encrypted stores::races stores::servers stores::several_servers \
	account::processes \
	policies::marks \
	webhooks::processes backchannel_logout::processes \
	session::at_rest session::end_of_all session::re_sealing stores::portions \
	process::session_commands process::re_seal process::health \
	sign_out::to_its_end \
	provider_faults \
	provider_outages

.PHONY: help run dev check test faults soak fuzz mutants bench clients end2end engines audit tools release

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the app, with the emulated Kinde tenant unless Kinde is set up
	cargo run

dev: ## The same with islands, rebuilt and reloaded at every change
	@command -v cargo-leptos >/dev/null || { echo "missing: cargo-leptos. Run: cargo install --locked cargo-leptos --version 0.3.10" >&2; exit 1; }
	@.ci/wasm-target
	PATH="$$(.ci/wasm-tools --path)" cargo leptos watch

check: ## Check formatting, lints and the quick tests: no servers, no browser
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo test --locked --quiet --lib --bins --test http -- --test-threads $(TEST_THREADS) $(addprefix --skip ,$(NOT_IN_CHECK))

test: ## Run every check and test, after installing what they need
	@$(STAGE) --forget
	@$(STAGE) "tools" .ci/tools
	@$(STAGE) "browser target" .ci/wasm-target
	@$(STAGE) "browser tools" .ci/wasm-tools
	@$(STAGE) "dependencies" .ci/dependencies
	@$(STAGE) "formatting" cargo fmt --check
	@$(STAGE) "clippy" cargo clippy --locked --all-targets -- -D warnings
	@$(STAGE) "clippy for the browser" cargo clippy --locked --lib --target wasm32-unknown-unknown --no-default-features --features hydrate -- -D warnings
	@$(STAGE) "tests" cargo test --locked --lib --bins --test http -- --test-threads $(TEST_THREADS)
	@$(STAGE) "faults of stores, load" cargo test --locked --test soak --test store_faults
	@$(STAGE) "alerts" .ci/alerts
	@$(STAGE) "OpenAPI document" .ci/openapi
	@$(STAGE) --beside "islands, release build" ".ci/wasm && .ci/release" $(MAKE) --no-print-directory beside-release
	@$(STAGE) "release is clean" .ci/release-is-clean
	@$(STAGE) "container image" .ci/container check
	@$(STAGE) "deployment" .ci/deployment
	@$(STAGE) "cost of a request" .ci/bench --budgets
	@$(STAGE) "end to end" .ci/end2end
	@$(STAGE) --report

.PHONY: beside-release
# Stages of `make test` that leave a core idle half of the time, and that no deadline of milliseconds decides.
beside-release:
	@$(STAGE) "recipes" .ci/recipes
	@$(STAGE) "export of traces" .ci/otlp
	@$(STAGE) "other clients" .ci/clients
	@$(STAGE) "other providers" .ci/providers
	@$(STAGE) "another project" .ci/reuse
	@$(STAGE) "doc tests" cargo test --locked --doc
	@$(STAGE) "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@$(STAGE) "list of components" .ci/sbom

faults: ## Break the session stores in every way, at full length: kills, a rolling restart, a million sessions
	STORE_FAULTS_AT_LENGTH=1 cargo test --locked --release --features dev-issuer --test store_faults -- \
		--nocapture --test-threads=1
	cargo test --locked --release --features dev-issuer --test http -- stores::races --nocapture --test-threads=1

soak: ## Two processes on Redis, and behind nginx, under 200 browsers and rude clients: SOAK_SECONDS, or five minutes
	SOAK_SECONDS=$${SOAK_SECONDS:-300} cargo test --locked --release --features dev-issuer --test soak -- --nocapture --test-threads=1

fuzz: ## Search for input that breaks a parser of foreign input, a minute each; needs a C++ compiler
	.ci/fuzz

mutants: ## Change the code of FILES in every way, and list the changes that no test notices
	.ci/mutants $(FILES)

bench: release ## Measure requests, load and memory, beside an empty Leptos page and raw axum; needs wrk
	.ci/bench

clients: ## Let OpenID clients that others wrote sign in at the emulated tenant
	.ci/clients

end2end: release ## Run the browser tests alone
	cargo build --locked
	.ci/end2end

engines: release ## Run the browser tests in Firefox, and those of shown-again pages in Chromium, Firefox and WebKit
	cargo build --locked
	.ci/engines

.PHONY: pictures
pictures: ## Take the pictures of the README anew, light and dark, from the running app
	.ci/pictures

audit: ## Let Lighthouse audit every kind of page, in the release build if there is one
	cargo build --locked
	.ci/audit

release: ## Build target/release/kinde-leptos, with all files inside, and the list of its components beside it
	.ci/wasm
	.ci/release
	.ci/sbom

tools: ## Install the system's packages that the tests need
	.ci/tools
