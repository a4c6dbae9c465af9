"""What is written down about the set-up is what is there."""

import json
import re

from crm.stack.home import CHECKOUT


def test_every_dependency_is_explained_and_no_other():
    lines = (CHECKOUT / "requirements.in").read_text().splitlines()
    wanted = {re.split(r"[\[<>=! ]", line)[0] for line in lines if line and not line.startswith("#")}
    package = json.loads((CHECKOUT / "package.json").read_text())
    wanted |= package["dependencies"].keys() | package["devDependencies"].keys()
    rows = re.findall(
        r"^\| (\S+) \|", (CHECKOUT / "docs" / "dependencies.md").read_text(), flags=re.MULTILINE
    )
    assert sorted(set(rows) - {"package"}) == sorted(wanted)


def test_every_setting_is_in_the_example():
    code = "".join(
        path.read_text() for path in [CHECKOUT / "crm/settings.py", *CHECKOUT.glob("crm/stack/*.py")]
    )
    read = set(re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']""", code)) - {"PATH"}
    example = set(re.findall(r"^#?([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), flags=re.MULTILINE))
    assert read - example == set()


def test_compose_asks_only_for_what_the_example_has():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (CHECKOUT / "docker-compose.yml").read_text()))
    example = set(re.findall(r"^#?([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), flags=re.MULTILINE))
    assert asked - example == set()


def test_compose_hands_every_setting_to_the_product():
    """What stands in .env holds in the containers too, except where they have their own place for it."""
    read = set(
        re.findall(r"""environ(?:\.get\(|\[)["']([A-Z_]+)["']""", (CHECKOUT / "crm/settings.py").read_text())
    )
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    handed = set(re.findall(r"^  ([A-Z_]+):", compose, flags=re.MULTILINE))
    # DEBUG never; inside, the web process always listens on 8000.
    assert read - handed == {"DEBUG", "TENURE_HOST", "TENURE_PORT"}


def test_the_example_shows_the_defaults():
    """What is commented out is what holds without it, where that is a number."""
    example = (CHECKOUT / ".env.example").read_text()
    shown = dict(re.findall(r"^#([A-Z_]+)=(\d+)$", example, flags=re.MULTILINE))
    settings = (CHECKOUT / "crm/settings.py").read_text()
    used = dict(re.findall(r"""environ\.get\("([A-Z_]+)", "(\d+)"\)""", settings))
    assert {name: shown.get(name) for name in used} == used
