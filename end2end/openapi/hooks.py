"""Corrects what Schemathesis takes for a valid item id, and for a text of at most 255 bytes.

In the document an item id is a text of the format int64. Schemathesis knows this format of numbers only, so it makes
ids that are too large; and where it takes an id from one request for the next, it percent-encodes it twice. The longest
text of a sign-in link is counted in bytes, which no schema can say: `maxLength` counts characters.
"""

import re
import urllib.parse

import schemathesis

MAX_TEXT_BYTES = 255
INT64 = range(-(2**63), 2**63)


def is_item_id(text, pattern):
    return re.search(pattern, text) is not None and int(text.split(".")[0]) in INT64


@schemathesis.hook
def filter_case(context, case):
    """Leaves out a request that counts as valid and has an invalid item id or too long a text."""
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return True
    for parameter in case.operation.iter_parameters():
        schema = parameter.definition.get("schema", {})
        if schema.get("maxLength") == MAX_TEXT_BYTES:
            text = str((case.get_container(parameter.location) or {}).get(parameter.name) or "")
            if len(text.encode("utf-8", "surrogatepass")) > MAX_TEXT_BYTES:
                return False
        if schema.get("format") == "int64" and "pattern" in schema:
            text = str(case.get_container(parameter.location)[parameter.name])
            return is_item_id(urllib.parse.unquote(text), schema["pattern"])
    return True
