# The project's commands. `make test` runs everything there is.

STAGE = .ci/stage

.PHONY: help run dev test faults clients end2end tools release clean-times

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the app with the emulated Kinde tenant
	cargo run

dev: ## The same with islands, built anew and reloaded at every change
	@command -v cargo-leptos >/dev/null || { echo "missing: cargo-leptos. Run: cargo install --locked cargo-leptos --version 0.3.10" >&2; exit 1; }
	@.ci/wasm-target
	PATH="$$(.ci/wasm-tools --path)" cargo leptos watch

test: clean-times ## Run every check and test; installs what is missing where it may
	@$(STAGE) "tools" .ci/tools
	@$(STAGE) "dependencies" .ci/dependencies
	@$(STAGE) "formatting" cargo fmt --check
	@$(STAGE) "clippy" cargo clippy --locked --all-targets -- -D warnings
	@$(STAGE) "browser target" .ci/wasm-target
	@$(STAGE) "browser tools" .ci/wasm-tools
	@$(STAGE) "clippy for the browser" cargo clippy --locked --lib --target wasm32-unknown-unknown --no-default-features --features hydrate -- -D warnings
	@$(STAGE) "auth alone" cargo check --locked --lib --no-default-features --features auth
	@$(STAGE) "tests" cargo test --locked --lib --bins --tests
	@$(STAGE) "other clients" .ci/clients
	@$(STAGE) "doc tests" cargo test --locked --doc
	@$(STAGE) "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
	@$(STAGE) "browser side" .ci/wasm
	@$(STAGE) "release build" cargo build --locked --release
	@$(STAGE) "release is clean" .ci/release-is-clean
	@$(STAGE) "end to end" .ci/end2end
	@$(STAGE) --report

faults: ## Break the session stores in every way, at full length: kills, a rolling restart, a million sessions
	STORE_FAULTS_AT_LENGTH=1 cargo test --locked --release --features dev-issuer --test store_faults -- \
		--nocapture --test-threads=1
	cargo test --locked --release --features dev-issuer --test http -- stores::races --nocapture --test-threads=1

clients: ## Let other people's OpenID clients sign in at the emulated tenant
	.ci/clients

end2end: release ## Run the browser tests alone
	cargo build --locked
	.ci/end2end

release: ## Build target/site/pkg and target/release/kinde-leptos
	.ci/wasm
	cargo build --locked --release

tools: ## Make sure that everything the tests need is there
	.ci/tools

clean-times:
	@rm -f target/stages.txt
