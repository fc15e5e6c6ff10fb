#!/usr/bin/env bash
# What is seen of the service: rules and alerts by promtool, dashboards by the rules of Grafana's linter, every query to a real
# Prometheus that scraped the service under load, and spans from request to model and graph as a collector gets them.
# usage: tests/observe.sh [BINARY]     (called by test.sh; the default is the command that it has built)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
command="$(realpath "${1:-${CARGO_TARGET_DIR:-$root/target}/release/stockops}")"
work="$(mktemp -d)"
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done; wait; rm -rf "$work"' EXIT
for pair in "prometheus prometheus" "promtool prometheus" "amtool prometheus-alertmanager" "redis-server redis-server" "curl curl"; do
  read -r tool package <<<"$pair"
  "$root/tests/apt.sh" "$tool" "$package"
done
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# Wait for a line or an answer; whoever does not come is shown.
until_true() {
  for _ in $(seq 300); do if eval "$1"; then return; fi; sleep 0.1; done
  echo "in vain: $1" >&2; cat "$work"/*.log >&2; exit 1
}

echo "rules and alerts"
promtool check config "$root/deploy/prometheus/prometheus.yml" >/dev/null
promtool test rules "$root"/deploy/prometheus/tests/*.yml >"$work/rules.txt" 2>&1 || { cat "$work/rules.txt" >&2; exit 1; }
routes="$root/deploy/prometheus/alertmanager.yml"
amtool check-config "$routes" >/dev/null
# Each severity that an alert has goes to those who hear of it.
for severity in $(sed -n 's/.*severity: \([a-z]*\).*}/\1/p' "$root/deploy/prometheus/rules/alerts.yml" | sort -u); do
  amtool config routes test --config.file="$routes" --verify.receivers="${severity}s" job=stockops "severity=$severity" >/dev/null 2>&1 ||
    { echo "alerts of severity $severity reach nobody of that name in $routes" >&2; exit 1; }
done
echo "names of metrics"
# The other packages have no test of this name; that none has it would be no failure: say it.
(cd "$root" && cargo test --release --lib -- --ignored metrics::) | tee "$work/test.log"
grep -q "^test result: ok. [1-9]" "$work/test.log"
echo "dashboards"
python3 "$root/tests/observe/dashboards.py" lint
python3 "$root/tests/observe/dashboards.py" rules >"$work/queries.yml"
promtool check rules "$work/queries.yml" >/dev/null

venv="$("$root/tests/venv.sh" "$root/tests/observe.txt")"
"$venv/bin/python" "$root/tests/observe/dashboards.py" typed
collector="$(free_port)" prometheus="$(free_port)" redis="$(free_port)"
"$venv/bin/python" "$root/tests/observe/load.py" collector "$collector" "$work/spans" &
children+=($!)
redis-server --port "$redis" --bind 127.0.0.1 --save '' --appendonly no --maxmemory 64mb >"$work/redis.log" &
children+=($!)

export STOCKOPS_API_KEY=key-of-the-tests STOCKOPS_ADMIN_KEY=admin-of-the-tests STOCKOPS_YAHOO_URL=http://127.0.0.1:9/
export OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$collector" OTEL_SERVICE_NAME=stockops-test
unset STOCKOPS_LLM_URL STOCKOPS_QDRANT_URL MLFLOW_TRACKING_URI
cd "$work"
STOCKOPS_REDIS_URL="redis://127.0.0.1:$redis" "$command" serve --port 0 --home "$work/home" --source builtin --no-limits --workers 1 \
  --watch AMZN --llm "http://127.0.0.1:$collector/v1" --llm-model silent 2>"$work/serve.log" &
server=$!
children+=("$server")
until_true 'grep --quiet "serving on" "$work/serve.log"'
url="$(sed -n 's/.*serving on \(http:[^,]*\),.*/\1/p' "$work/serve.log")"

# The rules as they are, and the service in the place of the composition's.
sed "s/15s/1s/; s/scrape_timeout: 10s/scrape_timeout: 1s/; s/evaluation_interval: 15s/evaluation_interval: 1s/; s|- rules/|- $root/deploy/prometheus/rules/|" \
  "$root/deploy/prometheus/prometheus.yml" | sed '/^scrape_configs:/,$d' >"$work/prometheus.yml"
cat >>"$work/prometheus.yml" <<END
scrape_configs:
  - job_name: stockops
    static_configs: [{ targets: ["${url#http://}"] }]
END
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --web.listen-address="127.0.0.1:$prometheus" \
  --log.level=error 2>"$work/prometheus.log" &
children+=($!)
until_true 'curl --fail --silent --output /dev/null "http://127.0.0.1:$prometheus/-/ready"'
# An increase is seen only by who looked before.
until_true 'curl --fail --silent "http://127.0.0.1:$prometheus/api/v1/query?query=up" | grep --quiet "\"1\""'

echo "the service under load"
python3 "$root/tests/observe/load.py" "$url" "$STOCKOPS_ADMIN_KEY" 6
echo "every query"
python3 "$root/tests/observe/dashboards.py" ask "http://127.0.0.1:$prometheus" stockops 5m

echo "spans"
kill -TERM "$server"
wait "$server" || true
python3 "$root/tests/observe/spans.py" "$work/spans" "$work/home/logs"
