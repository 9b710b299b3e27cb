"""Verifies DKIM signatures with Debian's dkimpy, which shares no line with what made them.

Standard input: {"records": {name: text}, "messages": [base64, ...], "now": seconds since 1970}. Standard output: one list a message, one verdict a
signature: true, false, or why there is none.
"""

import base64
import json
import sys

import dkim

asked = json.load(sys.stdin)
# The tests' clock is moved by hand and may run ahead of the machine's; a signature from the future is refused.
dkim.time.time = lambda: asked["now"]


def record(name, timeout=5):
    return asked["records"].get(name.decode().rstrip("."), "").encode() or None


def verdict(message, index):
    try:
        return dkim.DKIM(message, minkey=2048).verify(idx=index, dnsfunc=record)
    except dkim.DKIMException as error:
        return f"{type(error).__name__}: {error}"


def verdicts(message):
    signatures = sum(name.lower() == b"dkim-signature" for name, _ in dkim.DKIM(message).headers)
    return [verdict(message, index) for index in range(signatures)]


json.dump([verdicts(base64.b64decode(text)) for text in asked["messages"]], sys.stdout)
