"""Addresses of this door."""

from __future__ import annotations

from django.urls import URLPattern, path

from zhiheng.portal import data, front, lists, public_log
from zhiheng.portal.counter import follow_up, submissions, verification

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("", front.home, name="home"),
    path("search/", front.search, name="search"),
    path("lists/", front.lists, name="lists"),
    path("lists/<slug:name>/", lists.one_list, name="list"),
    path("p/<slug:public_id>/", lists.entry, name="entry"),
    path("products/<number:number>/", lists.product, name="product"),
    path("e/<slug:public_id>/", lists.enterprise, name="enterprise"),
    path("e/<slug:public_id>/wall/", lists.wall, name="wall"),
    path("e/<slug:public_id>/qr.svg", lists.square, name="square"),
    path("q/", lists.shops, name="shops"),
    path("q/<str:code>/", lists.shop, name="shop"),
    path("statistics/", data.statistics, name="statistics"),
    path("open-data/", data.open_data, name="open_data"),
    path("open-data/<str:name>", data.open_file, name="open_file"),
    path("log/", public_log.public_log, name="log"),
    path("log/feed.atom", public_log.log_feed, name="log_feed"),
    path("log/square.svg", public_log.log_square, name="log_square"),
    path("log/<path:name>", public_log.log_file, name="log_file"),
    path("feeds/<slug:name>.atom", data.feed, name="feed"),
    path("law/", front.law, name="law"),
    path("complain/", submissions.complain, name="complain"),
    path("complain/new/", submissions.new, name="submission"),
    path("complain/receipt/", submissions.receipt, name="receipt"),
    path("complain/statistics/", submissions.complaint_statistics, name="complaint_statistics"),
    path("complain/follow/", follow_up.follow, name="follow"),
    path("complain/follow/say/", follow_up.say_something, name="follow_say"),
    path("complain/follow/leave/", follow_up.leave, name="follow_leave"),
    path("complain/follow/paper/<number:number>/", follow_up.paper, name="follow_paper"),
    path("about/", front.about, name="about"),
    path("robots.txt", front.robots, name="robots"),
    path("sitemap.xml", data.sitemap, name="sitemap"),
    path("sitemap-<number:part>.xml", data.sitemap_part, name="sitemap_part"),
    path(".well-known/security.txt", data.security, name="security"),
    path("verify/", verification.verify, name="verify"),
    path("verify/report/", verification.verify_report, name="verify_report"),
    path("verify/keys.json", verification.report_keys, name="report_keys"),
    path("verify/<str:number>/", verification.verify, name="verify_number"),
]
