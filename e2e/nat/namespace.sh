#!/bin/sh
# Runs a command on a street of two houses, in network namespaces that end here: whatever tries to leave cannot.
#
#   house1 192.168.1.2 ── gate1 ── 10.77.1.0/24 ──┐
#                                                  street: 10.77.0.1 and 10.77.0.2, where the command runs
#   house2 192.168.2.2 ── gate2 ── 10.77.2.0/24 ──┘
#
# Each gate is a hard NAT: what goes to one address of the street comes from other ports than what goes to the other. The
# street's firewall drops whatever UDP goes from one house to the other, and counts it. There is a way to everywhere else, into
# nothing: coturn ends who sends to where there is no way, such as the inner address of the other house.
set -eu
exec unshare ${TABOR_UNSHARE:-} -n -m sh -euc '
  mount -t tmpfs tmpfs /run
  ip link set lo up
  ip addr add 10.77.0.1/32 dev lo
  ip addr add 10.77.0.2/32 dev lo
  ip link add beyond type veth peer name nobody
  ip link set beyond up arp off
  ip route add default dev beyond
  echo 1 > /proc/sys/net/ipv4/ip_forward
  for n in 1 2; do
    ip netns add "gate$n"
    ip netns add "house$n"
    ip link add "to$n" type veth peer name out netns "gate$n"
    ip addr add "10.77.$n.1/24" dev "to$n"
    ip link set "to$n" up
    ip -n "gate$n" link add in type veth peer name eth0 netns "house$n"
    ip -n "gate$n" addr add "10.77.$n.2/24" dev out
    ip -n "gate$n" addr add "192.168.$n.1/24" dev in
    ip -n "house$n" addr add "192.168.$n.2/24" dev eth0
    for link in lo out in; do ip -n "gate$n" link set "$link" up; done
    for link in lo eth0; do ip -n "house$n" link set "$link" up; done
    ip -n "gate$n" route add default via "10.77.$n.1"
    ip -n "house$n" route add default via "192.168.$n.1"
    ip netns exec "gate$n" sh -c "echo 1 > /proc/sys/net/ipv4/ip_forward"
    ip netns exec "gate$n" nft "table ip nat { chain out { type nat hook postrouting priority srcnat;
      oifname out ip daddr 10.77.0.1 meta l4proto udp snat to 10.77.$n.2:20000-29999;
      oifname out ip daddr 10.77.0.2 meta l4proto udp snat to 10.77.$n.2:30000-39999;
      oifname out meta l4proto udp snat to 10.77.$n.2:40000-49999;
      oifname out masquerade; }; }"
  done
  nft "table ip street { counter apart { }; chain between { type filter hook forward priority filter;
    iifname to1 oifname to2 meta l4proto udp counter name apart drop;
    iifname to2 oifname to1 meta l4proto udp counter name apart drop; }; }"
  exec "$@"
' sh "$@"
