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
