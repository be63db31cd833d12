"""Makes a WARC of web pages from the project's own demo texts, for machines without the real pages.

Such pages are small (about 4 kB against 145 kB) and tidy, so what does not depend on the size of a page weighs more: figures
from them are no stand-in for those from real pages, and the report says which were used.
"""

from __future__ import annotations

import argparse
import json
import uuid
from io import BytesIO
from itertools import islice
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.demo.page import look_for, render, url_for
from pipelines.demo.prose import TAGS, articles

#: Articles per language: as many as make about a thousand pages.
PER_LANGUAGE = 80


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    pages = 0
    with arguments.target.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for tag in TAGS:
            for article in islice(articles(tag), PER_LANGUAGE):
                look = look_for(article)
                uri = url_for(article, look)
                headers = [("Content-Type", "text/html; charset=utf-8")]
                record = writer.create_warc_record(
                    uri,
                    "response",
                    payload=BytesIO(render(article, look).encode()),
                    http_headers=StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1"),
                    warc_headers_dict={
                        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, uri)}>",
                        "WARC-Date": "2026-01-01T00:00:00Z",
                    },
                )
                writer.write_record(record)
                pages += 1
    print(json.dumps({"pages": pages}))


if __name__ == "__main__":
    main()
