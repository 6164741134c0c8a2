"""Measures the release build of the app under load, beside the references of `cost.py`: ratios of programs that run in
turn on this machine, memory, processor time, and the time until the first response.

Times and rates depend on the machine, so nothing fails by them: they are printed beside what they are to be.
"""

import contextlib
import os
import re
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.parse

from programs import Connection, Program, app, requests_of_app, requests_of_references, sign_in

ROUNDS = 5
CONNECTIONS = 32
CROWD = 1_000
IDLE = 10_000
SIGN_INS = 200

# Requests per second, as a part of the reference's.
GOALS = {
    "greeting page": ("empty Leptos page", 1.3),
    "GET /api/greeting": ("raw axum JSON", 0.65),
}


def load(url, headers, connections=CONNECTIONS):
    """Requests per second and the 99th percentile of the time for one, in milliseconds, by wrk."""
    options = [option for name, value in headers.items() for option in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{connections}", "-d2s", "--latency", *options, url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    per_millisecond = {"us": 1_000, "ms": 1, "s": 0.001}
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    return float(rate[1]), float(found[1]) / per_millisecond[found[2]]


def in_turn(own, reference):
    """The median of the ratios of rates, and of percentiles, of two requests that take turns."""
    rounds = [(load(*own[:2]), load(*reference[:2])) for _ in range(ROUNDS)]
    return [statistics.median(pair[0][part] / pair[1][part] for pair in rounds) for part in (0, 1)]


def print_rates(requests, references):
    print(f"{'request':22} {'requests/s':>11} {'goal':>5} {'p99':>6} {'goal':>5}  as parts of")
    for name, (reference, goal) in GOALS.items():
        rate, percentile = in_turn(requests[name], references[reference])
        latency_goal = "2.00" if reference.startswith("raw") else ""
        print(f"{name:22} {rate:11.2f} {goal:5.2f} {percentile:6.2f} {latency_goal:>5}  {reference}")


def print_line(what, value, goal):
    print(f"{what:46} {value:>10} {goal:>10}")


def idle_connections(url):
    """Connections that have sent a request each, and wait."""
    parts = urllib.parse.urlsplit(url)
    connections = []
    for _ in range(IDLE):
        connection = socket.create_connection((parts.hostname, parts.port))
        connection.sendall(f"GET /healthz HTTP/1.1\r\nhost: {parts.netloc}\r\n\r\n".encode())
        connection.recv(4096)
        connections.append(connection)
    return connections


def print_memory(site, requests):
    def megabytes():
        return f"{site.resident_kilobytes() / 1024:.1f} MB"

    print_line("memory after the start", megabytes(), "20 MB")
    load(*requests["greeting page"][:2], connections=CROWD)
    print_line(f"memory after {CROWD:,} connections at full speed", megabytes(), "60 MB")
    connections = idle_connections(requests["/healthz"][0])
    print_line(f"memory with {IDLE:,} idle connections", megabytes(), "150 MB")
    for connection in connections:
        connection.close()


def print_sign_ins(url, site):
    session = sign_in(url)
    before = site.cpu_seconds()
    for _ in range(SIGN_INS):
        session = sign_in(url, session)
    milliseconds = (site.cpu_seconds() - before) * 1_000 / SIGN_INS
    print_line("processor time of a whole sign-in", f"{milliseconds:.2f} ms", "2 ms")


def main():
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as running:
        url, tenant, site = app(folder)
        running.enter_context(tenant)
        running.enter_context(site)
        requests = requests_of_app(url, sign_in(url))
        print_line("start, until it listens", f"{site.seconds_to_start * 1000:.0f} ms", "100 ms")
        print_memory(site, requests)
        print_sign_ins(url, site)
        references = {}
        for name in ("RAW_AXUM", "LEPTOS_PAGE"):
            program = running.enter_context(Program([os.environ[name]]))
            references |= requests_of_references(name, program.printed(r"(http://\S+)"))
        print_rates(requests, references)


main()
