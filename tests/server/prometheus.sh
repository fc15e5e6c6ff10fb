#!/usr/bin/env bash
# The real Prometheus scrapes a server that runs: the target is up, the text is clean, and what was just asked for is counted.
# usage: tests/server/prometheus.sh URL     (called by tests/server.sh; wanted: prometheus and promtool, Debian's package has both)
set -euo pipefail
if [ $# -ne 1 ]; then sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; fi
url="$1"
work="$(mktemp -d)"
prometheus=""
trap 'if [ -n "$prometheus" ]; then kill "$prometheus" 2>/dev/null || true; wait "$prometheus" 2>/dev/null || true; fi; rm -rf "$work"' EXIT
curl --fail --silent "$url/metrics" >"$work/metrics.txt"
# 3 are remarks on names, such as those of the contract.
promtool check metrics <"$work/metrics.txt" >"$work/remarks.txt" 2>&1 || [ $? -eq 3 ] || { cat "$work/remarks.txt" >&2; exit 1; }
# All names of the contract.
for name in system_cpu_percent system_ram_used_mb system_disk_used_mb redis_up redis_keys_total training_status training_mse_last \
  training_duration_seconds prediction_latency_seconds prediction_total redis_cache_hit_total redis_cache_miss_total \
  http_requests_total http_request_duration_seconds; do
  grep --quiet "^# TYPE $name " "$work/metrics.txt" || { echo "the metrics have no $name" >&2; exit 1; }
done
cat >"$work/prometheus.yml" <<END
scrape_configs:
  - job_name: stockops
    scrape_interval: 1s
    static_configs: [{ targets: ["${url#http://}"] }]
END
promtool check config "$work/prometheus.yml" >/dev/null
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" --web.listen-address="127.0.0.1:$port" \
  --log.level=error 2>"$work/prometheus.log" &
prometheus=$!
asked() { curl --fail --silent --get --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" || true; }
for query in 'up{job="stockops"} == 1' 'http_requests_total{handler="/metrics",status="200"} > 0' 'prediction_total > 0'; do
  found=no
  for _ in $(seq 60); do
    if asked "$query" | grep --quiet '"metric"'; then found=yes; break; fi
    sleep 0.5
  done
  [ "$found" = yes ] || { echo "Prometheus has nothing for $query" >&2; cat "$work/prometheus.log" >&2; exit 1; }
done
echo "Prometheus scrapes it, and counts what was asked"
