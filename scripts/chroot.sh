#!/usr/bin/env bash
# Runs a command in another release of Debian: a folder made with debootstrap, which holds a copy of this
# checkout in /srv/geofm. Mounts live in a namespace of their own and end with the command.
#
# usage: chroot.sh SUITE FOLDER COMMAND [ARGUMENT...]
#
# MIRROR          where packages come from; otherwise as the machine's own apt, or debootstrap, is configured.
# LENT            paths, one a line, that the command sees read-only where they lie here.
# Variables of pip, of certificates and proxies go along, and GEOFM_*, LENT_*.
set -eu
suite=$1 folder=$2
shift 2
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
inside=$folder/srv/geofm

if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Please run this as root, or install sudo." >&2; exit 1; }
  exec sudo -E env "PATH=$PATH" "$0" "$suite" "$folder" "$@"
fi
for program in debootstrap unshare; do
  command -v "$program" >/dev/null || { echo "Please install $program." >&2; exit 1; }
done

make_base() {
  local mirror=${MIRROR:-}
  if [ -z "$mirror" ]; then
    mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
      grep -v '/snapshot\.' | head -n 1 | tr -d ' ') || true
  fi
  # debootstrap does not go on where it was interrupted.
  rm -rf --one-file-system "$folder"
  mkdir -p "$folder"
  echo "Making Debian $suite in $folder (2 to 3 GB with QGIS) ..."
  # shellcheck disable=SC2086 # no mirror is no argument
  debootstrap --variant=minbase --include=python3,python3-venv,make,git,ca-certificates \
    "$suite" "$folder" $mirror >"$folder.log" 2>&1 || { tail -n 5 "$folder.log" >&2; exit 1; }
  # Services of packages shall not start in there.
  printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d" && chmod +x "$folder/usr/sbin/policy-rc.d"
  # A mirror's copy of an unstable release may be weeks old, which apt refuses to read after a few days.
  echo 'Acquire::Check-Valid-Until "false";' >"$folder/etc/apt/apt.conf.d/90-late-mirror"
  touch "$folder/srv/made"
}

bring_checkout() {
  mkdir -p "$inside"
  find "$inside" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
  git -C "$checkout" -c safe.directory="$checkout" ls-files -co --exclude-standard -z |
    tar -C "$checkout" --null --ignore-failed-read --no-recursion --files-from - -cf - 2>/dev/null |
    tar -C "$inside" --no-same-owner -xf -
}

bring_network() { # names, certificates and pip's settings as on this machine
  cp -L /etc/resolv.conf /etc/hosts "$folder/etc/"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    cp -L /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/"
  fi
  if [ -e /etc/pip.conf ]; then cp -L /etc/pip.conf "$folder/etc/"; fi
  local users=${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf
  rm -rf "$folder/srv/.config/pip" && mkdir -p "$folder/srv/.config/pip"
  if [ -e "$users" ]; then cp -L "$users" "$folder/srv/.config/pip/"; fi
}

[ -e "$folder/srv/made" ] || make_base
bring_checkout
bring_network
export folder
status=0
# shellcheck disable=SC2016 # the inner shell expands
unshare --mount --propagation private bash -eu -c '
  # A root that is a mount of its own, as the tests want it that mount something themselves.
  mount --bind "$folder" "$folder"
  for place in proc dev sys; do mount --rbind "/$place" "$folder/$place"; done
  while read -r path; do
    [ -n "$path" ] || continue
    if [ -d "$path" ]; then mkdir -p "$folder$path"; else mkdir -p "$folder$(dirname "$path")"; touch "$folder$path"; fi
    mount --bind "$path" "$folder$path"
    mount -o remount,ro,bind "$path" "$folder$path"
  done <<<"${LENT:-}"
  passed=$(compgen -e | grep -E "^(PIP_|GEOFM_|LENT_|OMP_|SSL_CERT|REQUESTS_CA|CURL_CA|https?_proxy|no_proxy|HTTPS?_PROXY)" |
    while read -r name; do printf "%s=%q " "$name" "${!name}"; done)
  eval "exec env -i HOME=/srv LANG=C.UTF-8 $passed \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot \"\$folder\" \"\$@\""
' inside env -C /srv/geofm "$@" || status=$?
rm -f "$folder"/var/cache/apt/archives/*.deb
exit "$status"
