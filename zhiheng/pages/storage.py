"""Static files by a name that tells their content, compressed beforehand; and by their plain name where nothing was
collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Collected files never change under their name, so browsers keep them for ever.

    A developer and the tests see the files as they lie in the rooms, without collecting them first.
    """

    # Modules of a door import those of the design system; their addresses are rewritten as well. Those of libraries are
    # not
    # looked into: what stands in their comments is no address.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *(
            (f"{door}/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1])
            for door in ("desk", "firm", "portal")
        ),
    )
    manifest_strict = False

    @cached_property
    def collected(self) -> bool:
        """Whether ``collectstatic`` has been here."""
        return bool(self.hashed_files)

    def stored_name(self, name: str) -> str:
        """The name with the hash of the content, or the plain one."""
        return str(super().stored_name(name)) if self.collected else name

    def post_process(self, *args: Any, **words: Any) -> Iterator[Any]:
        """What was collected is found from now on, in this process too."""
        yield from super().post_process(*args, **words)
        self.__dict__.pop("collected", None)
