"""Compare the texts in the code and the templates with locale/*/LC_MESSAGES/django.po.

Lists what is missing, empty, marked fuzzy or has other placeholders than the original, and fails.
With --update it writes the files instead: new texts are added empty, translations are kept, texts that
are gone are dropped. Needs Babel, not gettext's programs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

CHECKOUT = Path(__file__).resolve().parent.parent
LANGUAGES = ("zh_Hans", "zh_Hant")

_CONTEXT = (1, "c")
_CALLS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": (_CONTEXT, 2),
    "pgettext_lazy": (_CONTEXT, 2),
    "npgettext": (_CONTEXT, 2, 3),
    "npgettext_lazy": (_CONTEXT, 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]|%[sdrf]|\{\w*(?:[:!][^{}]*)?\}")


def main(arguments: list[str]) -> int:
    """Check or update all languages; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--update", action="store_true", help="write the .po files")
    update = parser.parse_args(arguments).update
    texts = texts_of(CHECKOUT)
    faults = []
    for language in LANGUAGES:
        file = CHECKOUT / "locale" / language / "LC_MESSAGES" / "django.po"
        known = read(file, language)
        if update:
            write(file, merged(texts, known))
        else:
            faults += [f"{file.relative_to(CHECKOUT)}: {fault}" for fault in faults_in(texts, known)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


def texts_of(checkout: Path) -> Catalog:
    """Every text that is marked for translation, with the files it stands in."""
    texts = Catalog()
    for path in sources(checkout):
        name = path.relative_to(checkout).as_posix()
        code = path.read_text()
        if path.suffix != ".py":
            code = as_python(code, name)
        for line, text, _, context in extract("python", BytesIO(code.encode()), keywords=_CALLS):
            texts.add(text, locations=[(name, line)], context=context)
    return texts


def sources(checkout: Path) -> Iterator[Path]:
    """The product's Python files and templates: no tests, no migrations."""
    packages = sorted(init.parent for init in checkout.glob("*/__init__.py") if init.parent.name != "tests")
    for package in packages:
        yield from (path for path in sorted(package.rglob("*.py")) if "migrations" not in path.parts)
    for directory in [checkout / "templates", *(package / "templates" for package in packages)]:
        yield from sorted(
            path for path in directory.rglob("*") if path.suffix in {".html", ".txt", ".svg", ".xml"}
        )


def as_python(template: str, name: str) -> str:
    """The template's texts as calls on their lines; indentation means nothing here."""
    return "\n".join(line.lstrip() for line in templatize(template, origin=name).split("\n"))


def faults_in(texts: Catalog, known: Catalog) -> Iterator[str]:
    """What is wrong with the translations of one language, by text."""
    for text in texts:
        if not text.id:
            continue
        fault = fault_of(text, known.get(text.id, text.context))
        if fault:
            yield f"{fault}: {shown(text)}"


def fault_of(text: Message, translation: Message | None) -> str | None:
    """Why this translation cannot be used."""
    if translation is None:
        return "missing"
    if translation.fuzzy:
        return "fuzzy"
    strings = translation.string if isinstance(translation.string, (tuple, list)) else (translation.string,)
    if not strings or not all(strings):
        return "empty"
    # Chinese has one form, which stands for the plural too.
    original = text.id[-1] if isinstance(text.id, (tuple, list)) else text.id
    if any(placeholders(string) != placeholders(original) for string in strings):
        return "other placeholders"
    return None


def placeholders(text: str) -> list[str]:
    """What is filled in later, in no particular order."""
    return sorted(_PLACEHOLDER.findall(text.replace("%%", "")))


def merged(texts: Catalog, known: Catalog) -> Catalog:
    """``texts`` with the translations that are known."""
    nobody = {"msgid_bugs_address": "", "last_translator": "", "language_team": ""}
    new = Catalog(locale=known.locale, project="Tenure", version="", fuzzy=False, **nobody)
    new.header_comment = f"# Tenure in {known.locale.english_name}." if known.locale else "# Tenure."
    new.creation_date = new.revision_date = known.creation_date
    for text in texts:
        if not text.id:
            continue
        old = known.get(text.id, text.context)
        kept = (
            {"string": _as_many(text, old), "flags": old.flags, "user_comments": old.user_comments}
            if old
            else {}
        )
        new.add(text.id, locations=text.locations, context=text.context, **kept)
    return new


def _as_many(text: Message, old: Message) -> Any:
    """A translation in as many forms as its text has now: one that lost its plural keeps the first."""
    forms = list(old.string) if isinstance(old.string, (tuple, list)) else [old.string]
    return forms if isinstance(text.id, (tuple, list)) else forms[0]


def read(file: Path, language: str) -> Catalog:
    """The translations of one language; none when there is no file yet."""
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def write(file: Path, catalog: Catalog) -> None:
    """Sorted, and without line numbers, so that a change shows as what it is."""
    file.parent.mkdir(parents=True, exist_ok=True)
    written = BytesIO()
    write_po(written, catalog, sort_output=True, include_lineno=False, width=100)
    file.write_bytes(written.getvalue())


def shown(text: Message) -> str:
    """A text and where it stands, on one line."""
    first = text.id[0] if isinstance(text.id, (tuple, list)) else text.id
    return f"{first!r} ({', '.join(f'{name}:{line}' for name, line in text.locations)})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
