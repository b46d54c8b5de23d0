"""Routes of the whole house: each door has its own file of addresses."""

from django.urls import include, path

urlpatterns = [
    path("", include("zhiheng.pages.urls")),
    path("desk/", include("zhiheng.desk.urls")),
    path("firm/", include("zhiheng.firm.urls")),
    path("bank/", include("zhiheng.bank.urls")),
    path("api/", include("zhiheng.api.urls")),
    path("account/", include("allauth.urls")),
    path("", include("zhiheng.portal.urls")),
]

handler400 = "zhiheng.pages.errors.bad_request"
handler403 = "zhiheng.pages.errors.denied"
handler404 = "zhiheng.pages.errors.absent"
handler429 = "zhiheng.pages.errors.often"
handler500 = "zhiheng.pages.errors.broken"
