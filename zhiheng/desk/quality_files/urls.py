"""Addresses of the desk: enterprises, their quality files, facts and extracts."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.quality_files import enterprises, extracts, facts, quality_file

urlpatterns: list[URLPattern] = [
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/export/", enterprises.export, name="enterprises_export"),
    path("enterprises/searches/save/", enterprises.save, name="search_save"),
    path("enterprises/searches/<number:number>/forget/", enterprises.forget, name="search_forget"),
    path("enterprises/<number:subject>/", quality_file.file, name="file"),
    path("enterprises/<number:subject>/print/", quality_file.printed, name="file_print"),
    path("enterprises/<number:subject>/timeline/", quality_file.more, name="file_timeline"),
    path("enterprises/<number:subject>/conflicts/", quality_file.conflicts, name="file_conflicts"),
    path("enterprises/<number:subject>/extract/", extracts.extract, name="file_extract"),
    path("facts/<number:fact>/", facts.fact, name="fact"),
    path("facts/<number:fact>/secret/", facts.secret, name="fact_secret"),
    path("facts/<number:fact>/proof/", facts.proof, name="fact_proof"),
    path("facts/<number:fact>/proof/bundle/", facts.bundle, name="fact_bundle"),
    path("facts/<number:fact>/correct/", facts.correct, name="fact_correct"),
    path("facts/<number:fact>/withdraw/", facts.withdraw, name="fact_withdraw"),
]
