# The composition with the real Compose: secrets, a training, a forecast, down and up, kill -9. Sourced by tests/deploy.sh.

port="$(free_port)" prometheus_port="$(free_port)"
export STOCKOPS_PORT="$port" PROMETHEUS_PORT="$prometheus_port" STOCKOPS_MEMORY=1g STOCKOPS_CPUS=2
# No request leaves this machine: nothing listens there.
export STOCKOPS_YAHOO_URL=http://127.0.0.1:9/
export DOCKER_HOST="unix://$work/podman.sock" COMPOSE_PARALLEL_LIMIT=2
command podman system service --time=0 "$DOCKER_HOST" >"$work/service.log" 2>&1 &
service=$!
until_it 120 "podman's service" test -S "$work/podman.sock"
# Health checks are run by a manager of the system where there is one.
(while sleep 1; do for name in $(podman ps --quiet 2>/dev/null); do podman healthcheck run "$name" >/dev/null 2>&1 || true; done; done) &
watcher=$!
compose() { docker-compose --file "$root/deploy/compose.yml" --project-name "$project" --progress quiet "$@"; }
url="http://127.0.0.1:$port"
parts=(stockops redis)
if [ -f "$root/deploy/prometheus/prometheus.yml" ]; then
  parts+=(prometheus)
else
  skip "no deploy/prometheus"
fi
up() { compose up --detach --no-build --wait --wait-timeout 240 "${parts[@]}" || { compose ps --all >&2; compose logs --tail 20 >&2; fail "the composition does not come up"; }; }
# The process of a service.
process() { podman inspect --format '{{.State.Pid}}' "$project-$1-1"; }

# Without secrets nothing begins, and a sentence says what to do.
if STOCKOPS_SECRETS="" compose up --detach 2>"$work/told"; then fail "it starts without secrets"; fi
grep -q 'deploy/secrets.sh makes' "$work/told" || fail "a start without secrets says: $(cat "$work/told")"

up
# Nothing but the service is published to others.
for name in "${parts[@]}"; do
  podman port "$project-$name-1" | while read -r _ _ where; do
    case "$name $where" in stockops\ 0.0.0.0:* | *\ 127.0.0.1:*) ;; *) fail "$name is published at $where" ;; esac
  done
done
if podman exec "$project-redis-1" redis-cli ping 2>&1 | grep -q PONG; then fail "Redis answers without its password"; fi
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$url/models")" = 401 ] || fail "models are shown to who has no key"
for secret in "$work"/secrets/*; do
  if podman inspect "$project-stockops-1" "$project-redis-1" | grep -qF "$(cat "$secret")"; then fail "a container shows the secret $(basename "$secret")"; fi
  if tr '\0' ' ' <"/proc/$(process redis)/cmdline" | grep -qF "$(cat "$secret")"; then fail "a process shows the secret $(basename "$secret")"; fi
done

# Bars are sent, a child is trained, and it forecasts.
send() { asked "$url/bars/$1?name=bars.csv.gz" --header "Content-Type: application/octet-stream" --data-binary "@$root/stockops-core/data/$2.csv.gz" >/dev/null; }
state() { asked "$url/status/$1" | key status; }
# trained TICKER SECONDS
trained() {
  local now="" end=$((SECONDS + $2))
  until [ "$now" = completed ]; do
    now="$(state "$1" 2>/dev/null || true)"
    if [ "$now" = failed ]; then fail "the training of $1: $(asked "$url/status/$1")"; fi
    [ "$SECONDS" -lt "$end" ] || fail "the training of $1: not within $2 s"
    sleep 2
  done
}
forecast() { asked "$url/predict-child" --data "{\"ticker\": \"$1\"}" | key result >"$2"; }
send ACME AMZN
asked "$url/train-child" --data '{"ticker": "ACME"}' >/dev/null
trained ACME 400
forecast ACME "$work/before"
grep -q 'ACME@1' "$work/before" || fail "the forecast is not the child's"
if [ ${#parts[@]} = 3 ]; then
  is_scraped() { curl --fail --silent --get --data-urlencode 'query=up{job=~"stockops.*"} == 1' "http://127.0.0.1:$prometheus_port/api/v1/query" | grep -q '"metric"'; }
  until_it 120 "a scrape by Prometheus" is_scraped
  curl --fail --silent "http://127.0.0.1:$prometheus_port/api/v1/rules" | grep -q '"type":"alerting"' || fail "Prometheus has no alerts"
fi

# Down and up: nothing is lost, in Redis neither.
kept() { podman exec "$project-redis-1" sh -c 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli dbsize'; }
keys="$(kept)"
[ "$keys" -gt 0 ] || fail "Redis keeps nothing"
compose down
[ -z "$(podman ps --all --quiet)" ] || fail "down leaves containers"
up
[ "$(kept)" -ge 1 ] || fail "Redis has lost its keys"
forecast ACME "$work/after"
cmp -s "$work/before" "$work/after" || fail "the forecast is another after down and up"
[ "$(state ACME)" = completed ] || fail "the job is forgotten after down and up"

# kill -9 in the middle of a training: the container comes back by itself, and the training is done.
send GLOBEX GOOGL
asked "$url/train-child" --data '{"ticker": "GLOBEX"}' >/dev/null
[ "$(state GLOBEX)" = running ] || fail "there is no training to kill"
killed="$(process stockops)"
kill -KILL "$killed"
came_back() { local now; now="$(process stockops)"; [ "$now" != 0 ] && [ "$now" != "$killed" ] && curl --fail --silent "$url/readyz"; }
until_it 120 "the service to come back after kill -9" came_back
trained GLOBEX 400
versions="$(asked "$url/models/GLOBEX" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["versions"]))')"
[ "$versions" = 1 ] || fail "a training that was killed left $versions versions"
forecast ACME "$work/after"
cmp -s "$work/before" "$work/after" || fail "the forecast is another after kill -9"

# A service that is told to end gives its jobs back and goes within its time.
compose down --volumes
[ -z "$(podman volume ls --quiet)" ] || fail "down --volumes leaves volumes: $(podman volume ls --quiet | tr '\n' ' ')"
kill "$watcher" && wait "$watcher" 2>/dev/null || true
watcher=""
