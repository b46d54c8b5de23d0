"""Where the attachments of objections lie: by the digest of their content."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from zhiheng.kernel.data_folder import inside


def attachment_path(digest: str) -> Path:
    """Where an attachment lies."""
    return inside(settings.DATA, "attachments") / digest[:2] / digest
