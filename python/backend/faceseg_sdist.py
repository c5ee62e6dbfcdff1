"""The source distribution: what builds libfaceseg, and the Python files. Not a wheel, which faceseg_wheel makes of it."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).resolve().parents[2]
FILES = ["LICENSE", "Makefile", "Package.swift", "scripts/exports.map", "scripts/static-library"]
# Tests' Swift files alone: the manifest names their targets.
FOLDERS = {
    "Sources": "*",
    "include": "*",
    "Tests": "*.swift",
    "python/backend": "*.py",
    "python/faceseg": "*.py",
    "python/faceseg/web/page": "*",
}
TIME = 315532800  # of all files: 1980, as in the wheel
OTHERS = ["python/faceseg/py.typed", "python/pyproject.toml", "python/README.md"]

PYPROJECT = """[build-system]
requires = []
build-backend = "faceseg_wheel"
backend-path = ["python/backend"]
"""


def write(folder: str, name: str, version: str, metadata: str) -> str:
    """The archive's file name. The same files give the same archive."""
    top = f"{name}-{version}"
    packed = gzip.GzipFile(Path(folder) / f"{top}.tar.gz", "wb", mtime=TIME)
    with packed, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, data, mode in _entries(metadata):
            entry = tarfile.TarInfo(f"{top}/{path}")
            entry.size, entry.mode, entry.mtime = len(data), mode, TIME
            archive.addfile(entry, io.BytesIO(data))
    return f"{top}.tar.gz"


def _entries(metadata: str) -> Iterator[tuple[str, bytes, int]]:
    yield "PKG-INFO", metadata.encode(), 0o644
    yield "pyproject.toml", PYPROJECT.encode(), 0o644
    inside = [path for folder, pattern in FOLDERS.items() for path in sorted((ROOT / folder).rglob(pattern))]
    for path in [ROOT / name for name in FILES + OTHERS] + inside:
        inner = path.relative_to(ROOT)
        if path.is_file() and not {".build", "__pycache__"} & set(inner.parts):
            yield str(inner), path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644
