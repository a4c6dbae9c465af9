"""scripts/check_translations.py: what it finds, and what it leaves as it is."""

import importlib.util

import pytest
from babel.messages.catalog import Catalog

from crm.stack.home import CHECKOUT

spec = importlib.util.spec_from_file_location(
    "check_translations", CHECKOUT / "scripts" / "check_translations.py"
)
check_translations = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_translations)

TEMPLATE = """{% load i18n %}
  <p title="{% translate 'Name' %}">it's "{{ x|default:_('none yet') }}
    {% blocktranslate count n=items|length trimmed %}
      One item of {{ name }}
    {% plural %}
      {{ n }} items of {{ name }}
    {% endblocktranslate %}
"""
PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
a = _("Hello %(name)s") % {"name": "x"}
b = pgettext("month", "May")
"""


@pytest.fixture
def checkout(tmp_path):
    for path, text in {
        "crm/__init__.py": "",
        "crm/views.py": PYTHON,
        "crm/migrations/0001_initial.py": "_('not this')",
        "templates/list.html": TEMPLATE,
        "tests/__init__.py": "",
        "tests/test_x.py": "_('nor this')",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_texts_of_code_and_templates_are_found_with_their_place(checkout):
    found = {
        (text.id, text.context): text.locations for text in check_translations.texts_of(checkout) if text.id
    }
    assert found == {
        ("Hello %(name)s", None): [("crm/views.py", 3)],
        ("May", "month"): [("crm/views.py", 4)],
        ("Name", None): [("templates/list.html", 2)],
        ("none yet", None): [("templates/list.html", 2)],
        (("One item of %(name)s", "%(n)s items of %(name)s"), None): [("templates/list.html", 3)],
    }


@pytest.mark.parametrize(
    ("original", "translation", "flags", "fault"),
    [
        ("Hello %(name)s", "你好，%(name)s", (), None),
        ("Hello %(name)s", "", (), "empty"),
        ("Hello %(name)s", "你好", (), "other placeholders"),
        ("Hello {name}", "你好 {nom}", (), "other placeholders"),
        ("Hello", "你好", ("fuzzy",), "fuzzy"),
        ("100%% of %(n)s", "%(n)s 的 100%%", (), None),
        (("%(n)s item", "%(n)s items"), ("%(n)s 项",), (), None),
        (("%(n)s item", "%(n)s items"), ("",), (), "empty"),
    ],
)
def test_faults_of_a_translation(original, translation, flags, fault):
    texts, known = Catalog(), Catalog(locale="zh_Hans")
    texts.add(original, locations=[("a.py", 1)])
    known.add(original, translation, flags=flags)
    (text,) = (text for text in texts if text.id)
    assert check_translations.fault_of(text, known.get(text.id)) == fault


def test_a_text_without_translation_is_listed_with_its_place(checkout):
    texts = check_translations.texts_of(checkout)
    faults = list(check_translations.faults_in(texts, Catalog(locale="zh_Hans")))
    assert "missing: 'Hello %(name)s' (crm/views.py:3)" in faults
    assert len(faults) == 5


def test_an_update_keeps_translations_adds_new_texts_drops_old_ones_and_settles(checkout):
    texts, file = check_translations.texts_of(checkout), checkout / "locale" / "django.po"
    known = Catalog(locale="zh_Hans")
    known.add("Name", "名称")
    known.add("Gone", "没了")

    check_translations.write(file, check_translations.merged(texts, known))
    once = file.read_text()
    again = check_translations.read(file, "zh_Hans")
    check_translations.write(file, check_translations.merged(texts, again))

    assert file.read_text() == once
    assert again.get("Name").string == "名称"
    assert again.get("May", "month").string == ""
    assert again.get("Gone") is None


def test_english_words_what_stands_in_the_list_and_keeps_its_placeholders():
    english = check_translations.read(CHECKOUT / "locale/en/LC_MESSAGES/django.po", "en")
    listed = {
        text.id
        for text in check_translations.texts_of(CHECKOUT)
        if any(path == "crm/people/wording.py" for path, _line in text.locations)
    }
    reworded = {text.id: text for text in english if text.id}
    assert set(reworded) == listed
    assert {check_translations.fault_of(text, text) for text in reworded.values()} == {None}
