"""The shortest program that does the job: warcio reads, trafilatura extracts, JSON lines are written.

No language identification, no filters, no duplicates, no limit on a page's time or memory: what it does not do, it does
not pay for. trafilatura gets the settings that `corpus.extract` gives it; a test compares the two.

The last line on stdout is a JSON object with the pages read and written.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import trafilatura
from warcio.archiveiterator import ArchiveIterator

#: Keyword arguments of `trafilatura.extract`.
SETTINGS: dict[str, Any] = {
    "fast": False,
    "include_comments": False,
    "include_tables": True,
    "deduplicate": False,
    "with_metadata": False,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warc", type=Path, required=True, help="one .warc.gz file")
    parser.add_argument("--out", type=Path, required=True, help="file for the JSON lines")
    arguments = parser.parse_args()

    pages = written = 0
    with arguments.warc.open("rb") as archive, arguments.out.open("w", encoding="utf-8") as out:
        for record in ArchiveIterator(archive):
            if record.rec_type != "response":
                continue
            pages += 1
            url = record.rec_headers.get_header("WARC-Target-URI")
            text = trafilatura.extract(record.content_stream().read(), **SETTINGS)
            if text:
                written += 1
                row = {"id": record.rec_headers.get_header("WARC-Record-ID"), "url": url, "text": text}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(json.dumps({"pages_in": pages, "pages_out": written}))


if __name__ == "__main__":
    main()
