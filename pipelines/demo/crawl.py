"""The crawl's records packed as WARC files, one gzip member a record."""

import io
from collections.abc import Mapping
from email.utils import format_datetime

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipelines.demo.members import gzip_member
from pipelines.demo.record import Kind, Record, Unit

FILES = 4
_VERSION = "WARC/1.0"
# Builds records; what it would write to is never used.
_BUILDER = WARCWriter(io.BytesIO(), gzip=False, warc_version=_VERSION)


def crawl_files(units: tuple[Unit, ...]) -> Mapping[str, bytes]:
    """File names and contents: ``units`` in four equal runs, each behind a warcinfo record.

    A record of kind ``truncated`` loses the second half of its member.
    """
    per_file = -(-len(units) // FILES)
    packed: dict[str, bytes] = {}
    for number in range(FILES):
        run = units[number * per_file : (number + 1) * per_file]
        name = f"demo-{run[0][0].captured:%Y%m%d%H%M%S}-{number:05d}.warc.gz"
        members = [_info_member(name, run[0][0])]
        for unit in run:
            members += (_member(record) for record in unit)
        packed[name] = b"".join(members)
    return packed


def _member(record: Record) -> bytes:
    whole = gzip_member(_bytes(_record(record)))
    return whole[: len(whole) // 2] if record.kind == Kind.TRUNCATED else whole


def _info_member(name: str, first: Record) -> bytes:
    body = b"software: corpus demo\r\nformat: WARC File Format 1.0\r\nisPartOf: demo\r\n"
    info = Record(kind=Kind.METADATA, type="warcinfo", url=name, body=body, day=first.day)
    headers = {"WARC-Record-ID": info.id, "WARC-Date": first.date, "WARC-Filename": name}
    return gzip_member(_bytes(_build(None, "warcinfo", body, "application/warc-fields", headers)))


def _record(record: Record) -> ArcWarcRecord:
    headers = {"WARC-Record-ID": record.id, "WARC-Date": record.date}
    refers = record.refers
    if record.type == "revisit" and refers is not None:
        # The digest is the original's, so it is read off the original as it was written.
        digest = _record(refers).rec_headers.get_header("WARC-Payload-Digest")
        return _BUILDER.create_revisit_record(
            record.url, digest, refers.url, refers.date, http_headers=_http(record), warc_headers_dict=headers
        )
    if refers is not None:
        headers["WARC-Refers-To" if record.type == "conversion" else "WARC-Concurrent-To"] = refers.id
    if record.type in ("response", "request"):
        return _build(record.url, record.type, record.body, "", headers, _http(record))
    content_type = record.content_type if record.type == "conversion" else "application/warc-fields"
    return _build(record.url, record.type, record.body, content_type, headers)


def _build(
    url: str | None,
    kind: str,
    body: bytes,
    content_type: str,
    headers: dict[str, str],
    http: StatusAndHeaders | None = None,
) -> ArcWarcRecord:
    return _BUILDER.create_warc_record(
        url,
        kind,
        payload=io.BytesIO(body),
        length=len(body),
        warc_content_type=content_type,
        warc_headers_dict=headers,
        http_headers=http,
    )


def _http(record: Record) -> StatusAndHeaders:
    if record.type == "request":
        return StatusAndHeaders(record.status, list(record.headers), is_http_request=True)
    headers = [("Date", format_datetime(record.captured, usegmt=True)), ("Content-Type", record.content_type)]
    if ("Transfer-Encoding", "chunked") not in record.headers:
        headers.append(("Content-Length", str(len(record.body))))
    return StatusAndHeaders(record.status, headers + list(record.headers), protocol="HTTP/1.1")


def _bytes(record: ArcWarcRecord) -> bytes:
    out = io.BytesIO()
    WARCWriter(out, gzip=False, warc_version=_VERSION).write_record(record)
    return out.getvalue()
