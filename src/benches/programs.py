"""The programs that are measured, as processes of this machine, and the requests to them."""

import http.client
import json
import os
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request


# Calls that return memory, of mimalloc and of the system's allocator.
ALLOCATIONS = re.compile(
    r"^cfn=(?:mi_(?:m|z|re)alloc_aligned|malloc|calloc|realloc|posix_memalign)\ncalls=(\d+)", re.MULTILINE
)


class Program:
    """A server in a process of its own, under callgrind or not; use it in a `with` statement."""

    def __init__(self, command, env=None, counted=False, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp())
        self.counted = counted
        if counted:
            output = f"--callgrind-out-file={self.folder}/callgrind"
            # Each dump is read by itself, so names must not refer to an earlier one.
            command = ["valgrind", "--tool=callgrind", "--quiet", "--compress-strings=no", output, *command]
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

    def counted_since_last_call(self):
        """Instructions, and calls of the allocator, since the last call."""
        before = set(self.folder.glob("callgrind.*"))
        command = ["callgrind_control", "--dump", str(self.process.pid)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            for dump in set(self.folder.glob("callgrind.*")) - before:
                text = dump.read_text()
                if found := re.search(r"^totals: (\d+)", text, re.MULTILINE):
                    return int(found[1]), sum(int(calls) for calls in ALLOCATIONS.findall(text))
            time.sleep(0.05)
        sys.exit("callgrind wrote no dump")

    def cpu_seconds(self):
        """The processor time that the process has used, in user and in system mode."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def resident_kilobytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE)[1])


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


def app(folder, counted=False, more_settings=None):
    """The app at its address, and its tenant, at which everybody who signs in is Ada."""
    url = f"http://localhost:{free_port()}"
    client = {"id": secrets.token_hex(16), "secret": secrets.token_hex(24)}
    tenant = Program(
        [os.environ["TENANT"], "dev-issuer", "--port", "0"]
        + ["--client-id", client["id"], "--client-secret", client["secret"]]
        + ["--callback-url", f"{url}/api/auth/kinde_callback", "--logout-url", f"{url}/api/auth/logout"]
    )
    issuer = tenant.printed(r"^KINDE_ISSUER_URL=(.*)$")
    choice = urllib.request.Request(
        f"{issuer}/dev/settings",
        data=json.dumps({"auto_sign_in": "ada"}).encode(),
        headers={"content-type": "application/json"},
        method="PATCH",
    )
    urllib.request.urlopen(choice).close()
    settings = {
        "SITE_URL": url,
        "KINDE_ISSUER_URL": issuer,
        "CLIENT_ID": client["id"],
        "CLIENT_SECRET": client["secret"],
        "AUTH_RATE_LIMIT": "off",
    } | (more_settings or {})
    began = time.monotonic()
    site = Program([os.environ["APP"]], settings, counted, folder)
    site.printed(r"(running at)")
    site.seconds_to_start = time.monotonic() - began
    return url, tenant, site


def sign_in(url, session=None):
    """Signs Ada in, in place of a session of this browser, and returns the session cookie as a header has it."""
    cookies = dict([session.split("=", 1)]) if session else {}
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


def requests_of_references(program, url):
    if program == "RAW_AXUM":
        return {"raw axum page": (f"{url}/page", {}, 200), "raw axum JSON": (f"{url}/json", {}, 200)}
    return {"empty Leptos page": (f"{url}/", {}, 200)}
