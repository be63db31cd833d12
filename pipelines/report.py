"""What a run tells at its end: the funnel as a table, and where to look next."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from corpus.language.tags import name as language_name
from manifests.manifest import Manifest
from pipelines.progress import duration
from pipelines.run import Result
from pipelines.snapshot import NO_LANGUAGE

#: Rules named in the table for each source and language.
SHOWN_RULES = 2


def funnel_table(manifest: Manifest) -> Table:
    """One line per source and language."""
    table = Table(title=f"{manifest.name}: what came in, what stayed", title_justify="left", show_footer=True)
    total = manifest.documents
    table.add_column("source", footer="all")
    table.add_column("language", footer="")
    table.add_column("read", justify="right", footer=f"{total['read']:,}")
    table.add_column("kept", justify="right", footer=f"{total['kept']:,}")
    table.add_column("dropped", justify="right", footer=f"{total['dropped']:,}")
    table.add_column("duplicates", justify="right", footer=f"{total['duplicates']:,}")
    table.add_column("quarantined", justify="right", footer=f"{total['quarantined']:,}")
    table.add_column("most failed rules", footer="")
    for row in manifest.funnel:
        tag = row["language"]
        unreadable = f" +{row['unreadable_ranges']} ranges" if row["unreadable_ranges"] else ""
        table.add_row(
            row["source"],
            "" if tag == NO_LANGUAGE else f"{tag} {language_name(tag)}" if language_name(tag) != tag else tag,
            f"{row['read']:,}",
            f"{row['kept']:,}",
            f"{row['dropped']:,}",
            f"{row['duplicates']:,}",
            f"{row['quarantined']:,}{unreadable}",
            ", ".join(f"{rule.partition('.')[2]} {count:,}" for rule, count in _most(row["rules"])),
        )
    return table


def outcome(result: Result, output: str) -> str:
    """A few lines under the table."""
    manifest = result.manifest
    passed_over: Counter[str] = Counter()
    for counts in manifest.skipped.values():
        passed_over.update(counts)
    lines = []
    if passed_over:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in sorted(passed_over.items()))
        lines.append(f"Records passed over, by type: {kinds}")
    done = ", ".join(f"{name} {count}" for name, count in result.tasks.items() if count)
    lines += [
        f"{len(manifest.streams)} streams, {sum(len(stream.shards) for stream in manifest.streams)} shards, "
        f"{sum(stream.text_bytes for stream in manifest.streams) / 1e6:,.1f} MB of text in {duration(result.seconds)}"
        f" (work done: {done or 'none, all was there'})",
        f"manifest {manifest.manifest_hash}",
        "",
        "Where to look next:",
        f"  corpus verify {output}",
        f"  corpus read {output} --limit 3",
    ]
    if manifest.ledger:
        lines.append(f"  corpus explain {output} ID-or-URL      # why a document stayed or left")
        lines.append(f"  corpus read {output} --dropped --limit 3   # the ledger")
    return "\n".join(lines)


def _most(rules: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(rules.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN_RULES]
