"""Write every file of the demo into a folder: ``folder/<place>/<unit>/<file>``."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from random import Random

from zhiheng.demo.clerks import DemoForm
from zhiheng.demo.deliveries import DemoManifest, write_delivery
from zhiheng.demo.districts import DemoDistrict, Topic
from zhiheng.demo.drugs import Region
from zhiheng.demo.economy import DemoPlace, found_place
from zhiheng.demo.names import trade_names
from zhiheng.demo.scenes import Scene
from zhiheng.demo.settings import DISTRICTS, REGION_CODE, REGION_OTHERS, REGION_PREFIX, REGION_TRADES
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.progress import Progress

SEED = 20261122


def write(
    book: Book, folder: Path, *, seed: int = SEED, scale: float = 1.0, progress: Progress | None = None
) -> DemoManifest:
    """Write the demo's files and tell what is in them. The same seed and scale give the same bytes.

    ``scale``: 1 for the whole demo (some 300,000 rows); smaller numbers thin out the rows that there are many of
    (samples,
    inspections, complaints), never the firms, and keep every share exact. ``progress`` is told the file just written,
    how
    many topics are done, and how many there are. What an earlier run left in the five places' folders is removed.
    """
    scenes = scenes_of(book, seed, scale)
    topics: list[Topic] = []
    for scene, setting in zip(scenes, DISTRICTS, strict=False):
        topics += DemoDistrict(scene, setting).topics()
    topics += Region(scenes[-1]).topics()

    @cache
    def form(record: str, source: str) -> DemoForm:
        entry = book[RECORDS][record]
        return DemoForm(record, entry.record, source, entry.sources[source])

    manifest = DemoManifest(folder, enterprises=sum(len(scene.place.firms) for scene in scenes))
    for scene in scenes:
        shutil.rmtree(folder / scene.place.prefix, ignore_errors=True)
    for done, (name, deliveries) in enumerate(topics):
        for delivery in deliveries():
            manifest.tables += write_delivery(delivery, form, folder)
            if progress is not None:
                progress(f"{name}：{delivery.file_name}", done, len(topics))
    if progress is not None:
        progress("", len(topics), len(topics))
    return manifest


def scenes_of(book: Book, seed: int, scale: float) -> list[Scene]:
    """The five places with their firms; trade names and running numbers are shared out so that none is given twice."""
    names = trade_names(Random(f"{seed}/names"))
    scenes: list[Scene] = []
    number = 1
    for setting in DISTRICTS:
        place = found_place(
            book[DISTRICT],
            setting.code,
            setting.prefix,
            trades=setting.trades,
            without_file=setting.without_file,
            licensed=setting.licensed,
            pending=setting.pending,
            names=names,
            first_number=number,
            rng=Random(f"{seed}/{setting.code}"),
        )
        number += len(place.firms)
        scenes.append(_scene(book, place, seed, scale))
    region = found_place(
        book[DISTRICT],
        REGION_CODE,
        REGION_PREFIX,
        trades=REGION_TRADES,
        without_file=REGION_OTHERS,
        licensed=None,
        names=names,
        first_number=number,
        rng=Random(f"{seed}/{REGION_CODE}"),
    )
    return [*scenes, _scene(book, region, seed, scale)]


def _scene(book: Book, place: DemoPlace, seed: int, scale: float) -> Scene:
    below = set(book[DISTRICT].below(place.code))
    return Scene(place, seed, scale, tuple(unit for unit in book[DISTRICT].units if unit.area in below))
