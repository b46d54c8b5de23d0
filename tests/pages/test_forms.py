"""A form is taken once, comes back after an ended session, and tells when somebody changed first what it showed."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from tests.pages import urls
from tests.pages.conftest import officer
from zhiheng.pages import (
    form_recovery,
    forms,
)
from zhiheng.people.second_factor import PROVED

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pages.urls"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def nothing_done() -> None:
    urls.DONE.clear()
    urls.FACT.update(name="望井精密", area="铁砧街道")


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of the first form of the page body (the language and theme switches come before)."""
    form = html[html.index('action="/form/send/"') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form[: form.index("</form>")]))


def opened(client: Client, address: str = "/form/") -> dict[str, str]:
    return hidden(client.get(address).content.decode())


def test_a_form_is_sent_and_done(signed_in: Client) -> None:
    answer = signed_in.post("/form/send/", opened(signed_in) | {"reason": "so"})
    assert (answer.status_code, answer["Location"]) == (302, "/form/done/")
    assert [done["reason"] for done in urls.DONE] == ["so"]


def test_a_second_click_gets_the_answer_of_the_first_and_nothing_is_done_twice(signed_in: Client) -> None:
    fields = opened(signed_in) | {"reason": "so"}
    first, second = signed_in.post("/form/send/", fields), signed_in.post("/form/send/", fields)
    assert first["Location"] == second["Location"] == "/form/done/"
    assert len(urls.DONE) == 1


def test_a_click_while_the_first_is_under_way_is_told_so(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "PATIENCE", 0.0)
    fields = opened(signed_in) | {"reason": "so"}
    said = forms.signing.loads(fields["form_token"], salt=forms.SALT)
    cache.add(f"form:{said['n']}", "under way", 60)
    answer = signed_in.post("/form/send/", fields)
    assert answer.status_code == 409
    assert "没有办两次" in answer.content.decode()
    assert urls.DONE == []


@pytest.mark.parametrize("reason", ["wrong", "refused"])
def test_a_form_that_was_not_accepted_can_be_sent_again(signed_in: Client, reason: str) -> None:
    fields = opened(signed_in)
    assert signed_in.post("/form/send/", fields | {"reason": reason}).status_code == 422
    assert signed_in.post("/form/send/", fields | {"reason": "right"}).status_code == 302
    assert len(urls.DONE) == 1


def test_a_forged_token_guards_nothing_and_breaks_nothing(signed_in: Client) -> None:
    fields = opened(signed_in) | {"reason": "so", "form_token": "forged"}
    assert signed_in.post("/form/send/", fields).status_code == 302


def test_who_edits_second_is_told_what_changed_and_loses_nothing(signed_in: Client) -> None:
    fields = opened(signed_in) | {"name": "我改的名称", "area": "铁砧街道", "reason": "<b>理由</b>"}
    urls.FACT["name"] = "别人改的名称"
    answer = signed_in.post("/form/send/", fields)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert urls.DONE == []
    for text in ("名称", "望井精密", "别人改的名称", "我改的名称", "&lt;b&gt;理由&lt;/b&gt;"):
        assert text in page
    assert "<b>理由" not in page
    again = hidden(page)
    assert again["name"] == "我改的名称"
    assert signed_in.post("/form/send/", again | {"reason": "理由"}).status_code == 302
    assert urls.DONE[0]["name"] == "我改的名称"


def test_a_form_without_its_edition_is_stale(signed_in: Client) -> None:
    fields = opened(signed_in) | {"reason": "so"}
    del fields["edition"]
    assert signed_in.post("/form/send/", fields).status_code == 409


TYPED = {
    "name": '改"><script>',
    "reason": "很长的理由\n第二行 </textarea>",
    "area": "望井街道",
    "sure": "yes",
    "quality": "service",
    "password": "not-to-be-kept",
}


def leave_and_send(client: Client, fields: dict[str, str]) -> str:
    """The session ends while the form is open; where sending it leads."""
    csrf = client.cookies["csrftoken"].value
    client.logout()
    client.cookies["csrftoken"] = csrf
    answer = client.post("/form/send/", fields)
    assert answer.status_code == 302
    return answer["Location"]


def with_second_factor(client: Client) -> None:
    """Who signed in by the form showed the second factor that the role asks for."""
    session = client.session
    session[PROVED] = True
    session.save()


def test_what_was_typed_comes_back_after_the_session_ended(signed_in: Client, account: object) -> None:
    to_login = leave_and_send(signed_in, opened(signed_in) | TYPED)
    assert to_login.startswith("/account/login/?next=/form/%3Fkept%3D")
    assert urls.DONE == []
    answer = signed_in.post(
        to_login,
        {
            "login": "tester",
            "password": "a-long-password-of-tests",
            "csrfmiddlewaretoken": signed_in.cookies["csrftoken"].value,
        },
    )
    assert answer["Location"].startswith("/form/?kept=")
    with_second_factor(signed_in)
    page = signed_in.get(answer["Location"]).content.decode()
    assert 'name="name" value="改&quot;&gt;&lt;script&gt;"' in page
    assert "很长的理由\n第二行 &lt;/textarea&gt;</textarea>" in page
    assert "<option selected>望井街道" in page
    assert '<option value="铁砧街道">' in page
    assert '<input type="checkbox" name="sure" value="yes" checked>' in page
    assert '<input type="radio" name="quality" value="service" checked>' in page
    assert '<input type="radio" name="quality" value="product">' in page
    assert "not-to-be-kept" not in page
    assert 'name="name" value="untouched"' in page
    assert "已经放回表格" in page
    sent = signed_in.post("/form/send/", hidden(page) | TYPED)
    assert sent.status_code == 302
    assert not signed_in.session.get(form_recovery.KEY)


def test_another_account_does_not_get_what_was_typed(signed_in: Client) -> None:
    to_login = leave_and_send(signed_in, opened(signed_in) | TYPED)
    officer("somebody")
    answer = signed_in.post(
        to_login,
        {
            "login": "somebody",
            "password": "a-long-password-of-tests",
            "csrfmiddlewaretoken": signed_in.cookies["csrftoken"].value,
        },
    )
    with_second_factor(signed_in)
    page = signed_in.get(answer["Location"]).content.decode()
    assert "很长的理由" not in page
    assert 'value="望井精密"' in page


def test_a_stranger_s_form_is_not_kept(client: Client) -> None:
    answer = client.post("/form/send/", {"reason": "anything", "form_token": "forged"})
    assert answer["Location"] == "/account/login/?next=/"
    assert form_recovery.KEY not in client.session


def test_an_old_form_of_the_same_person_comes_back_when_its_token_is_too_old(signed_in: Client) -> None:
    fields = opened(signed_in) | TYPED | {"csrfmiddlewaretoken": "x" * 64}
    answer = signed_in.post("/form/send/", fields)
    assert answer.status_code == 403
    back = re.search(r'href="(/form/\?kept=[^"]+)"', answer.content.decode())
    assert back
    assert "很长的理由" in signed_in.get(back.group(1)).content.decode()


def test_a_fragment_asked_for_without_a_session_leads_the_whole_page_to_the_log_in(client: Client) -> None:
    answer = client.get("/inside/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/form/?page=2"})
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/account/login/?next=/form/%3Fpage%3D2"


def test_only_five_forms_are_kept_for_one_browser(signed_in: Client) -> None:
    fields = [opened(signed_in) | {"reason": str(number)} for number in range(7)]
    csrf = signed_in.cookies["csrftoken"].value
    signed_in.logout()
    signed_in.cookies["csrftoken"] = csrf
    for one in fields:
        signed_in.post("/form/send/", one)
    assert sorted(one["values"]["reason"][0] for one in signed_in.session[form_recovery.KEY].values()) == [
        "2",
        "3",
        "4",
        "5",
        "6",
    ]


def test_refilling_leaves_the_rest_of_the_page_as_it_was() -> None:
    page = "<p>一\n二</p><form method=post action='/a/'><input name=x value='&amp;'>\n<textarea name='y'>old</textarea></form><p>end</p>"
    full = form_recovery.filled(page, page="/f/", action="/a/", values={"x": ["<&"], "y": ["new"]})
    assert full == (
        '<p>一\n二</p><form method="post" action="/a/" data-filled><input name="x" value="&lt;&amp;">\n'
        "<textarea name='y'>new</textarea></form><p>end</p>"
    )
    assert form_recovery.filled(page, page="/f/", action="/b/", values={"x": ["1"]}) == page


def test_a_form_shown_again_still_knows_the_page_it_stood_on(rf: object) -> None:
    from django.test import RequestFactory
    from django_htmx.middleware import HtmxDetails

    from zhiheng.kernel.actor import SYSTEM

    def asked(**words: object) -> object:
        request = (
            RequestFactory().get("/part/?x=1")
            if not words.get("post")
            else RequestFactory().post("/part/", words["post"])
        )
        request.META |= words.get("headers", {})
        request.actor, request.htmx = SYSTEM, HtmxDetails(request)
        return request

    fragment = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/whole/?page=2"}
    assert forms.page_of(asked()) == "/part/?x=1"
    assert forms.page_of(asked(headers=fragment)) == "/whole/?page=2"
    assert forms.page_of(asked(headers=fragment | {"HTTP_HX_TARGET": "sheet"})) == "/part/?x=1"
    token = re.search(r'value="([^"]+)"', forms.once(asked())).group(1)
    assert forms.page_of(asked(post={"form_token": token})) == "/part/?x=1"


def test_一栏里有几份文件的_每一份都说出名称() -> None:
    """No browser lets a page fill them in again, so whoever sends the form anew is told each of them."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory

    papers = [SimpleUploadedFile(name, b"1") for name in ("合同.pdf", "照片.jpg")]
    sent = RequestFactory().post("/part/", {"papers": papers, "letter": SimpleUploadedFile("委托书.pdf", b"2")})
    assert forms.file_names(sent) == ["合同.pdf", "照片.jpg", "委托书.pdf"]
