"""The log: a line of JSON each, for machines to read, and nothing in it about anybody.

What an error says often holds what somebody typed: a database names the very value that it refused. So of an error
its type is kept, and where in the code it came from.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from pathlib import Path

# Addresses that are given to one person alone: whoever reads one in a log could use it.
GIVEN = re.compile(r"/(book|meet|calendar|reset/key)/\S+")
DEEPEST = 15  # places in the code, the last ones


class Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": GIVEN.sub(r"/\1/…", record.getMessage()),
        }
        if record.exc_info and record.exc_info[0]:
            kind, _error, trace = record.exc_info
            frames = traceback.extract_tb(trace)[-DEEPEST:]
            said["error"] = f"{kind.__module__}.{kind.__qualname__}"
            said["where"] = " > ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames)
        return json.dumps(said, ensure_ascii=False)
