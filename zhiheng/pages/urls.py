"""Addresses that belong to no door: the look of the pages, and the page that shows every part of them."""

from __future__ import annotations

from django.urls import path

from zhiheng.pages import begin, codes, design, messages, preferences

app_name = "pages"
urlpatterns = [
    path("favicon.ico", preferences.icon, name="icon"),
    path("begin/", begin.begin, name="begin"),
    path("account/code/", codes.code, name="code"),
    path("messages/", messages.messages, name="messages"),
    path("messages/read/", messages.read_all, name="messages_read_all"),
    path("messages/<number:number>/read/", messages.read, name="message_read"),
    path("messages/channels/", messages.channels, name="channels"),
    path("messages/channels/<slug:channel>/give/", messages.give, name="contact_give"),
    path("messages/channels/<slug:channel>/confirm/", messages.confirm, name="contact_confirm"),
    path("messages/channels/<slug:channel>/choose/", messages.choose, name="contact_choose"),
    path("messages/channels/<slug:channel>/remove/", messages.remove, name="contact_remove"),
    path("preferences/language/", preferences.language, name="language"),
    path("preferences/theme/", preferences.theme, name="theme"),
    path("desk/design/", design.design, name="design"),
    path("desk/design/sheet/", design.sheet, name="design_sheet"),
    path("desk/design/charts/<slug:kind>/", design.chart, name="design_chart"),
    path("desk/design/progress/", design.progress, name="design_progress"),
    path("desk/design/palette/", design.palette, name="design_palette"),
]
