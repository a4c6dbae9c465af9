"""Every piece of ``templates/ui`` renders with what its head comment asks for, and keeps its promises."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory, SimpleTestCase
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from crm.models import Tenant

NOW = datetime(2025, 11, 21, 6, 30, tzinfo=UTC)
TEMPLATES = Path(settings.BASE_DIR) / "templates"
WHY = [
    {"text": "Spent", "value": "¥84,200", "threshold": "¥50,000", "met": True},
    {"text": "Bought", "met": False},
]
ITEMS = [
    {"label": "Merge", "url": "/merge/", "icon": "git-merge", "sheet": True},
    {"label": "Export", "url": "/export/"},
    {
        "label": "Delete",
        "url": "/delete/",
        "post": True,
        "danger": True,
        "confirm": "It goes.",
        "confirm_action": "Go",
    },
]
LINE = {
    "kind": "line",
    "x": ["Jan", "Feb"],
    "x_label": "Month",
    "series": [{"name": "Key", "values": [0.9, None]}],
}
LISTING = {
    "key": "customers",
    "label": "Customers",
    "tabs": [{"label": "All", "url": "?", "current": True, "count": 12_480}],
    "search": {"value": "", "placeholder": "Name"},
    "filters": [{"label": "Class", "value": "Key", "remove_url": "?"}],
    "filter_menu": ITEMS,
    "columns": [{"key": "name", "label": "Name", "sort_url": "?sort=name", "sorted": "ascending"}],
    "rows": [SimpleNamespace(name="Acme")],
    "row_template": "ui/name.html",
    "count": 12_480,
    "count_text": "customers",
    "next_url": "?cursor=2",
    "bulk": [{"label": "Delete", "url": "/bulk/", "danger": True, "confirm": "They go."}],
    "empty": {"title": "No customers yet"},
}


class SampleForm(forms.Form):
    name = forms.CharField(help_text="As on the contract.")
    kind = forms.ChoiceField(choices=[("c", "Company")], widget=forms.RadioSelect, required=False)
    agrees = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


ENTRY = SimpleNamespace(id=1, icon="phone", title="Called", at=NOW, actor="Ada", text="One\nTwo", menu=ITEMS)
SAMPLES = {
    "_palette_results": {"groups": [{"label": "Customers", "items": [{"title": "Acme", "url": "/"}]}]},
    "avatar": {"name": "李"},
    "card": {"title": "Warnings", "body_template": "ui/avatar.html", "thing": None},
    "chart": {"id": "kept", "title": "Kept?", "answer": "Yes.", "spec": LINE},
    "class_badge": {"name": "Key", "rank": 1, "why_url": "why/class/"},
    "due": {"at": NOW},
    "empty": {"title": "Nothing", "text": "Yet.", "action_label": "Add", "action_url": "/"},
    "filter_chip": {"label": "Class", "value": "Key", "remove_url": "?", "target": "list"},
    "health": {"value": 61, "trend": -8, "wide": True},
    "job_progress": {
        "id": "1",
        "title": "Import",
        "done": 41,
        "total": 100,
        "url": "/jobs/1/",
        "undone": {"text": "Undone", "url": "/jobs/2/"},
    },
    "key_hint": {"keys": "g t"},
    "clashes": {
        "clashes": [{"label": "Name", "before": "A", "theirs": "B", "mine": "C"}],
        "action": "/plans/1/",
    },
    "crumbs": {"crumbs": ITEMS, "here": "Acme"},
    "list": {"listing": LISTING},
    "moment": {"at": NOW},
    "list_count": {"listing": {"key": "customers", "count": 1_234, "count_text": "customers"}},
    "money": {"minor": 852_012, "currency": "GBP"},
    "name": {"name": "Acme", "url": "/", "subtitle": "Hotels"},
    "page_header": {
        "title": "Acme",
        "lead": "One line.",
        "crumbs": ITEMS,
        "primary_label": "Call",
        "more": ITEMS,
    },
    "person_chip": {"name": "陈静", "url": "/"},
    "reason_list": {"reasons": WHY},
    "risk": {"chance": 0.81, "why_url": "/why/"},
    "sheet_form": {"title": "New", "form": SampleForm(), "action": "/new/"},
    "skeleton": {"lines": 3},
    "contract_state": {"status": "leaving", "text": "Notice given"},
    "stage_dot": {"stage": "dormant", "name": "Dormant"},
    "stat": {
        "label": "Kept",
        "value": "95%",
        "url": "/",
        "change": 1.2,
        "points": [1, 2, 3],
        "target": "90%",
    },
    "state": {"text": "Failed", "tone": "bad"},
    "tag": {"text": "VIP", "remove_url": "/"},
    "timeline": {"entries": [ENTRY], "more_url": "/older/"},
    "timeline_entry": {"entry": ENTRY},
    "toast": {"message": "Saved", "level": "success", "undo_url": "/undo/"},
    "trend": {"change": -4, "text": "4%"},
    "why": {"title": "Why Key", "reasons": WHY},
}
# Drawn by the pieces above, or by a tag of their own.
PARTS = {
    "chart_table", "field", "field_label", "field_notes", "form_fields", "list_body", "list_columns",
    "list_foot", "risk_face", "stat_face",
}  # fmt: skip


def draw(source, /, **values):
    request = RequestFactory().get("/customers/?q=acme&cursor=3")
    return engines["django"].from_string(source).render(values, request)


class Gallery(SimpleTestCase):
    def test_every_piece_has_a_sample(self):
        names = {path.stem for path in (TEMPLATES / "ui").glob("*.html")}
        self.assertEqual(names, SAMPLES.keys() | PARTS)

    def test_every_piece_renders_with_every_text_it_was_given(self):
        request = RequestFactory().get("/customers/")
        for name, values in SAMPLES.items():
            for language in ("en", "zh-hans"):
                with self.subTest(name, language=language), translation.override(language):
                    html = render_to_string(f"ui/{name}.html", values, request)
                    for text in (
                        values[key] for key in ("title", "label", "name", "message") if key in values
                    ):
                        self.assertIn(text, html)

    def test_the_way_down_ends_at_the_page_itself(self):
        html = render_to_string("ui/page_header.html", {"title": "Acme & Sons", "crumbs": ITEMS[:1]})
        way = html[html.index("<nav") : html.index("</nav>")]
        self.assertRegex(
            way, r'(?s)Merge</a><svg.*</svg>\s*<span class="crumb-here" aria-current="page">Acme &amp; Sons<'
        )

    def test_a_figure_without_a_past_has_no_foot(self):
        foot = "stat-foot"
        self.assertNotIn(foot, render_to_string("ui/stat.html", {"label": "Asked", "value": "7"}))
        self.assertIn(foot, render_to_string("ui/stat.html", {"label": "Asked", "value": "7", "change": 0}))

    def test_no_template_carries_inline_style_or_code(self):
        forbidden = re.compile(r'\sstyle="|\son(?!ly=)\w+="|hx-on|<style|<script>|javascript:', re.IGNORECASE)
        pages = [
            path for path in TEMPLATES.rglob("*.html") if path.parent.name != "mail"
        ]  # mail has no style sheets
        self.assertEqual([path.name for path in pages if forbidden.search(path.read_text())], [])


class Fields(SimpleTestCase):
    def setUp(self):
        self.html = draw("{% form_fields form %}", form=SampleForm({"kind": "x"}))

    def test_a_refused_field_is_tied_to_its_help_and_its_error(self):
        self.assertIn('aria-describedby="id_name_helptext id_name_error"', self.html)
        self.assertIn('aria-invalid="true"', self.html)
        self.assertInHTML('<p class="field-help" id="id_name_helptext">As on the contract.</p>', self.html)
        self.assertRegex(self.html, r'(?s)id="id_name_error">.*This field is required\.')

    def test_what_need_not_be_filled_in_says_so(self):
        self.assertEqual(self.html.count('class="field-optional"'), 1)

    def test_no_choice_is_one_dash(self):
        class Chosen(forms.Form):
            team = forms.ModelChoiceField(Tenant.objects.none(), required=False)
            size = forms.ChoiceField(choices=[("", "---------"), ("s", "Small")])

        html = draw("{% form_fields form %}", form=Chosen())
        self.assertEqual((html.count(">–</option>"), html.count("---")), (2, 0))

    def test_choices_in_groups_have_a_tick_for_each_group(self):
        class Grouped(forms.Form):
            told = forms.MultipleChoiceField(
                choices=[("deal.*", [("deal.won", "Won"), ("deal.lost", "Lost")]), ("all", "All")],
                widget=forms.CheckboxSelectMultiple,
            )

        html = draw("{% form_fields form %}", form=Grouped({"told": ["deal.lost"]}))
        self.assertEqual(html.count('data-tick-group="deal.*"'), 1)
        self.assertEqual(html.count('data-of-group="deal.*"'), 2)
        self.assertEqual((html.count('name="told"'), html.count("checked")), (3, 1))

    def test_hidden_fields_have_no_label(self):
        self.assertInHTML('<input type="hidden" name="secret" id="id_secret">', self.html)
        self.assertNotIn('for="id_secret"', self.html)

    def test_only_some_or_all_without_some(self):
        self.assertNotIn("agrees", draw('{% form_fields form only="name" %}', form=SampleForm()))
        self.assertNotIn("agrees", draw('{% form_fields form without="agrees" %}', form=SampleForm()))


class Rows(SimpleTestCase):
    def test_a_piece_escapes_text_also_after_the_same_text_was_safe(self):
        safe = draw('{% piece "state" text=text %}', text=SafeString("<b>Paid</b>"))
        plain = draw('{% piece "state" text=text %}', text="<b>Paid</b>")

        self.assertIn("<b>Paid</b>", safe)
        self.assertIn("&lt;b&gt;Paid&lt;/b&gt;", plain)

    def test_a_piece_is_drawn_in_each_language_anew(self):
        words = set()
        for language in ("en", "zh-hans"):
            with translation.override(language):
                words.add(draw('{% piece "risk" chance=0.81 level="high" %}'))
        self.assertTrue(all("81%" in word for word in words))

    def test_names_and_addresses_are_escaped(self):
        html = draw(
            "{% named name url=url %}{% row_select 1 name %}{% row_tool 'phone' name url %}",
            name="<i>",
            url='"',
        )
        self.assertNotIn("<i>", html)
        self.assertNotIn('="""', html)

    def test_an_address_breaks_after_its_sign_and_before_dots_and_is_escaped(self):
        text = engines["django"].from_string("{{ address|breakable }}")
        told = text.render({"address": "ada.b@post.example"})
        self.assertEqual(told, "ada<wbr>.b@<wbr>post<wbr>.example")
        self.assertEqual(text.render({"address": "<b>@x"}), "&lt;b&gt;@<wbr>x")

    def test_what_stands_in_the_way_of_saving_is_styled_on_every_page(self):
        head = (TEMPLATES / "ui/frame/head.html").read_text()
        (sheet,) = [name for name in re.findall(r"css/\w+\.css", head) if name == "css/overlays.css"]
        self.assertIn("\n.likes {", (Path(settings.BASE_DIR) / "static" / sheet).read_text())

    def test_what_is_late_says_so_by_sign_and_word(self):
        html = draw("{% due at %}", at=timezone.now() - timedelta(days=3, minutes=1))
        self.assertIn("data-late", html)
        self.assertIn("3 days late", html)
        self.assertNotIn("data-late", draw("{% due at done=True %}", at=timezone.now() - timedelta(days=3)))


class Tags(SimpleTestCase):
    def test_the_query_changes_only_in_what_is_named(self):
        self.assertEqual(draw("{% query_with cursor=None sort='name' %}"), "?q=acme&amp;sort=name")

    def test_entries_are_gathered_by_the_readers_day(self):
        late = SimpleNamespace(at=datetime(2025, 11, 20, 17, 0, tzinfo=UTC))
        text = "{% for day, of_day in entries|by_day %}{{ of_day|length }} {% endfor %}"
        with timezone.override("Asia/Shanghai"):
            self.assertEqual(draw(text, entries=[ENTRY, late]), "2 ")
        with timezone.override("UTC"):
            self.assertEqual(draw(text, entries=[ENTRY, late]), "1 1 ")

    def test_the_undo_of_a_message_rides_on_its_tags(self):
        message = Message(constants.SUCCESS, "Merged", extra_tags="undo:/merges/7/undo/ wide")
        self.assertEqual(draw("{{ message|undo_url }}", message=message), "/merges/7/undo/")

    def test_an_icon_is_silent_unless_it_says_something(self):
        self.assertIn('aria-hidden="true"', draw('{% icon "phone" %}'))
        self.assertIn('role="img" aria-label="Call"', draw('{% icon "phone" label="Call" %}'))

    def test_a_charts_table_holds_its_figures(self):
        html = draw("{% chart_table spec 'Kept?' %}", spec={**LINE, "unit": "percent"})
        self.assertInHTML('<tr><th scope="row">Jan</th><td class="num">90.0%</td></tr>', html)
        self.assertInHTML('<tr><th scope="row">Feb</th><td class="num">–</td></tr>', html)

    def test_a_small_line_spans_its_picture(self):
        self.assertEqual(
            draw('{{ points|polyline:"24x14" }}', points=[1, 3, 2]), "2.0,12.0 12.0,2.0 22.0,7.0"
        )
