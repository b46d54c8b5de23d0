"""Whose record is this? Certain (links by itself), likely (a person decides) or new.

``names`` reads what a delivered spelling says, ``index`` turns it into keys by which candidates are found, ``matcher``
decides and says why. Nothing here reads a table or a clock: the ledger hands in a look-up over its aliases.
"""

from zhiheng.engines.identity.index import Candidate, MemoryRegistry, Mention, Registry, keys_of
from zhiheng.engines.identity.matcher import Likely, Reason, Resolution, Verdict, compare, resolve

__all__ = [
    "Candidate",
    "Likely",
    "MemoryRegistry",
    "Mention",
    "Reason",
    "Registry",
    "Resolution",
    "Verdict",
    "compare",
    "keys_of",
    "resolve",
]
