"""What trainers and auditors touch: the manifest, shards, ledger and index of a published corpus.

Needs pyarrow and fsspec only: no Beam, no numba, no torch.
"""

from manifests.corpus import Corpus, open_corpus
from manifests.manifest import Manifest, load_manifest

__all__ = ["Corpus", "Manifest", "load_manifest", "open_corpus"]
