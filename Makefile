# The commands a newcomer needs. Each sets up what it lacks; see scripts/.

.PHONY: run demo test bench lint

# Builds Simpul and starts it on an embedded database in ./data, port 3001.
run:
	@scripts/tools.sh build
	@scripts/with-cargo.sh cargo run --release --locked --bin simpul -- serve

# Starts Simpul with sample data beside simulated providers: every feature alive, no account needed.
demo:
	@scripts/tools.sh build
	@scripts/with-cargo.sh cargo run --release --locked --bin simpul -- demo

# Runs every test, on SQLite and PostgreSQL, against a real SMTP server; sets up what it needs.
test:
	@scripts/test.sh

# Measures Simpul and this machine's own limits on SQLite and PostgreSQL; see bench/README.md. Options: make bench ARGS="--only 1,4".
bench:
	@scripts/bench.sh $(ARGS)

# Formatting, clippy, unused dependencies; the dashboard's types, and its client against the API's document.
lint:
	@scripts/tools.sh build lint
	@scripts/with-cargo.sh cargo fmt --all --check
	@scripts/with-cargo.sh cargo clippy --workspace --all-targets --locked -- -D warnings
	@scripts/with-cargo.sh cargo machete
	@scripts/with-cargo.sh scripts/web.sh
