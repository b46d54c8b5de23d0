"""The demo: files of five fictional places as their departments would hand them in.

This room only writes files. They are received by the same action as everybody else's, and what comes out of them is
computed by the book's indicators; no result is written anywhere here.
"""

from zhiheng.demo.deliveries import DemoManifest, DemoTable
from zhiheng.demo.writing import SEED, write

__all__ = ["SEED", "DemoManifest", "DemoTable", "write"]
