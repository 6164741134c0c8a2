"""Measures what a request costs: the release build of the app beside two references of the project's own, in one run.

`raw_axum` is the least that an axum program does; `leptos_page` is the empty page that a newcomer to Leptos writes.
Instructions are counted by callgrind, in user space, for one request over a connection that stays open, when everything
is warm: they are the same on every run. Requests per second are ratios of programs that run in turn on this machine.

`make bench` builds the programs and sets APP, TENANT, RAW_AXUM and LEPTOS_PAGE.
"""

import http.client
import os
import pathlib
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

WARM_UP = 100
COUNTED = 200
ROUNDS = 5
CONNECTIONS = 32

# What a request is to cost at most, as a part of its reference.
GOALS = {
    "greeting page": ("empty Leptos page", 0.65),
    "item page": ("empty Leptos page", 0.70),
    "GET /api/greeting": ("raw axum JSON", 3.0),
    "GET / as JSON": ("raw axum JSON", 3.0),
    "redirect to sign-in": ("raw axum page", 2.5),
    "/healthz": ("raw axum page", 1.6),
}


class Program:
    """A server in a process of its own, under callgrind or not; use it in a `with` statement."""

    def __init__(self, command, env=None, counted=False, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp())
        self.counted = counted
        if counted:
            output = f"--callgrind-out-file={self.folder}/callgrind"
            command = ["valgrind", "--tool=callgrind", "--quiet", output, *command]
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ} | (env or {})
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def printed(self, pattern):
        """What the pattern finds in the first line that has it."""
        for line in self.process.stdout:
            if found := re.search(pattern, line):
                return found[1]
        sys.exit(f"a program ended before it printed {pattern}")

    def instructions(self):
        """Instructions since the last call."""
        before = set(self.folder.glob("callgrind.*"))
        command = ["callgrind_control", "--dump", str(self.process.pid)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            for dump in set(self.folder.glob("callgrind.*")) - before:
                if found := re.search(r"^totals: (\d+)", dump.read_text(), re.MULTILINE):
                    return int(found[1])
            time.sleep(0.05)
        sys.exit("callgrind wrote no dump")


class Connection:
    """One connection that stays open, and one request on it again and again."""

    def __init__(self, url, headers):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port)
        self.target = parts.path + (f"?{parts.query}" if parts.query else "")
        self.headers = headers

    def send(self, times, status):
        for _ in range(times):
            self.connection.request("GET", self.target, headers=self.headers)
            response = self.connection.getresponse()
            body = response.read()
            if response.status != status:
                sys.exit(f"{self.target}: {response.status} instead of {status}: {body[:200]}")
        return len(body)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def app(folder, counted):
    """The app and its tenant, and Ada's session cookie."""
    url = f"http://localhost:{free_port()}"
    client = {"id": secrets.token_hex(16), "secret": secrets.token_hex(24)}
    tenant = Program(
        [os.environ["TENANT"], "dev-issuer", "--port", "0"]
        + ["--client-id", client["id"], "--client-secret", client["secret"]]
        + ["--callback-url", f"{url}/api/auth/kinde_callback", "--logout-url", f"{url}/api/auth/logout"]
    )
    issuer = tenant.printed(r"^KINDE_ISSUER_URL=(.*)$")
    settings = {
        "SITE_URL": url,
        "KINDE_ISSUER_URL": issuer,
        "CLIENT_ID": client["id"],
        "CLIENT_SECRET": client["secret"],
        "AUTH_RATE_LIMIT": "off",
    }
    site = Program([os.environ["APP"]], settings, counted, folder)
    site.printed(r"(running at)")
    patch = urllib.request.Request(
        f"{issuer}/dev/settings",
        data=b'{"auto_sign_in":"ada"}',
        headers={"content-type": "application/json"},
        method="PATCH",
    )
    urllib.request.urlopen(patch).close()
    return url, tenant, site, sign_in(url)


def sign_in(url):
    """Signs Ada in, and returns the session cookie as a header has it."""
    cookies = {}
    next_url = f"{url}/api/auth/login"
    for _ in range(10):
        parts = urllib.parse.urlsplit(next_url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "Accept": "text/html"}
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        response = connection.getresponse()
        response.read()
        for cookie in response.headers.get_all("set-cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            cookies[name] = value
        if not response.headers["location"]:
            return f"kinde_session={cookies['kinde_session']}"
        next_url = urllib.parse.urljoin(next_url, response.headers["location"])
    sys.exit("nobody could sign in")


def requests_of_app(url, cookie):
    page = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    json = {"Accept": "application/json"}
    session = {"Cookie": cookie}
    return {
        "greeting page": (f"{url}/", page | session, 200),
        "item page": (f"{url}/items/420?q=x", page | session, 200),
        "GET /api/greeting": (f"{url}/api/greeting", json | session, 200),
        "GET / as JSON": (f"{url}/", json | session, 200),
        "redirect to sign-in": (f"{url}/", page, 303),
        "/healthz": (f"{url}/healthz", {}, 200),
    }


def requests_of_references(axum, leptos):
    return {
        "raw axum page": (f"{axum}/page", {}, 200),
        "raw axum JSON": (f"{axum}/json", {}, 200),
        "empty Leptos page": (f"{leptos}/", {}, 200),
    }


def count(program, requests):
    """Instructions for each request, and the length of its body."""
    counted = {}
    for name, (url, headers, status) in requests.items():
        connection = Connection(url, headers)
        connection.send(WARM_UP, status)
        program.instructions()
        length = connection.send(COUNTED, status)
        counted[name] = (program.instructions() // COUNTED, length)
    return counted


def count_all():
    counted = {}
    with Program([os.environ["RAW_AXUM"]], counted=True) as axum:
        counted |= count(axum, dict(list(requests_of_references(axum.printed(r"(http://\S+)"), "").items())[:2]))
    with Program([os.environ["LEPTOS_PAGE"]], counted=True) as leptos:
        counted |= count(leptos, dict(list(requests_of_references("", leptos.printed(r"(http://\S+)")).items())[2:]))
    with tempfile.TemporaryDirectory() as folder:
        url, tenant, site, cookie = app(folder, counted=True)
        with tenant, site:
            counted |= count(site, requests_of_app(url, cookie))
    return counted


def load(url, headers):
    """Requests per second by wrk, with a connection for each of its clients."""
    options = [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d2s", *options, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def rates():
    """Requests per second of each request, as a part of its reference, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        url, tenant, site, cookie = app(folder, counted=False)
        with tenant, site, Program([os.environ["RAW_AXUM"]]) as axum, Program([os.environ["LEPTOS_PAGE"]]) as leptos:
            references = requests_of_references(axum.printed(r"(http://\S+)"), leptos.printed(r"(http://\S+)"))
            ratios = {}
            for name, request in requests_of_app(url, cookie).items():
                reference = references[GOALS[name][0]]
                pairs = [(load(*request[:2]), load(*reference[:2])) for _ in range(ROUNDS)]
                ratios[name] = statistics.median(own / other for own, other in pairs)
            return ratios


def main():
    counted, ratios = count_all(), rates()
    print(f"{'request':22} {'instructions':>12} {'of reference':>13} {'goal':>5} {'requests/s':>10}  reference")
    for name, (instructions, length) in counted.items():
        if name not in GOALS:
            print(f"{name:22} {instructions:12,}   ({length} bytes)")
            continue
        reference, goal = GOALS[name]
        part = instructions / counted[reference][0]
        print(
            f"{name:22} {instructions:12,} {part:13.2f} {goal:5.2f} {ratios[name]:10.2f}  {reference} ({length} bytes)"
        )


main()
