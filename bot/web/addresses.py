"""Internet addresses: whom a request comes from, as far as limits are concerned."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network

# Whoever has IPv6 has 2**64 addresses of their own.
OWN_BITS = 64


def network_of(host: str) -> str:
    """The address of one customer: an IPv4 address, or the /64 of an IPv6 one. What is no address stays as it is."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, OWN_BITS), strict=False))


def is_in(host: str, networks: Sequence[Network]) -> bool:
    """Whether an address belongs to one of the networks."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
