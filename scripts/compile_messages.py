"""Compile every locale/*/LC_MESSAGES/*.po that is newer than its .mo. Needs Babel, not gettext's programs."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CHECKOUT = Path(__file__).resolve().parent.parent


def main() -> None:
    for source in sorted(CHECKOUT.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or source.stat().st_mtime > compiled.stat().st_mtime:
            compile_file(source, compiled)


def compile_file(source: Path, compiled: Path) -> None:
    """Replace ``compiled`` in one step: a running process may be reading it."""
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parents[1].name)
    draft = compiled.with_suffix(".mo.new")
    with draft.open("wb") as file:
        write_mo(file, catalog)
    draft.replace(compiled)


if __name__ == "__main__":
    main()
