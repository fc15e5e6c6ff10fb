# The image by itself. Sourced by tests/deploy.sh.

inspect() { podman image inspect --format "$1" "$STOCKOPS_IMAGE"; }
[ "$(inspect '{{.User}} {{.Config.StopSignal}}')" = "10001:10001 SIGTERM" ] || fail "the image's user or signal: $(inspect '{{.User}} {{.Config.StopSignal}}')"
[ "$(inspect '{{.HealthCheck.Test}}')" = "[CMD stockops health]" ] || fail "the image's health check: $(inspect '{{.HealthCheck.Test}}')"
[ "$(inspect '{{index .Labels "org.opencontainers.image.revision"}}')" = 0123456789ab ] || fail "the image's label of the commit"
# Read-only to its last folder, without a single right, as nobody that this machine knows.
locked=(--rm --read-only --read-only-tmpfs=false --cap-drop ALL --security-opt no-new-privileges --network none)
podman run "${locked[@]}" "$STOCKOPS_IMAGE" --version -v >"$work/version"
grep -q '^commit: [0-9a-f]\{12\}$' "$work/version" || fail "--version -v tells no commit: $(cat "$work/version")"
[ "$(podman run "${locked[@]}" --entrypoint id "$STOCKOPS_IMAGE" -u)" = 10001 ] || fail "the image runs as another"
podman run "${locked[@]}" --entrypoint sh "$STOCKOPS_IMAGE" -ec 'cd /usr/share/doc/stockops; test -s LICENSE-MIT; test -s LICENSE-APACHE; test -s DATA.md; grep -q "^burn " CRATES.txt
  test -s /etc/ssl/certs/ca-certificates.crt'
# Without keys it serves nobody beyond itself, and says why.
if podman run "${locked[@]}" "$STOCKOPS_IMAGE" 2>"$work/refused"; then fail "it serves others without keys"; fi
grep -q 'STOCKOPS_API_KEY' "$work/refused" || fail "a start without keys says: $(cat "$work/refused")"

# It forecasts from an empty home, serves, is healthy, and ends soon when it is told to.
podman run "${locked[@]}" "$STOCKOPS_IMAGE" forecast AMZN --source builtin --json >"$work/forecast.json"
[ "$(key model_version <"$work/forecast.json")" ] || fail "no forecast from an empty home"
podman run --detach --name alone "${locked[@]}" --volume "$work/secrets/api_key:/run/secrets/api_key:ro" --env STOCKOPS_API_KEY_FILE=/run/secrets/api_key \
  "$STOCKOPS_IMAGE" >/dev/null
until_it 120 "the image alone to be healthy" podman healthcheck run alone
begun="$SECONDS"
podman stop --time 30 alone >/dev/null
[ $((SECONDS - begun)) -lt 25 ] || fail "SIGTERM was not heard"
echo "the image adds $(($(stat -c %s "$work/build/out/usr/local/bin/stockops") / 1000000)) MB of binary and $(du -sm "$work/build/out/usr/share" | cut -f1) MB of licences to its base"
