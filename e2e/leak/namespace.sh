#!/bin/sh
# Runs a command where there is no network but one that ends here: loopback, an interface with a default route into nothing,
# and a name server that the command itself runs. Whatever tries to leave is seen, and cannot.
set -eu
folder=$(mktemp -d)
export TABOR_LEAK_FOLDER="$folder"
exec unshare ${TABOR_UNSHARE:-} -n -m sh -euc '
  ip link set lo up
  ip link add out type veth peer name beyond
  ip link set beyond up
  for name in out beyond; do echo 1 > "/proc/sys/net/ipv6/conf/$name/disable_ipv6"; done
  ip addr add 10.99.0.1/32 dev out
  ip link set out up
  ip route add default dev out src 10.99.0.1
  ip route add local 10.99.0.0/16 dev lo
  ip -6 route add local fd99::/64 dev lo
  echo "nameserver 127.0.0.1" > "$TABOR_LEAK_FOLDER/resolv.conf"
  mount --bind "$TABOR_LEAK_FOLDER/resolv.conf" /etc/resolv.conf
  rm -r "$TABOR_LEAK_FOLDER"
  exec "$@"
' sh "$@"
