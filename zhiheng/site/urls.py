"""Routes of the whole house: each door has its own file of addresses."""

from django.urls import include, path

urlpatterns = [
    path("desk/", include("zhiheng.desk.urls")),
    path("firm/", include("zhiheng.firm.urls")),
    path("account/", include("allauth.urls")),
    path("", include("zhiheng.portal.urls")),
]
