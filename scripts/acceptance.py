"""Walk a year of real purchases through the whole product and compare with known figures.

A file of order lines comes in, customers are classified, scored and back-tested, plans make
follow-ups, reminders arrive in an SMTP sink, each once; a second run of everything changes nothing.
Starts servers of its own in a temporary home and ends them.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

CHECKOUT = Path(__file__).resolve().parent.parent
SUM_IN_PENNIES, SUM_TOLERANCE = 852_012_527, 2


class Sink:
    """Keeps the Message-ID of every mail it is given."""

    def __init__(self) -> None:
        self.message_ids: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        head = envelope.content.decode("utf-8", "replace").split("\r\n\r\n")[0]
        self.message_ids += [line for line in head.splitlines() if line.lower().startswith("message-id:")]
        return "250 OK"


class Run:
    """Commands against one home; each answers with the JSON object of its last line."""

    def __init__(self, home: str, email_url: str) -> None:
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
        } | {"TENURE_HOME": home, "EMAIL_URL": email_url}
        self.failures: list[str] = []

    def manage(self, *arguments: str) -> dict[str, Any]:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=CHECKOUT, env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        answer = json.loads(done.stdout.strip().splitlines()[-1])
        print(json.dumps({"command": arguments[0], **answer}), flush=True)
        return answer

    def stack(self, word: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "crm.stack", word], cwd=CHECKOUT, env=self.environment, check=True
        )

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        mark = "ok" if found == wanted else "WRONG"
        print(f"{mark}: {what}: {found}" + ("" if found == wanted else f", expected {wanted}"), flush=True)
        if found != wanted:
            self.failures.append(what)

    def sql(self, text: str) -> Any:
        """One row, read by a command that knows the database."""
        code = "from django.db import connections\nc = connections['owner'].cursor()\n"
        code += f"c.execute({text!r})\nprint(*c.fetchone())"
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()


def purchases(run: Run, lines: str) -> None:
    arguments = (
        "import_file",
        "--tenant",
        "wholesale",
        "--kind",
        "purchases",
        "--unknown",
        "create",
        lines,
        "--json",
    )
    first = run.manage(*arguments)
    run.expect("rows", first["rows"], 393_160)
    run.expect("rejected rows", first["rejected"], 0)
    counts = run.sql(
        "SELECT (SELECT count(*) FROM customers_purchase), (SELECT count(*) FROM customers_customer),"
        " (SELECT count(*) FROM customers_product), (SELECT count(*) FROM customers_purchaseline)"
    )
    run.expect("orders, customers, products, lines", counts, ["18437", "4266", "4009", "393160"])
    (total,) = run.sql("SELECT sum(amount) FROM customers_purchase")
    run.expect("sum within two pence", abs(int(total) - SUM_IN_PENNIES) <= SUM_TOLERANCE, True)
    before = run.sql("SELECT count(*), max(id::text) FROM crm_auditentry WHERE kind <> 'deed'")
    again = run.manage(*arguments)
    run.expect("second run: created and updated", (again["created"], again["updated"]), (0, 0))
    changed = (
        "SELECT count(*) FROM crm_auditentry WHERE kind <> 'deed' AND subject_type <> 'customers.import'"
    )
    run.expect(
        "second run: rows changed", run.sql(changed)[0], str(int(before[0]) - imports_recorded(run, before))
    )


def imports_recorded(run: Run, before: list[str]) -> int:
    """How many of the entries before the second run were about the import itself."""
    (count,) = run.sql(
        "SELECT count(*) FROM crm_auditentry WHERE kind <> 'deed' AND subject_type = 'customers.import'"
        f" AND id::text <= '{before[1]}'"
    )
    return int(count)


def lifecycle(run: Run, folder: Path, sink: Sink) -> None:
    classified = run.manage("classify", "--tenant", "wholesale", "--as-of", "2010-09-01", "--json")
    run.expect("classified", classified["customers"], 4_266)
    scores = folder / "scores.csv"
    scored = run.manage(
        "score_churn",
        "--tenant",
        "wholesale",
        "--as-of",
        "2010-09-01",
        "--horizon",
        "90",
        "--export",
        str(scores),
        "--json",
    )
    run.expect("ladder's level", scored["level"], 1)
    header, *rows = scores.read_text().splitlines()
    columns = "external_id,probability,level,reason_1,reason_2,reason_3,expected_purchases,expected_value"
    run.expect("score file's columns", header, columns)
    run.expect("scores", len(rows), scored["customers"])
    tested = run.manage(
        "backtest_churn", "--tenant", "wholesale", "--cut", "2010-09-01", "--horizon", "90", "--json"
    )
    run.expect("back-test", (tested["n"], tested["churned"], round(tested["auc"], 2)), (3_324, 1_389, 0.72))
    run.manage("work", "--tenant", "wholesale", "--json")
    (made,) = run.sql("SELECT count(*) FROM maintenance_plannedfollowup")
    run.expect("plans made follow-ups", int(made) > 1_000, True)
    due = run.sql("SELECT (max(due_at) + interval '2 days')::date::text FROM customers_followup")[0]
    run.manage("work", "--tenant", "wholesale", "--until", f"{due}T12:00:00+00:00", "--json")
    arrived = Counter(sink.message_ids)
    run.expect("reminders arrived", len(arrived) > 100, True)
    run.expect("reminders that came twice", sum(n - 1 for n in arrived.values()), 0)
    run.manage("work", "--tenant", "wholesale", "--until", f"{due}T12:00:00+00:00", "--json")
    run.expect("reminders after another run", sum(Counter(sink.message_ids).values()), sum(arrived.values()))
    run.expect("isolation", run.manage("check_isolation", "--json")["findings"], 0)
    run.expect("audit chain", run.manage("verify_audit", "--tenant", "wholesale", "--json")["findings"], [])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(data: Path) -> int:
    folder = Path(tempfile.mkdtemp(prefix="tenure-acceptance-"))
    sink = Sink()
    port = free_port()
    smtp = Controller(sink, hostname="127.0.0.1", port=port, ready_timeout=10)
    smtp.start()
    run = Run(str(folder / "home"), f"smtp://127.0.0.1:{port}")
    try:
        run.stack("servers")
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=CHECKOUT,
            env=run.environment,
            check=True,
        )
        run.manage(
            *(
                "create_tenant",
                "Wholesale",
                "--slug",
                "wholesale",
                "--timezone",
                "Europe/London",
                "--currency",
                "GBP",
            ),
            *("--admin", "owner@example.com", "--password", "a long enough password", "--json"),
        )
        lines = folder / "lines.csv"
        with gzip.open(data / "online_retail_lines_2009_2010.csv.gz") as packed, lines.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        purchases(run, str(lines))
        lifecycle(run, folder, sink)
    finally:
        run.stack("stop")
        smtp.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"acceptance: {len(run.failures)} wrong" if run.failures else "acceptance: all figures as expected")
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
