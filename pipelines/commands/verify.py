"""`corpus verify OUT`."""

from __future__ import annotations

import argparse
import sys


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", help="corpus folder, URL or manifest")


def execute(given: argparse.Namespace) -> int:
    from manifests.manifest import load_manifest
    from manifests.verify import verify

    faults = verify(given.corpus)
    for fault in faults:
        print(fault)
    if faults:
        print(f"{given.corpus}: {len(faults)} faults", file=sys.stderr)
        return 1
    manifest = load_manifest(given.corpus)
    print(
        f"{given.corpus}: {len(manifest.files())} files and {manifest.documents['kept']:,} documents are as the manifest "
        f"{manifest.manifest_hash} says; {manifest.documents['read']:,} read = kept + dropped + quarantined"
    )
    return 0
