#!/usr/bin/env bash
# A root file system out of Debian's own packages, as this machine's apt gets them: unpacked and not configured, without documents and
# translations. It stands in for images that no registry can be asked for here. A folder that is there gets the packages added.
# usage: tests/deploy/rootfs.sh DIR PACKAGE...     (as root; what a package needs has to be named too)
set -euo pipefail
if [ $# -lt 2 ]; then sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; fi
dir="$1"
shift
debs="$(mktemp -d)"
trap 'rm -rf "$debs"' EXIT
# apt's lists may be missing on a new machine.
(cd "$debs" && { apt-get download -qq -o APT::Sandbox::User=root "$@" 2>/dev/null || { apt-get update -qq && apt-get download -qq -o APT::Sandbox::User=root "$@"; }; })
# /bin, /lib and /sbin are links into /usr, as Debian has them; its tool makes them before it unpacks too.
if [ ! -d "$dir" ]; then
  mkdir -p "$dir"/usr/{bin,lib,lib64,sbin} "$dir"/{etc,tmp,run,proc,sys,dev}
  for name in bin lib lib64 sbin; do ln -s "usr/$name" "$dir/$name"; done
  chmod 1777 "$dir/tmp"
  echo "root:x:0:0:root:/root:/bin/sh" >"$dir/etc/passwd"
  echo "root:x:0:" >"$dir/etc/group"
fi
for deb in "$debs"/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -C "$dir" -x --keep-directory-symlink --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
    --exclude='./usr/share/locale/*' --exclude='./usr/share/javascript/*' --exclude='./usr/bin/promtool'
done
