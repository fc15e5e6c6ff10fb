#!/usr/bin/env bash
# What stands in deploy/ for the image, the composition and Kubernetes, checked and then run: real containers by podman and runc, the
# real Compose, the real Redis and Prometheus. Everything that it makes is below one folder and goes with it.
#
# Two things are not as they are elsewhere, since no registry of images can be asked here. The base images are put together from
# Debian's packages (tests/deploy/rootfs.sh), and of the Dockerfile the last stage is built, around the command as it is built already.
# usage: tests/deploy.sh [BINARY]     (as root; called by test.sh, which has built the command)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
binary="$(realpath "${1:-$target/release/stockops}")"
source "$root/tests/deploy/parts.sh"
skip() { echo "skipped: $*"; }
# podman takes a folder of the name of an image for what it is built from.
cd "$work"

environment
echo "files: hadolint, Compose, kustomize, kubernetes-validate (after $SECONDS s)"
validate
if ! containers_can_run; then
  skip "no containers: they want root, podman, runc and netavark, and apt cannot install them"
  exit 0
fi
echo "images (after $SECONDS s)"
images
echo "the image (after $SECONDS s)"
source "$root/tests/deploy/image.sh"
echo "the composition (after $SECONDS s)"
source "$root/tests/deploy/compose.sh"
echo "manifests (after $SECONDS s)"
source "$root/tests/deploy/kubernetes.sh"
echo "deploy: done after $SECONDS s"
