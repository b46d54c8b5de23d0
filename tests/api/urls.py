"""Routes of the interface alone, so that its tests stand on their own."""

from django.urls import include, path

urlpatterns = [path("api/", include("zhiheng.api.urls"))]
