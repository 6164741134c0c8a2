"""Runs `kinde-leptos dev-issuer` on a free port for a test file, and signs the tenant's people in as a browser would.

The clients under test build the requests, read the callbacks and verify the tokens.
"""

import os
import pathlib
import secrets
import subprocess

import jwt
import requests

# No server listens there: the tests pass these URLs to the client instead of opening them.
CALLBACK = "http://localhost/api/auth/callback"
SIGNED_OUT = "http://localhost/signed-out"
# In the order in which the tenant lists them.
ADAS_PERMISSIONS = ["create:items", "read:items", "update:items", "read:members", "org:write:members"]

FOLDER = pathlib.Path(__file__).parent
PROGRAM = FOLDER / os.environ.get("KINDE_LEPTOS_PROGRAM", "../../../target/debug/kinde-leptos")


class Tenant:
    """A running tenant with one client; `stop` ends it."""

    def __init__(self):
        self.client_id = secrets.token_hex(16)
        self.client_secret = secrets.token_hex(24)
        options = {
            "--port": "0",
            "--client-id": self.client_id,
            "--client-secret": self.client_secret,
            "--callback-url": CALLBACK,
            "--logout-url": SIGNED_OUT,
        }
        command = [PROGRAM, "dev-issuer", *(word for option in options.items() for word in option)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = (line.strip().split("=", 1) for line in self.process.stdout if line.startswith("KINDE_ISSUER_URL="))
        _, self.issuer = next(lines)
        self.keys = jwt.PyJWKClient(f"{self.issuer}/.well-known/jwks")
        self.defaults = self.switchboard("GET", "settings")

    def stop(self):
        self.process.terminate()
        self.process.communicate()

    def switchboard(self, method, path, body=None):
        """Sends a request to the switchboard."""
        response = requests.request(method, f"{self.issuer}/dev/{path}", json=body, timeout=10)
        response.raise_for_status()
        return response.json() if response.content else None

    def settings(self, **changes):
        return self.switchboard("PATCH", "settings", changes)

    def fault(self, name):
        """Switches a fault on for one use."""
        return self.switchboard("POST", "faults", {"fault": name, "times": 1})

    def requests(self, path):
        """The requests that the tenant received at a path, oldest first."""
        return [request for request in self.switchboard("GET", "log") if request["path"] == path]

    def reset(self):
        """Clears log and faults and restores the settings."""
        self.switchboard("DELETE", "log")
        self.switchboard("DELETE", "faults")
        self.settings(**self.defaults)

    def verify(self, token, audience=None):
        """Verifies a token that the client does not verify itself, and returns its claims."""
        return jwt.decode(
            token,
            self.keys.get_signing_key_from_jwt(token).key,
            algorithms=["RS256"],
            issuer=self.issuer,
            audience=audience,
            options={"verify_aud": audience is not None},
        )


class Browser:
    """A browser without JavaScript: it keeps the tenant's cookies and returns redirects instead of following them."""

    def __init__(self):
        self.session = requests.Session()

    def follow(self, url):
        """Opens a URL that must respond with a redirect, and returns the redirect's URL."""
        return redirect_of(self.session.get(url, allow_redirects=False, timeout=10))

    def decide(self, url, **decision):
        """Opens an authorization request, submits its sign-in page and returns the URL of the callback."""
        page = self.session.get(url, allow_redirects=False, timeout=10)
        assert page.status_code == 200, "the tenant showed no sign-in page"
        form = {"transaction": page.headers["x-dev-transaction"], **decision}
        target = requests.compat.urljoin(url, "/sign-in")
        return redirect_of(self.session.post(target, data=form, allow_redirects=False, timeout=10))

    def sign_in(self, url, person="ada"):
        return self.decide(url, person=person)


def redirect_of(response):
    assert response.status_code in (302, 303), f"status {response.status_code} instead of a redirect"
    return response.headers["location"]
