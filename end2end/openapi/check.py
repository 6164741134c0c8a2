"""Checks the OpenAPI document of the running site: Schemathesis compares it with the site's responses, Spectral judges
its form, and a client generated from it reads an item.

`.ci/openapi` installs what this needs and sets KINDE_LEPTOS_PROGRAM, the debug build.
"""

import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import requests

FOLDER = pathlib.Path(__file__).parent
NODE_PROGRAMS = FOLDER / "node_modules" / ".bin"
JSON = "Accept: application/json"
PAGES = "Accept: text/html"


class Site:
    """The site with the emulated tenant on free ports, and a session; use it in a `with` statement."""

    def __init__(self, folder):
        self.url = f"http://localhost:{free_port()}"
        settings = {
            "SITE_URL": self.url,
            "DEV_ISSUER_PORT": "0",
            "SESSION_STORE_URL": "sqlite:sessions.db",
            "AUTH_RATE_LIMIT": "off",
        }
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        program = os.environ["KINDE_LEPTOS_PROGRAM"]
        self.log = folder / "site.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [program], cwd=folder, env=inherited | settings, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def __enter__(self):
        try:
            self.cookie = self.sign_in(self.issuer())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    @property
    def document(self):
        return f"{self.url}/openapi.json"

    def issuer(self):
        """Waits until the site runs, and returns the tenant's address from the start message."""
        issuer = None
        for line in self.process.stdout:
            found = re.search(r"Console\s+(http://\S+)/ ", line)
            issuer = found[1] if found else issuer
            if issuer and "API docs" in line:
                return issuer
        sys.exit(f"the site did not start: {self.log.read_text()}")

    def sign_in(self, issuer):
        """Signs Ada in without the tenant's sign-in page, and returns the session cookie as a header has it."""
        requests.patch(f"{issuer}/dev/settings", json={"auto_sign_in": "ada"}, timeout=10).raise_for_status()
        browser = requests.Session()
        browser.get(f"{self.url}/api/auth/login", timeout=10).raise_for_status()
        return f"kinde_session={browser.cookies['kinde_session']}"

    def is_signed_in(self):
        headers = {"Cookie": self.cookie}
        return requests.get(f"{self.url}/api/greeting", headers=headers, timeout=10).status_code == 200


def free_port():
    """A port that is free on both loopback addresses, below those that systems give to programs that ask for any."""
    while True:
        port = random.randrange(10_000, 30_000)
        try:
            for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
                with socket.socket(family) as listener:
                    listener.bind((host, port))
            return port
        except OSError:
            continue


def runs(title, command, **options):
    """Runs a program and returns whether it succeeds."""
    print(f"\n-- {title}", flush=True)
    return subprocess.run(command, **options).returncode == 0


def schemathesis(site, work, title, *options):
    environment = os.environ | {"SCHEMATHESIS_HOOKS": str(FOLDER / "hooks.py")}
    command = [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", FOLDER / "schemathesis.toml"]
    return runs(title, [*command, "run", site.document, "--no-color", *options], cwd=work, env=environment)


def responses_are_described(site, work):
    signed_in = ("-H", f"Cookie: {site.cookie}")
    # Without a session the guard redirects every request for a page, and does not look whether it is valid.
    all_redirect = ("--exclude-checks", "negative_data_rejection")
    return [
        schemathesis(site, work, "Schemathesis, signed in, JSON", "-H", JSON, *signed_in),
        schemathesis(site, work, "Schemathesis, signed in, pages", "-H", PAGES, *signed_in),
        schemathesis(site, work, "Schemathesis, anonymous, JSON", "-H", JSON),
        schemathesis(site, work, "Schemathesis, anonymous, pages", "-H", PAGES, *all_redirect),
        site.is_signed_in() or print("the session ended during the runs"),
    ]


def form_is_right(site):
    command = [NODE_PROGRAMS / "spectral", "lint", site.document, "--ruleset", FOLDER / "spectral.yaml"]
    return runs("Spectral", [*command, "--fail-severity", "hint"])


def generated_client_reads_an_item(site, work):
    """Nothing that is generated stays: the client is compiled in the work folder."""
    for name in ("package.json", "tsconfig.json", "read_item.ts"):
        shutil.copy(FOLDER / name, work)
    (work / "node_modules").symlink_to(FOLDER / "node_modules")
    environment = os.environ | {"SITE_URL": site.url, "SESSION_COOKIE": site.cookie}
    generate = [NODE_PROGRAMS / "openapi-typescript", site.document, "--output", "document.ts"]
    return (
        runs("openapi-typescript", generate, cwd=work)
        and runs("TypeScript", [NODE_PROGRAMS / "tsc"], cwd=work)
        and runs("The generated client", ["node", "read_item.js"], cwd=work, env=environment)
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        with Site(work) as site:
            results = [*responses_are_described(site, work), form_is_right(site)]
            results.append(generated_client_reads_an_item(site, work))
    sys.exit(0 if all(results) else 1)


main()
