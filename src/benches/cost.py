"""Counts what a request costs: the release build of the app beside two references of the project's own, in one run.

`raw_axum` is the least that an axum program does; `leptos_page` is the empty page that a newcomer to Leptos writes.
Instructions are counted by callgrind, in user space, for one request over a connection that stays open, when everything
is warm: they are the same on every run, within half a percent. Allocations and bytes are exact.

With `--budgets` the app alone is counted, and the exit code is 1 when a request costs more than its budget, or a page with
metrics more than metrics may cost.
"""

import os
import sys
import tempfile

from programs import Connection, Program, app, requests_of_app, requests_of_references, sign_in

WARM_UP = 100
# Requests are counted in parts, and the cheapest part counts: what the program does every few seconds, such as emptying the
# log of the session file, falls into one of the others.
PARTS = 4
COUNTED = 50
# How much of its budget a request's instructions may exceed: another compiler's or processor's code differs a little.
SLACK = 1.05

# What a request may cost: instructions, allocations, and the bytes of its body.
BUDGETS = {
    "greeting page": (86_000, 124, 5_800),
    "item page": (117_500, 159, 4_560),
    "GET /api/greeting": (53_000, 68, 70),
    "GET / as JSON": (46_000, 49, 70),
    "redirect to sign-in": (41_000, 51, 0),
    "/healthz": (30_000, 33, 20),
}

# What metrics may add to the instructions of a page.
MOST_OF_METRICS = 1.03
WITH_METRICS = {"METRICS_ADDR": "127.0.0.1:0"}

# What each request is compared with.
REFERENCES = {
    "greeting page": "empty Leptos page",
    "item page": "empty Leptos page",
    "GET /api/greeting": "raw axum JSON",
    "GET / as JSON": "raw axum JSON",
    "redirect to sign-in": "raw axum page",
    "/healthz": "raw axum page",
}


def count(program, requests):
    """Instructions and allocations for each request, and the length of its body."""
    counted = {}
    for name, (url, headers, status) in requests.items():
        connection = Connection(url, headers)
        connection.send(WARM_UP, status)
        program.counted_since_last_call()
        parts = []
        for _ in range(PARTS):
            length = connection.send(COUNTED, status)
            parts.append(program.counted_since_last_call())
        instructions, allocations = (min(numbers) / COUNTED for numbers in zip(*parts))
        counted[name] = (round(instructions), round(allocations), length)
    return counted


def count_app(settings=None):
    with tempfile.TemporaryDirectory() as folder:
        url, tenant, site = app(folder, counted=True, more_settings=settings)
        with tenant, site:
            return count(site, requests_of_app(url, sign_in(url)))


def count_references():
    counted = {}
    for name in ("RAW_AXUM", "LEPTOS_PAGE"):
        with Program([os.environ[name]], counted=True) as program:
            counted |= count(program, requests_of_references(name, program.printed(r"(http://\S+)")))
    return counted


def exceeded(counted):
    """The requests that cost more than their budgets, each in a sentence."""
    for name, costs in counted.items():
        limits = (round(BUDGETS[name][0] * SLACK), *BUDGETS[name][1:])
        for what, cost, limit in zip(("instructions", "allocations", "bytes"), costs, limits):
            if cost > limit:
                yield f"{name}: {cost:,} {what}, and at most {limit:,} are allowed"


def exceeded_by_metrics(counted, with_metrics):
    """The pages to which metrics add too much, each in a sentence."""
    for name in ("greeting page", "item page"):
        part = with_metrics[name][0] / counted[name][0]
        print(f"{name} with metrics: {with_metrics[name][0]:,} instructions, {part:.3f} of those without")
        if part > MOST_OF_METRICS:
            yield f"{name}: metrics cost more than {MOST_OF_METRICS:.2f} of what it costs without them"


def print_costs(counted):
    print(f"{'request':22} {'instructions':>12} {'of reference':>13} {'allocations':>12} {'bytes':>6}  reference")
    for name, (instructions, allocations, length) in counted.items():
        reference = REFERENCES.get(name, "")
        part = f"{instructions / counted[reference][0]:.2f}" if reference in counted else ""
        print(f"{name:22} {instructions:12,} {part:>13} {allocations:12} {length:6}  {reference}")


def main():
    only_budgets = "--budgets" in sys.argv
    counted = count_app()
    print_costs(counted if only_budgets else counted | count_references())
    too_dear = list(exceeded(counted)) + list(exceeded_by_metrics(counted, count_app(WITH_METRICS)))
    if too_dear:
        sys.exit("\n".join(too_dear))


main()
