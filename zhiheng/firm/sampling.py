"""Acceptance sampling in the enterprise corner: a plan with its risks, and lots one after the other.

What is kept is the enterprise's alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.measurements.add_lot import add_lot
from zhiheng.actions.measurements.begin_series import begin_series
from zhiheng.actions.measurements.delete_series import delete_series as deleting_series
from zhiheng.actions.measurements.drop_lot import drop_lot as dropping
from zhiheng.engines import acceptance, lot_series
from zhiheng.engines.acceptance import LotPlan, PlanTold
from zhiheng.engines.chart_words import INSPECTIONS, KINDS
from zhiheng.engines.lot_series import JudgedLot
from zhiheng.engines.refusals import choice_unknown
from zhiheng.firm.firm_page import firm_page
from zhiheng.firm.forms import LotForm, PlanForm, SeriesForm
from zhiheng.grammar.chapters.acceptance import (
    ACCEPTANCE,
    SAMPLING_PLANS,
    AcceptanceStandard,
    Inspection,
    PlanPage,
    SampleKind,
)
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import LotSeries, SampledLot
from zhiheng.pages import asking
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import InputForm
from zhiheng.pages.refused import of_what_was_typed
from zhiheng.pages.words import label, say
from zhiheng.queries import own_lots
from zhiheng.queries.own_file import subject_of

# Inspection of a lot is asked for one of these; that it is discontinued is no plan.
_ASKED = (Inspection.NORMAL, Inspection.TIGHTENED, Inspection.REDUCED)


# So many lots and points are listed in a table; the picture has them all.
LISTED = 200


def _standard() -> tuple[str, AcceptanceStandard] | None:
    """The edition of a sampling standard that is in force."""
    held = [(name, page) for name, page in book()[ACCEPTANCE].items() if page.holds(today())]
    return max(held, key=lambda one: one[1].in_force) if held else None


def _offer(form: InputForm, page: AcceptanceStandard) -> None:
    """The choices of a form that asks for a plan."""
    options: dict[str, list[tuple[str, str]]] = {
        "level": [(level, level) for level in page.levels],
        "aql": [(aql, _aql_word(page, aql)) for aql in page.aql],
        "kind": [(kind.value, label(word)) for kind, word in KINDS.items()],
        "severity": [(one.value, label(INSPECTIONS[one])) for one in _ASKED],
    }
    form.offer(**{name: choices for name, choices in options.items() if name in form.fields})


def _aql_word(page: AcceptanceStandard, aql: str) -> str:
    if lot_series.per_hundred(page, aql):
        return say("{aql}（每百单位不合格数）", "{aql} per 100 items", aql=aql)
    return aql


def _percent(share: float) -> str:
    """A probability in words of one digit, never a certainty that it is not."""
    percent = 100 * share
    if 0 < percent < 0.1:
        return say("不到 0.1%", "below 0.1%")
    if 99.9 < percent < 100:
        return say("超过 99.9%", "above 99.9%")
    return f"{percent:.1f}%"


def _quality(per_hundred: float, told: PlanTold) -> str:
    """A quality with its unit."""
    number = f"{per_hundred:.3g}"
    if told.model is acceptance.Model.POISSON:
        return say("每百单位 {n} 个不合格", "{n} nonconformities per 100 items", n=number)
    return f"{number}%"


@door("firm.measure")
def sampling(request: PageRequest) -> HttpResponse:
    """The plan for a lot, what it can tell and what it can not; the series that are kept."""
    series = own_lots.series_of(call=call_of(request))
    here = _standard()
    words: dict[str, Any] = {"series": series, "standard": here[1] if here else None}
    if here is None:
        return firm_page(request, "sampling", words)
    page = here[1]
    asked = "lot" in request.GET
    form = PlanForm.asked(request) if asked else PlanForm(initial=_beginning(page))
    _offer(form, page)
    found = _found(form, page) if asked and form.is_valid() else None
    words |= {
        "form": form,
        "errors": form.problems,
        "found": _plan_words(page, found) if found else None,
        "kinds": [(one, label(KINDS[SampleKind(one.kind)])) for one in series],
        "presets": [_preset(page, plan, request) for plan in book()[SAMPLING_PLANS].values()],
        "new_url": _new_url(form, found),
    }
    return firm_page(request, "sampling", words, form.status)


def _beginning(page: AcceptanceStandard) -> dict[str, str]:
    return {
        "level": page.usual_level,
        "aql": "1.0" if "1.0" in page.aql else page.aql[len(page.aql) // 2],
        "kind": SampleKind.SINGLE.value,
        "severity": Inspection.NORMAL.value,
    }


def _preset(page: AcceptanceStandard, plan: PlanPage, request: PageRequest) -> dict[str, Any]:
    """A plan of the book, with a link to the tables for each class of it."""
    lot = asking.text(request, "lot", 12)
    classes = []
    for one in plan.classes.values():
        asked = {"lot": lot or "1000", "level": plan.level, "aql": one.aql or "", "kind": plan.kind.value}
        asked["severity"] = Inspection.NORMAL.value
        classes.append(
            {
                "label": label(one.label),
                "aql": one.aql,
                "url": f"{reverse('firm:sampling')}?{urlencode(asked)}#plan" if one.aql else "",
            }
        )
    return {"label": label(plan.label), "says": label(plan.says), "level": plan.level, "classes": classes}


def _new_url(form: PlanForm, found: LotPlan | None) -> str:
    if found is None:
        return reverse("firm:new_series")
    said = {name: form.cleaned_data[name] for name in ("level", "aql", "kind")}
    return f"{reverse('firm:new_series')}?{urlencode(said)}"


def _found(form: PlanForm, page: AcceptanceStandard) -> LotPlan | None:
    """The plan that a form asks for; why there is none stands beside its field."""
    typed = form.cleaned_data
    with form.refusals():
        if typed["kind"] not in set(SampleKind) or typed["severity"] not in {one.value for one in _ASKED}:
            raise Refused(choice_unknown())
        return acceptance.find(
            page,
            lot=typed["lot"],
            level=typed["level"],
            aql=typed["aql"],
            kind=SampleKind(typed["kind"]),
            severity=Inspection(typed["severity"]),
        )
    return None


def _plan_words(page: AcceptanceStandard, found: LotPlan) -> dict[str, Any]:
    """A plan as the page tells it."""
    told = acceptance.told(found, per_hundred=lot_series.per_hundred(page, found.aql))
    asked = {
        "lot": found.lot,
        "aql": found.aql,
        "kind": found.kind.value,
        "severity": found.severity.value,
    }
    return {
        "plan": found,
        "kind": label(KINDS[found.kind]),
        "severity": label(INSPECTIONS[found.severity]),
        "stages": found.plan.stages,
        "moved": found.letter != found.plan_letter,
        "risks": _risk_words(found, told),
        "curve": [{"quality": _quality(quality, told), "chance": _percent(chance)} for quality, chance in told.curve],
        "asked": asked,
        "mean": f"{told.mean_at_aql:.1f}",
    }


def _risk_words(found: LotPlan, told: PlanTold) -> list[str]:
    """What the plan promises and what it does not, in whole sentences."""
    risk = told.risks
    aql = _quality(float(found.aql), told)
    return [
        say(
            "质量正好等于 AQL（{aql}）的批，有 {yes} 会被接收，{no} 会被误退（生产方风险）。",
            "A batch whose quality is the AQL ({aql}) is accepted with {yes}, refused with {no} (the producer's risk).",
            aql=aql,
            yes=_percent(risk.at_aql),
            no=_percent(risk.producer),
        ),
        say(
            "坏到 {bad} 的批，仍有一成会被接收（使用方风险）；坏到 {half} 的批，接收和不接收各半。",
            "A batch as bad as {bad} is still accepted one time in ten (the consumer's risk); at {half} it is even.",
            bad=_quality(100 * risk.accepted_10, told),
            half=_quality(100 * risk.accepted_50, told),
        ),
        say(
            "不接收的批逐件挑选、换成合格品的话，长期平均最坏放过 {worst}。",
            "Where batches that are not accepted are sorted and made good, at worst {worst} passes in the long run.",
            worst=_quality(told.outgoing, told),
        ),
        say(
            "接收一批，不等于这一批没有不合格品；样本里查出的不合格品都要剔除。",
            "That a batch is accepted does not say that it has none; those found in the sample are taken out.",
        ),
    ]


@door("firm.measure")
def plan_curve(request: PageRequest) -> JsonResponse:
    """The operating characteristic of a plan, for its picture."""
    here = _standard()
    form = PlanForm.asked(request)
    found = _found(form, here[1]) if here is not None and form.is_valid() else None
    if here is None or found is None:
        raise Http404("there is no such plan")
    told = acceptance.told(found, per_hundred=lot_series.per_hundred(here[1], found.aql))
    return JsonResponse(
        {
            "kind": "line",
            "unit": "%",
            "min": 0,
            "max": 100,
            "categories": [f"{quality:g}" for quality, _ in told.curve],
            "series": [
                {
                    "name": say("接收概率", "probability of acceptance"),
                    "data": [round(100 * chance, 3) for _, chance in told.curve],
                }
            ],
        }
    )


@door("firm.measure")
def new_series(request: PageRequest) -> HttpResponse:
    """Begin to note lot by lot."""
    here = _standard()
    if here is None:
        raise Http404("the book has no sampling standard")
    name, page = here
    begins = {
        **_beginning(page),
        **{key: said for key in ("level", "aql", "kind") if (said := asking.text(request, key, 20))},
    }
    begins.pop("severity")
    form = SeriesForm.of(request, **begins)
    _offer(form, page)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            if typed["kind"] not in set(SampleKind):
                raise Refused(choice_unknown())
            made = begin_series(
                subject_of(request.actor),
                name=typed["name"],
                standard=name,
                level=typed["level"],
                aql=typed["aql"],
                kind=SampleKind(typed["kind"]),
                may_reduce=bool(typed["may_reduce"]),
                call=call_of(request),
            )
            return redirect("firm:series", made.pk)
    return firm_page(request, "series_new", {"form": form, "errors": form.problems, "page": page}, form.status)


@door("firm.measure")
def series(request: PageRequest, number: int) -> HttpResponse:
    """The lots of a series with plan and verdict, how the next one is inspected and why, and the next one's form."""
    call = call_of(request)
    here = own_lots.own_series(number, call=call)
    form = LotForm.of(request, day=today())
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals({"lot": "size"}):
            judged = add_lot(
                number,
                name=typed["name"],
                day=typed["day"],
                size=typed["size"],
                found=typed["found"],
                found_second=typed["found_second"],
                resumed=bool(typed["resumed"]),
                call=call,
            )
            messages.success(request, _verdict(typed["name"], judged))
            return redirect("firm:series", number)
    lots = list(here.lots.order_by("number"))
    page = own_lots.standard_of(here, call.book)
    judged_all = own_lots.judged_lots(here, lots, call=call)
    state = lot_series.state_after(judged_all)
    rows = [_lot_row(lot, one) for lot, one in zip(lots, judged_all, strict=True)]
    words = {
        "one": here,
        "kind": label(KINDS[SampleKind(here.kind)]),
        "aql": _aql_word(page, here.aql),
        "standard": page,
        "form": form,
        "errors": form.problems,
        "rows": rows[::-1][:LISTED],
        "more": len(rows) - LISTED,
        "severity": label(INSPECTIONS[state.severity]),
        "state": state,
        "stopped": state.severity is Inspection.DISCONTINUED,
        "why": _why(page, here, state),
        "usual": _usual_plan(here, judged_all, lots, request),
    }
    return firm_page(request, "series", words, form.status)


def _verdict(name: str, judged: JudgedLot) -> str:
    told = (
        say("{name}：接收。", "{name}: accepted.", name=name)
        if judged.accepted
        else say("{name}：不接收。", "{name}: not accepted.", name=name)
    )
    if judged.switched:
        told += say(
            "从下一批起改为{severity}。",
            " From the next batch on: {severity} inspection.",
            severity=label(INSPECTIONS[judged.after.severity]),
        )
    return told


def _lot_row(lot: SampledLot, judged: JudgedLot) -> dict[str, Any]:
    return {
        "lot": lot,
        "severity": label(INSPECTIONS[judged.plan_severity]),
        "plan": _stages(judged.plan),
        "every_item": judged.plan.every_item,
        "accepted": judged.accepted,
        "score": judged.after.score if judged.after.severity is Inspection.NORMAL else None,
        "next": label(INSPECTIONS[judged.after.severity]) if judged.switched else "",
    }


def _stages(found: LotPlan) -> str:
    """A plan in a cell: 80 件，Ac 2 Re 3."""
    return "；".join(
        say("{n} 件 Ac {a} Re {r}", "{n} items Ac {a} Re {r}", n=stage.n, a=stage.accept, r=stage.reject)
        for stage in found.plan.stages
    )


def _why(page: AcceptanceStandard, here: LotSeries, state: acceptance.SwitchingState) -> str:
    """Why the next lot is inspected as it is."""
    rules = page.switching
    if state.severity is Inspection.TIGHTENED:
        return say(
            "加严检验：连续 {n} 批接收后恢复正常（现在连续 {now} 批）；累计 {stop} 批不接收就暂停（现在 {bad} 批）。",
            "Tightened: {n} batches accepted in a row: normal again (now {now}); after {stop} not accepted it "
            "stops (now {bad}).",
            n=rules.relax.accepted,
            now=state.in_a_row,
            stop=rules.stop.rejected,
            bad=state.rejected,
        )
    if state.severity is Inspection.REDUCED:
        return say(
            "放宽检验：有 1 批不接收，或者生产不稳定，就恢复正常检验。",
            "Reduced: one batch not accepted, or unsteady production, and it is normal again.",
        )
    if state.severity is Inspection.DISCONTINUED:
        return say(
            "加严检验下累计 {stop} 批不接收，暂停检验；供方采取改进措施后，从加严检验重新开始。",
            "{stop} batches were not accepted under tightened inspection: it stops. Once the supplier has acted "
            "it begins again, tightened.",
            stop=rules.stop.rejected,
        )
    told = say(
        "正常检验：连续 {of} 批以内有 {bad} 批不接收就转为加严（最近 {n} 批中 {now} 批不接收）。",
        "Normal: {bad} of {of} batches or fewer not accepted, and it is tightened (now {now} of the latest {n}).",
        of=rules.tighten.of,
        bad=rules.tighten.rejected,
        n=len(state.recent),
        now=state.recent.count(False),
    )
    if here.may_reduce:
        told += say(
            "转移得分 {score}，到 {most} 可以放宽。",
            " The switching score is {score}; at {most} it may be reduced.",
            score=state.score,
            most=rules.reduce.score,
        )
    return told


def _usual_plan(
    here: LotSeries, judged: Sequence[JudgedLot], lots: Sequence[SampledLot], request: PageRequest
) -> dict[str, Any] | None:
    """The plan for a next lot as large as the last one, so that it need not be looked up."""
    if not lots or lot_series.state_after(judged).severity is Inspection.DISCONTINUED:
        return None
    try:
        found = own_lots.next_plan(here, judged, lots[-1].size, call=call_of(request))
    except Refused as refused:
        return {"size": lots[-1].size, "refused": label(refused.refusals[0])}
    return {"size": lots[-1].size, "plan": _stages(found), "every_item": found.every_item}


@require_POST
@door("firm.measure")
def drop_lot(request: PageRequest, number: int, lot: int) -> HttpResponse:
    """Delete a lot that was noted wrongly."""
    _told(
        request, lambda: dropping(number, lot, call=call_of(request)), say("已删去这一批。", "The batch was deleted.")
    )
    return redirect("firm:series", number)


@require_POST
@door("firm.measure")
def delete_series(request: PageRequest, number: int) -> HttpResponse:
    """Delete a series for good."""
    deleting_series(number, call=call_of(request))
    messages.success(request, say("已删除，不再保留。", "Deleted; nothing of it is kept."))
    return redirect("firm:sampling")


def _told(request: PageRequest, act: Any, done: str) -> None:
    """Do something and say what came of it."""
    try:
        act()
    except Refused as refused:
        if not of_what_was_typed(refused):
            raise
        messages.error(request, label(refused.refusals[0]))
    else:
        messages.success(request, done)
