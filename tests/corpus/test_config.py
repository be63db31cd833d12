"""The configuration: what it takes, and how mistakes in it are told."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from corpus.config import CorpusConfig, ShardsConfig, SourceConfig, load_config, parse_size
from corpus.errors import UsageError

SMALL = """\
name: demo
output: out
sources:
  crawl:
    format: warc
    paths:
      - crawl/*.warc.gz
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(text: str) -> Path:
        path = tmp_path / "corpus.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def complaint(path: Path) -> list[str]:
    """The lines of the error, with the folder of the test taken away."""
    with pytest.raises(UsageError) as caught:
        load_config(path)
    return str(caught.value).replace(f"{path.parent}/", "").split("\n")


def test_small_configuration_has_defaults(write: Any) -> None:
    config = load_config(write(SMALL))
    source = config.sources["crawl"]
    assert (source.kind, source.license, source.access, source.priority) == (None, None, "open", 0)
    assert source.max_record_bytes == 64 * 2**20
    assert config.languages is None
    assert config.dedup.exact
    assert (config.shards.target_bytes, config.shards.row_group_bytes) == (256 * 2**20, 16 * 2**20)
    assert (config.shards.compression, config.shards.compression_level) == ("zstd", None)
    assert config.split_bytes == 128 * 2**20
    assert config.extract.seconds == 30
    assert config.filters.overrides() == {}


def test_every_key_is_taken(write: Any, tmp_path: Path) -> None:
    config = load_config(
        write(
            """\
name: all.of-it_2
output: s3://bucket/out
languages: [fra_Latn, deu_Latn, fra_Latn]
split_bytes: 1GB
sources:
  pages:
    format: warc
    paths: [a/*.gz, /abs/b.gz, "gs://bucket/*.gz"]
    kind: text
    license: CC-BY-4.0 OR LicenseRef-own
    access: restricted
    priority: -3
    key: own
    language: deu_Latn
    max_record_bytes: 1MiB
language: {model: models/lid.bin}
extract: {seconds: 2.5}
filters:
  profiles: my/profiles
  gopher_quality: {min_words: 20, max_hash_ratio: 0.25, min_stop_words: null}
dedup: {exact: no}
shards: {target_bytes: 512MiB, row_group_bytes: 1000000, compression: zstd, compression_level: 9}
"""
        )
    )
    source = config.sources["pages"]
    assert source.paths == [f"{tmp_path}/a/*.gz", "/abs/b.gz", "gs://bucket/*.gz"]
    assert source.options().language == "deu_Latn"
    assert source.options().max_record_bytes == 2**20
    assert config.output == "s3://bucket/out"
    assert config.languages == ["deu_Latn", "fra_Latn"], "sorted, each once"
    assert config.language.model == f"{tmp_path}/models/lid.bin"
    assert config.filters.profiles == f"{tmp_path}/my/profiles"
    assert config.filters.overrides() == {
        "gopher_quality": {"min_words": 20, "max_hash_ratio": 0.25, "min_stop_words": None}
    }
    assert not config.dedup.exact
    assert config.shards.target_bytes == 512 * 2**20
    assert config.split_bytes == 10**9


class TestPaths:
    """Relative to the configuration file, wherever the command is run."""

    def test_paths_are_relative_to_the_file(self, write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        path = write(SMALL)
        monkeypatch.chdir(tmp_path.parent)
        for given_path in (path, path.relative_to(tmp_path.parent)):
            config = load_config(given_path)
            assert config.output == f"{tmp_path}/out"
            assert config.sources["crawl"].paths == [f"{tmp_path}/crawl/*.warc.gz"]

    def test_home_is_expanded(self, write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "/home/someone")
        assert load_config(write(SMALL.replace("output: out", "output: ~/out"))).output == "/home/someone/out"

    def test_output_of_the_command_line_is_relative_to_where_it_is_run(
        self, write: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        path = write(SMALL)
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        assert load_config(path, "there").output == f"{tmp_path}/elsewhere/there"
        assert load_config(path, "memory://there").output == "memory://there"


class TestMistakes:
    """Each is told with file, line, key, what was found, and what is allowed."""

    @pytest.mark.parametrize(
        ("old", "new", "line"),
        [
            (
                "name: demo",
                "nmae: demo",
                "corpus.yaml:1: nmae: unknown key 'nmae'; did you mean 'name'? Allowed: name, ",
            ),
            (
                "    paths:",
                "    pahts:",
                "corpus.yaml:6: sources.crawl.pahts: unknown key 'pahts'; did you mean 'paths'?",
            ),
            (
                "output: out",
                "output: out\nshards: {size: 1}",
                "corpus.yaml:3: shards.size: unknown key 'size'. Allowed: target",
            ),
            (
                "output: out",
                "output: out\ndedup: {exat: 1}",
                "corpus.yaml:3: dedup.exat: unknown key 'exat'; did you mean 'exact'?",
            ),
            (
                "output: out",
                "output: out\nlanguage: {modle: x}",
                "corpus.yaml:3: language.modle: unknown key 'modle'; did you",
            ),
            (
                "format: warc",
                "format: wrac",
                "corpus.yaml:5: sources.crawl.format: found 'wrac': unknown format 'wrac'; did you mean 'warc'?",
            ),
            (
                "format: warc",
                "format: 7",
                "corpus.yaml:5: sources.crawl.format: found 7: Input should be a valid string",
            ),
            (
                "format: warc",
                "format: warc\n    kind: webb",
                "corpus.yaml:6: sources.crawl.kind: unknown value 'webb'; did you mean 'web'? Allowed: web, text, bitext, graph",
            ),
            (
                "format: warc",
                "format: warc\n    access: free",
                "corpus.yaml:6: sources.crawl.access: unknown value 'free'. Allowed: open, discoverable, restricted",
            ),
            (
                "format: warc",
                "format: warc\n    license: CC BY",
                "corpus.yaml:6: sources.crawl.license: found 'CC BY': not an SPDX",
            ),
            (
                "format: warc",
                "format: warc\n    priority: high",
                "corpus.yaml:6: sources.crawl.priority: found 'high': Input should be a valid integer",
            ),
            (
                "format: warc",
                "format: warc\n    language: german",
                "corpus.yaml:6: sources.crawl.language: found 'german': 'german' is no language tag",
            ),
            (
                "format: warc",
                "format: warc\n    columns: {text: t}",
                "corpus.yaml:6: sources.crawl.columns: found {'text': 't'}: unknown document field 'text'. Allowed: ",
            ),
            (
                "format: warc",
                "format: warc\n    max_record_bytes: 1XB",
                "corpus.yaml:6: sources.crawl.max_record_bytes: found '1XB': a size is a number of bytes or such as 64MiB, 2GB",
            ),
            (
                "- crawl/*.warc.gz",
                "- 5",
                "corpus.yaml:7: sources.crawl.paths.0: found 5: Input should be a valid string",
            ),
            (
                "      - crawl/*.warc.gz",
                "      []",
                "corpus.yaml:6: sources.crawl.paths: found []: List should have at least 1 item",
            ),
            ("  crawl:", "  Crawl!:", "corpus.yaml:4: sources.Crawl!: found 'Crawl!': String should match pattern"),
            ("name: demo", "name: My Corpus", "corpus.yaml:1: name: found 'My Corpus': String should match pattern"),
            (
                "output: out",
                "output: out\nlanguages: [deu]",
                "corpus.yaml:3: languages: found ['deu']: 'deu' is no language tag; write ISO 639-3 and ISO 15924",
            ),
            (
                "output: out",
                "output: out\nlanguages: []",
                "corpus.yaml:3: languages: found []: List should have at least 1 item",
            ),
            (
                "output: out",
                "output: out\nlanguages: [no]",
                "corpus.yaml:3: languages.0: found False: Input should be a valid string",
            ),
            (
                "output: out",
                "output: out\nlanguages: deu_Latn",
                "corpus.yaml:3: languages: found 'deu_Latn': Input should be a valid list",
            ),
            (
                "output: out",
                "output: out\nsplit_bytes: 0",
                "corpus.yaml:3: split_bytes: found 0: Input should be greater than 0",
            ),
            (
                "output: out",
                "output: out\nsplit_bytes: true",
                "corpus.yaml:3: split_bytes: found True: a size is a number",
            ),
            (
                "output: out",
                "output: out\nextract: {seconds: 0}",
                "corpus.yaml:3: extract.seconds: found 0: Input should be greater than 0",
            ),
            ("output: out", "output: out\nextract: fast", "corpus.yaml:3: extract: found 'fast': "),
            (
                "output: out",
                "output: out\ndedup: {exact: maybe}",
                "corpus.yaml:3: dedup.exact: found 'maybe': Input should be a valid boolean",
            ),
            (
                "output: out",
                "output: out\nshards: {compression: gzip}",
                "corpus.yaml:3: shards.compression: unknown value 'gzip'. Allowed: zstd, snappy, lz4, none",
            ),
            (
                "output: out",
                "output: out\nshards: {compression_level: 30}",
                "corpus.yaml:3: shards.compression_level: found 30: Input should be less than or equal to 22",
            ),
            (
                "output: out",
                "output: out\nshards: {compression: snappy, compression_level: 3}",
                "corpus.yaml:3: shards.compression_level: found 3: only zstd has levels",
            ),
            (
                "output: out",
                "output: out\nfilters: {gopher_quality: 5}",
                "corpus.yaml:3: filters.gopher_quality: found 5: Input should be a valid dictionary",
            ),
            (
                "output: out",
                "output: out\nfilters: {gopher_quality: {min_words: many}}",
                "corpus.yaml:3: filters.gopher_quality.min_words: found 'many': a threshold is a number",
            ),
            (
                "output: out",
                "output: out\nfilters: {gopher_quality: {min_words: .nan}}",
                "corpus.yaml:3: filters.gopher_quality.min_words: found nan: a threshold is a number",
            ),
            (
                "output: out",
                "output: out\nfilters: {gopher_quality: {min_words: .inf}}",
                "corpus.yaml:3: filters.gopher_quality.min_words: found inf: a threshold is a number",
            ),
            (
                "output: out",
                "output: out\nfilters: {gopher_quality: {min_words: yes}}",
                "corpus.yaml:3: filters.gopher_quality.min_words: found True: a threshold is a number",
            ),
            (
                "output: out",
                "output: out\nfilters: {gopher_quality: {max_hash_ratio: 0.1234567}}",
                "corpus.yaml:3: filters.gopher_quality.max_hash_ratio: found 0.1234567: a threshold is a number of at most",
            ),
            (
                "output: out",
                "output: out\nfilters: {profiles: [a]}",
                "corpus.yaml:3: filters.profiles: found ['a']: Input should be a valid string",
            ),
            ("output: out\n", "", "corpus.yaml: output: is missing"),
            ("    format: warc\n", "", "corpus.yaml:4: sources.crawl.format: is missing"),
            ("output: out", "output: null", "corpus.yaml:2: output: found None: Input should be a valid string"),
        ],
    )
    def test_mistake_is_told_in_one_line(self, write: Any, old: str, new: str, line: str) -> None:
        assert SMALL.count(old) == 1
        told = complaint(write(SMALL.replace(old, new)))
        mine = [one for one in told if one.startswith(line.split(": ")[0] + ": " + line.split(": ")[1] + ": ")]
        assert len(mine) == 1, told
        assert mine[0].startswith(line)

    def test_all_mistakes_are_told_at_once(self, write: Any) -> None:
        told = complaint(
            write(SMALL.replace("name: demo", "name: A B").replace("format: warc", "format: x\n    acess: open"))
        )
        assert [line.split(" ")[0] for line in told] == ["corpus.yaml:1:", "corpus.yaml:5:", "corpus.yaml:6:"]

    @pytest.mark.parametrize(
        ("addition", "line"),
        [
            ("name: again\n", "corpus.yaml:8: name: is written twice"),
            ("  crawl:\n    format: warc\n    paths: [x]\n", "corpus.yaml:8: sources.crawl: is written twice"),
            ("    format: warc\n", "corpus.yaml:8: sources.crawl.format: is written twice"),
        ],
    )
    def test_key_written_twice_is_told(self, write: Any, addition: str, line: str) -> None:
        """YAML itself would silently take the last."""
        assert complaint(write(SMALL + addition)) == [line]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "corpus.yaml: expected a mapping with at least name, output and sources"),
            ("# nothing\n", "corpus.yaml: expected a mapping with at least name, output and sources"),
            ("- a\n- b\n", "corpus.yaml: expected a mapping with at least name, output and sources"),
            ("just text", "corpus.yaml: expected a mapping with at least name, output and sources"),
            ("name: [", "corpus.yaml: is not YAML: "),
            ("name: a\n\tb: c", "corpus.yaml: is not YAML: "),
            ("a: 1\n---\nb: 2\n", "corpus.yaml: is not YAML: "),
            ("? [a, b]\n: c\n", "corpus.yaml: is not YAML: "),
            ("name: !!python/object:os.system x", "corpus.yaml: is not YAML: "),
            ("name: 2024-13-45\n", "corpus.yaml: is not YAML: "),
            ("name: \x07", "corpus.yaml: is not YAML: "),
        ],
    )
    def test_what_is_no_mapping_is_told_in_one_line(self, write: Any, text: str, message: str) -> None:
        told = complaint(write(text))
        assert len(told) == 1
        assert told[0].startswith(message)

    def test_keys_that_are_no_text_are_told(self, write: Any) -> None:
        assert all("corpus.yaml" in line for line in complaint(write(SMALL + "1: x\nnull: y\n")))

    def test_file_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"none\.yaml: there is no such configuration file"):
            load_config(tmp_path / "none.yaml")
        with pytest.raises(UsageError, match=r"cannot be read: .*Is a directory"):
            load_config(tmp_path)
        (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
        with pytest.raises(UsageError, match=r"latin\.yaml: cannot be read: .*utf-8"):
            load_config(tmp_path / "latin.yaml")

    @given(st.text(max_size=30))
    def test_any_text_is_read_or_refused_as_an_error_for_users(self, text: str) -> None:
        self._survives(text.encode("utf-8", "replace"))

    @given(st.integers(0, len(SMALL) - 1), st.sampled_from(list("\t\n:-[]{}&*!|>'\"%@`#,? \x00ä")))
    def test_any_slip_of_the_pen_is_read_or_refused_as_an_error_for_users(self, place: int, character: str) -> None:
        self._survives((SMALL[:place] + character + SMALL[place:]).encode())

    def _survives(self, data: bytes) -> None:
        with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
            file.write(data)
            file.flush()
            with contextlib.suppress(UsageError):
                load_config(file.name)


class TestSizes:
    @pytest.mark.parametrize(
        ("text", "size"),
        [
            ("0", 0),
            ("17", 17),
            ("17B", 17),
            ("1k", 1000),
            ("1K", 1000),
            ("1kB", 1000),
            ("1KB", 1000),
            ("1Ki", 1024),
            ("1KiB", 1024),
            ("64MiB", 64 * 2**20),
            ("64 MiB", 64 * 2**20),
            (" 2GB ", 2 * 10**9),
            ("1.5GiB", 3 * 2**29),
            ("0.1MB", 100_000),
            ("3TiB", 3 * 2**40),
            (17, 17),
        ],
    )
    def test_sizes_are_numbers_of_bytes(self, text: Any, size: int) -> None:
        assert parse_size(text) == size

    @pytest.mark.parametrize(
        "text", ["", "B", "MiB", "1m", "1mb", "1iB", "-1", "1e3", "1,5MB", "1 M B", "64MiBB", "1PB", "NaN", True]
    )
    def test_others_are_refused(self, text: Any) -> None:
        with pytest.raises(ValueError, match="a size is a number of bytes or such as 64MiB, 2GB"):
            parse_size(text)

    @given(st.integers(0, 2**50), st.sampled_from(["", "k", "M", "G"]), st.booleans())
    def test_sizes_are_exact(self, number: int, prefix: str, binary: bool) -> None:
        factor = (1024 if binary else 1000) ** ["", "k", "M", "G"].index(prefix)
        assert parse_size(f"{number}{prefix}{'i' if binary and prefix else ''}B") == number * factor


class TestIdentity:
    """What of the configuration goes into the manifest hash."""

    def test_identity_holds_no_path(self, write: Any, tmp_path: Path) -> None:
        text = SMALL + "language: {model: models/lid.bin}\nfilters: {profiles: my/profiles}\n"
        identity = json.dumps(load_config(write(text)).identity())
        for part in (str(tmp_path), "crawl/", "lid.bin", "my/profiles", "paths", "output"):
            assert part not in identity

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("output: out", "output: other"),
            ("crawl/*.warc.gz", "elsewhere/*.gz"),
            ("output: out", "output: out\nsplit_bytes: 1MB"),
            ("output: out", "output: out\nlanguage: {model: x.bin}"),
        ],
    )
    def test_identity_ignores_where_things_lie_and_how_work_is_cut(self, write: Any, old: str, new: str) -> None:
        assert load_config(write(SMALL.replace(old, new))).identity() == load_config(write(SMALL)).identity()

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("name: demo", "name: other"),
            ("  crawl:", "  other:"),
            ("format: warc", "format: c4"),
            ("format: warc", "format: warc\n    license: CC0-1.0"),
            ("format: warc", "format: warc\n    access: restricted"),
            ("format: warc", "format: warc\n    kind: text"),
            ("format: warc", "format: warc\n    key: own"),
            ("format: warc", "format: warc\n    language: deu_Latn"),
            ("format: warc", "format: warc\n    priority: 1"),
            ("format: warc", "format: warc\n    max_record_bytes: 1MB"),
            ("output: out", "output: out\nlanguages: [deu_Latn]"),
            ("output: out", "output: out\nextract: {seconds: 1}"),
            ("output: out", "output: out\nfilters: {gopher_quality: {min_words: 1}}"),
            ("output: out", "output: out\nfilters: {gopher_quality: {min_words: null}}"),
            ("output: out", "output: out\ndedup: {exact: false}"),
            ("output: out", "output: out\nshards: {target_bytes: 1MB}"),
            ("output: out", "output: out\nshards: {row_group_bytes: 1MB}"),
            ("output: out", "output: out\nshards: {compression: none}"),
        ],
    )
    def test_identity_reacts_to_everything_else(self, write: Any, old: str, new: str) -> None:
        assert load_config(write(SMALL.replace(old, new))).identity() != load_config(write(SMALL)).identity()

    def test_identity_does_not_depend_on_the_order_of_writing(self, write: Any) -> None:
        data = yaml.safe_load(SMALL)
        data["sources"]["b"] = {"format": "warc", "paths": ["b"]}
        data["filters"] = {"gopher_repetition": {"x": 1}, "gopher_quality": {"y": 2, "z": 3}}

        def turned(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: turned(inner) for key, inner in reversed(value.items())}
            return value

        one = load_config(write(yaml.safe_dump(data, sort_keys=False))).identity()
        other = load_config(write(yaml.safe_dump(turned(data), sort_keys=False))).identity()
        assert json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    def test_identity_can_be_written_as_json(self, write: Any) -> None:
        identity = load_config(write(SMALL)).identity()
        assert json.loads(json.dumps(identity, allow_nan=False)) == identity


def test_sources_stand_in_the_order_of_their_names(write: Any) -> None:
    text = SMALL + "  a:\n    format: warc\n    paths: [a]\n"
    assert list(load_config(write(text)).sources) == ["a", "crawl"]


def test_loaded_configuration_cannot_be_changed(write: Any) -> None:
    config = load_config(write(SMALL))
    with pytest.raises(ValueError, match="frozen"):
        config.name = "other"  # type: ignore[misc]


def test_json_schema_can_be_made() -> None:
    """Editors complete and check the file with it."""
    schema = CorpusConfig.model_json_schema()
    assert schema["required"] == ["name", "output", "sources"]
    assert schema["additionalProperties"] is False
    sizes = schema["properties"]["split_bytes"]
    assert {one["type"] for one in sizes["anyOf"]} == {"integer", "string"}


def test_anchors_and_merged_keys_of_yaml_work(write: Any) -> None:
    text = SMALL.replace("  crawl:", "  crawl: &base").replace("format: warc", "format: warc\n    license: CC0-1.0")
    config = load_config(write(text + "  more:\n    <<: *base\n    priority: 2\n"))
    assert (config.sources["more"].license, config.sources["more"].priority) == ("CC0-1.0", 2)


class TestDocumentation:
    """`docs/configuration.md` is true."""

    TEXT = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")

    def test_its_examples_are_configurations(self, write: Any) -> None:
        """The second has every key there is."""
        small, whole = re.findall(r"```yaml\n(.*?)```", self.TEXT, re.DOTALL)
        load_config(write(small))
        config = load_config(write(whole))
        written = yaml.safe_load(whole)
        assert set(written) == set(CorpusConfig.model_fields)
        assert {key for source in written["sources"].values() for key in source} == set(SourceConfig.model_fields)
        for name in ("language", "extract", "dedup", "shards"):
            assert set(written[name]) == set(type(getattr(config, name)).model_fields)

    def test_every_key_stands_in_a_table(self) -> None:
        keys = {*CorpusConfig.model_fields, *SourceConfig.model_fields, *ShardsConfig.model_fields, "profiles", "exact"}
        rows = set(re.findall(r"^\| `([a-z_]+)` \|", self.TEXT, re.MULTILINE))
        assert rows >= keys
        assert rows - keys == {"model", "seconds"}

    def test_its_messages_are_those_of_the_program(self, write: Any) -> None:
        told = complaint(
            write(
                """\
name: My Corpus
output: out
sources:
  crawl:
    format: wrac
    pahts: [crawl/*.warc.gz]
    paths: [crawl/*.warc.gz]
    license: CC BY
shards: {target_bytes: 64 megabytes}
languages: [deu]
"""
            )
        )
        shown = re.findall(r"^(?:corpus: )?(corpus\.yaml:\d+: .*)$", self.TEXT, re.MULTILINE)
        assert len(shown) == len(told)
        for line in told:
            key = line.split(": ")[1]
            if key != "sources.crawl.format":  # lists the formats that there are
                (mine,) = (one for one in shown if one.split(": ")[1] == key)
                assert line.startswith(mine.removesuffix("..."))
