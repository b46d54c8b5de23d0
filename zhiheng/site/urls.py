"""Routes. The doors (desk, firm, portal, API) come with their own chapter; until then nothing is served."""

urlpatterns: list[object] = []
