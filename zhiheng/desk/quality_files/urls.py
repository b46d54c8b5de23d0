"""Addresses of the desk: enterprises, their quality files, facts and extracts."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.desk.quality_files import enterprises, extracts, facts, quality_file

urlpatterns: list[URLPattern] = [
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/export/", enterprises.export, name="enterprises_export"),
    path("enterprises/searches/save/", enterprises.save, name="search_save"),
    path("enterprises/searches/<int:number>/forget/", enterprises.forget, name="search_forget"),
    path("enterprises/<int:subject>/", quality_file.file, name="file"),
    path("enterprises/<int:subject>/print/", quality_file.printed, name="file_print"),
    path("enterprises/<int:subject>/timeline/", quality_file.more, name="file_timeline"),
    path("enterprises/<int:subject>/conflicts/", quality_file.conflicts, name="file_conflicts"),
    path("enterprises/<int:subject>/extract/", extracts.extract, name="file_extract"),
    path("facts/<int:fact>/", facts.fact, name="fact"),
    path("facts/<int:fact>/secret/", facts.secret, name="fact_secret"),
    path("facts/<int:fact>/proof/", facts.proof, name="fact_proof"),
    path("facts/<int:fact>/proof/bundle/", facts.bundle, name="fact_bundle"),
    path("facts/<int:fact>/correct/", facts.correct, name="fact_correct"),
    path("facts/<int:fact>/withdraw/", facts.withdraw, name="fact_withdraw"),
]
