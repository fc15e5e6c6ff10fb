# What podman can play of the manifests for replicas: Redis, a server that only answers and a worker that trains, on one home. Then the
# calls of the jobs, in the image, as Kubernetes makes them. Sourced by tests/deploy.sh.

podman tag "$STOCKOPS_IMAGE" registry.example/stockops:0.1.0
podman network create "$project" >/dev/null
playable() { python "$root/tests/deploy/playable.py" "$work/replicas.yaml" "$@"; }
# By the call of docs/deploy.md. podman 4.3 mounts values as they stand in the manifest, so it is given them decoded.
kubectl create secret generic stockops-secrets --from-file="$work/secrets" --dry-run=client --output json >"$work/secret.json"
python -c 'import base64, json, sys, yaml
secret = json.load(sys.stdin)
secret["data"] = {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
yaml.safe_dump(secret, sys.stdout)' <"$work/secret.json" | podman secret create stockops-secrets - >/dev/null
# play NAME: the pod is known to the others as NAME.
play() {
  playable "$@" >"$work/play.yaml"
  podman kube play --network "$project:alias=${1:-none}" "$work/play.yaml" >"$work/play.log" 2>&1 || { cat "$work/play.log" >&2; fail "podman does not play ${1:-the claims}"; }
}
# The address of a pod in the network of the test.
address() { podman pod inspect "$1-pod-0" --format '{{.InfraContainerID}}' | xargs podman inspect --format "{{(index .NetworkSettings.Networks \"$project\").IPAddress}}"; }

play
play redis
until_it 120 "Redis of the manifests" podman exec redis-pod-0-redis sh -c 'REDISCLI_AUTH="$(cat /run/secrets/redis/redis_password)" redis-cli ping | grep -q PONG'
# serves NAME: its pod is healthy, and is as the manifest says: by number, without rights, on a root that is read-only.
serves() {
  local how
  until_it 120 "$1 of the manifests" podman exec "$1-pod-0-stockops" stockops health
  how="$(podman inspect --format '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}}' "$1-pod-0-stockops")"
  [ "$how" = "10001:10001 true []" ] || fail "$1 runs as $how"
}
play stockops
serves stockops
# What the probes and the Ingress ask, by the address and by the name.
url="http://$(address stockops):8000"
for path in livez readyz; do curl --fail --silent "$url/$path" >/dev/null || fail "the probe /$path is not answered"; done
curl --fail --silent --header 'Host: stockops.example' "$url/livez" >/dev/null || fail "the name of the Ingress is not answered"
[ "$(curl --silent --output /dev/null --write-out '%{http_code}' --header 'Host: other.example' "$url/livez")" != 200 ] || fail "another name is answered"
# The server has no worker: what it takes waits for the other pod.
send ACME AMZN
asked "$url/train-child" --data '{"ticker": "ACME"}' >/dev/null
play stockops-worker
serves stockops-worker
trained ACME 400
podman pod rm --all --force --time 10 >/dev/null
podman network rm "$project" >/dev/null

# The jobs: each index of the Indexed Job is a shard, all shards are the list, and one that ran has nothing left to do.
if ! "$binary" batch --help >/dev/null 2>&1; then
  skip "this command has no batch: the jobs of the manifests are not run"
else
  printf 'source = "builtin"\n' >"$work/stockops.toml"
  printf '%s\n' AMZN GOOGL MSFT >"$work/tickers.txt"
  # The words of a job's container, a line each.
  words() { python -c 'import sys, yaml
documents = {d["metadata"]["name"]: d for d in yaml.safe_load_all(open(sys.argv[1]))}
spec = documents[sys.argv[2]]["spec"]
container = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]["containers"][0]
print("\n".join([*container.get("command", ["stockops"]), *container["args"]]))' "$work/replicas.yaml" "$1"; }
  run_job() {
    local index="$1"
    shift
    podman run --rm --read-only --cap-drop ALL --network none --user 10001:10001 --env JOB_COMPLETION_INDEX="$index" --volume "$project-jobs:/var/lib/stockops" \
      --volume "$work/stockops.toml:/etc/stockops/stockops.toml:ro" --volume "$work/tickers.txt:/etc/tickers/tickers.txt:ro" --entrypoint "$1" "$STOCKOPS_IMAGE" "${@:2}"
  }
  # Two shards are enough here.
  mapfile -t train < <(words stockops-train | sed 's|job/256|job/2|')
  for index in 0 1 1; do run_job "$index" "${train[@]}" >>"$work/train.log" 2>&1 || { cat "$work/train.log" >&2; fail "index $index of the job of trainings"; }; done
  mapfile -t monitor < <(words stockops-monitor)
  run_job 0 "${monitor[@]}" >"$work/monitor.log" 2>&1 || { cat "$work/monitor.log" >&2; fail "the job of the night"; }
  versions="$(run_job 0 stockops models list --json | grep -c '"version": 1')"
  [ "$versions" = 3 ] || fail "the shards trained $versions of 3 tickers"
fi
podman volume rm --all --force >/dev/null
