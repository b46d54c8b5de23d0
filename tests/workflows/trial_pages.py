"""The sixteen trial pages beside the project, brought to the grammar as it stands: read in place, changed in a scratch
copy.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

from ruamel.yaml import YAML

from zhiheng.kernel.law import Instrument, Law, Parameter

MODEL_TEXT = Instrument("model", "示范文本", "model text")
_ADDED = re.compile(r"\+\s+- \{from: (\d{4}-\d\d-\d\d), value: (\d+), unit: \"?([a-z%]+)\"?.*?article: (\S+?),")
_CHOICES = {"一级": "level 1", "二级": "level 2", "三级": "level 3"}


def with_model_texts(law: Law, diff: Path) -> Law:
    """The law with the numbers that only model texts of the trial pages have."""
    found: list[Parameter] = list(law)
    topic = name = ""
    for line in diff.read_text().splitlines():
        if line.startswith("+++"):
            topic = Path(line.split("\t")[0]).stem
        elif head := re.fullmatch(r"\+  ([a-z_]+):", line):
            name = head[1]
        elif (value := _ADDED.match(line)) and not (topic in law.topics() and name in law.names(topic)):
            since, number, unit, article = value.groups()
            found.append(
                Parameter(topic, name, name, name, int(number), unit, MODEL_TEXT, article, dt.date.fromisoformat(since))
            )
    return Law(found)


def copied(pages: Path, to: Path) -> Path:
    """The pages in a folder of their own, with what the grammar says otherwise than the trial did."""
    shutil.copytree(pages, to, copy_function=shutil.copyfile)
    for folder in to.glob("**"):
        folder.chmod(0o755)
    for path in to.glob("*/rule.py"):
        path.write_text(path.read_text().replace("entered.who", "entered.people"))
    yaml = YAML()
    yaml.width = 4_096
    for path in [*to.glob("*/workflow.yaml"), *to.glob("parts/*.yaml")]:
        page = yaml.load(path.read_text())
        # Where no text has a transition, one rule of the district holds for all workflows.
        if "transition" in page:
            page["transition"] = "district_rules.running_periods"
        for field in page.get("fields", {}).values():
            if "options" in field:
                spelt = field.pop("options")["choices"]
                field["choices"] = {
                    name: {"zh": words[0], "en": _CHOICES.get(words[0], name)} for name, words in spelt.items()
                }
            elif field["type"] in ("choice", "choices") and "choices_of" not in field:
                raise AssertionError(f"{path}: a choice without choices")
        known = {each.parent.name for each in to.glob("*/workflow.yaml")}
        unwritten = [name for name, child in page.get("children", {}).items() if child["workflow"] not in known]
        for name in unwritten:
            del page["children"][name]
        for act in page.get("acts", {}).values():
            for step in (act, *act.get("outcomes", {}).values()):
                if "row" not in step.get("records", {"row": {}}):
                    # Named without its row: nothing would be handed in.
                    del step["records"]
                if step.get("opens", {}).get("child") in unwritten:
                    del step["opens"]
        with path.open("w") as file:
            yaml.dump(page, file)
    return to
