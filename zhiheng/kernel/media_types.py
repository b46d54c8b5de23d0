"""What a file is called in an answer, by its ending (RFC 6838): the machine's own table of these differs from place to
place.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MEDIA_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "csv": "text/csv; charset=utf-8",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "jpg": "image/jpeg",
        "json": "application/json",
        "parquet": "application/vnd.apache.parquet",
        "pdf": "application/pdf",
        "png": "image/png",
        "schema.json": "application/schema+json",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "zip": "application/zip",
    }
)
UNKNOWN: Final = "application/octet-stream"
# In which kinds a paper of the platform is handed out.
PAPERS: Final = ("pdf", "docx")
