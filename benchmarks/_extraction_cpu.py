"""What extraction alone costs: the CPU seconds of `corpus.extract.extract_text` on every page of a WARC.

Start-up, imports and the reading of the archive are left out, and one page is extracted before the clock starts, so
that what is built at first use does not count. The last line on stdout is a JSON object with the pages, how many gave
text, and the seconds of each page in file order.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from corpus.extract import extract_text


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("warc", type=Path)
    arguments = parser.parse_args()
    extract_text(b"<html><body><article><p>A first page, so that lazy imports are done.</p></article></body></html>")
    seconds: list[float] = []
    with_text = 0
    with arguments.warc.open("rb") as archive:
        for record in ArchiveIterator(archive):
            if record.rec_type != "response":
                continue
            html = record.content_stream().read()
            url = record.rec_headers.get_header("WARC-Target-URI")
            started = time.process_time()
            text = extract_text(html, url=url)
            seconds.append(round(time.process_time() - started, 6))
            with_text += bool(text)
    print(json.dumps({"pages_in": len(seconds), "pages_out": with_text, "seconds": seconds}))


if __name__ == "__main__":
    main()
