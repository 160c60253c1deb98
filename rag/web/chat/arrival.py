"""What a browser tells when a visitor arrives: the page's address, and a conversation it kept."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

# What the browser tells on arrival: the page's address, and the conversation it was in.
ARRIVAL = """() => {
  let kept = null;
  const path = location.pathname.length > 1 ? location.pathname : ".";
  const name = `tiaowen${path}conversation`;
  try { kept = sessionStorage.getItem(name); } catch { /* storage is off */ }
  return [null, JSON.stringify({ address: location.search, kept })];
}"""


def told_on_arrival(told: str) -> tuple[dict[str, str], str]:
    """The page's parameters by name, and the conversation kept, from what the browser tells."""
    try:
        read = json.loads(told or "{}")
    except (ValueError, RecursionError):
        read = {}
    if not isinstance(read, dict):
        read = {}
    address, earlier = (read.get(name) for name in ("address", "kept"))
    try:
        given = parse_qs(str(address or "").removeprefix("?"), max_num_fields=50)
    except ValueError:
        given = {}
    return {name: values[0] for name, values in given.items()}, str(earlier or "")
