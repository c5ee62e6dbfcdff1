"""The build backend (PEP 517, PEP 660): a wheel of the Python files, libfaceseg.so and an OpenMP runtime; and a source
distribution, which is the Swift package with the Python files.

Nothing is downloaded: `make` built the library, and where it is not there, as in a source distribution, `make` is run,
which needs Swift. Debian's libomp5 is copied beside it. The wheel fits any Python 3 of this machine's kind, as ctypes is
the only tie. Environment:

FACESEG_LIBRARY_FILE    the library to take, instead of ../build/libfaceseg.so.0
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
import zipfile
from pathlib import Path
from typing import Any, Iterator, Optional

import faceseg_sdist

HERE = Path(__file__).resolve().parent.parent
PACKAGE = HERE / "faceseg"
NAME, SUMMARY = "faceseg", "Face and hair masks from a photo, on the CPU, in process"
VERSION = re.search(r'^__version__ = "(.+)"', (PACKAGE / "__init__.py").read_text("utf-8"), re.M)[1]  # type: ignore
TAG = "py3-none-" + re.sub(r"[-.]", "_", sysconfig.get_platform())
INFO = f"{NAME}-{VERSION}.dist-info"
PAGE_FILES = (".html", ".css", ".js", ".svg")

METADATA = f"""\
Metadata-Version: 2.4
Name: {NAME}
Version: {VERSION}
Summary: {SUMMARY}
License-Expression: BSD-2-Clause AND Apache-2.0 WITH LLVM-exception AND LicenseRef-research-and-non-commercial
License-File: LICENSE
License-File: LICENSE-weights.txt
License-File: libomp/Apache-2.0
License-File: libomp/copyright
Requires-Python: >=3.9
Requires-Dist: numpy>=1.21
Provides-Extra: photos
Requires-Dist: pillow>=9.4; extra == "web"
Requires-Dist: fastapi>=0.115; extra == "web"
Requires-Dist: uvicorn>=0.30; extra == "web"
Requires-Dist: websockets>=13; extra == "web"
Provides-Extra: web
Requires-Dist: pillow>=9.4; extra == "photos"
Provides-Extra: plot
Requires-Dist: matplotlib>=3.7; extra == "plot"
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Classifier: Typing :: Typed
Description-Content-Type: text/markdown

"""

WHEEL = f"Wheel-Version: 1.0\nGenerator: faceseg_wheel ({VERSION})\nRoot-Is-Purelib: false\nTag: {TAG}\n"

WEIGHTS = """\
The weights of the network inside libfaceseg were trained on pictures that may be used for research and
non-commercial purposes only, so the weights may be used for such purposes only. Networks of your own, opened
with faceseg.Model(path), are not concerned.
"""


class BuildError(Exception):
    """Something that the wheel carries is missing. The message says what to do."""


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None) -> str:
    files = dict(_sources())
    files["faceseg/lib/libfaceseg.so"] = _library().read_bytes()
    files["faceseg/lib/libomp.so.5"] = _openmp().read_bytes()
    return _write(wheel_directory, files)


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: Optional[str] = None) -> str:
    """The sources stay where they are; links lead to the libraries, so that a new `make` is seen at once."""
    lib = PACKAGE / "lib"
    lib.mkdir(exist_ok=True)
    for name, target in [("libfaceseg.so", _library()), ("libomp.so.5", _openmp())]:
        (lib / name).unlink(missing_ok=True)
        (lib / name).symlink_to(target)
    return _write(wheel_directory, {"_faceseg_editable.pth": f"{HERE}\n".encode()})


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    return faceseg_sdist.write(sdist_directory, NAME, VERSION, METADATA + (HERE / "README.md").read_text("utf-8"))


def _sources() -> Iterator[tuple[str, bytes]]:
    page = [path for path in sorted((PACKAGE / "web/page").iterdir()) if path.suffix in PAGE_FILES]
    for path in sorted(PACKAGE.glob("*.py")) + [PACKAGE / "py.typed"] + sorted(PACKAGE.glob("web/*.py")) + page:
        yield f"faceseg/{path.relative_to(PACKAGE)}", path.read_bytes()


def _library() -> Path:
    given = os.environ.get("FACESEG_LIBRARY_FILE")
    path = Path(given) if given else HERE.parent / "build" / "libfaceseg.so.0"
    if not path.is_file() and not given and (HERE.parent / "PKG-INFO").is_file():
        _make(path)
    if not path.is_file():
        raise BuildError(
            f"{path} is not there. Run `make` in the project's top folder first, or name the library in "
            f"FACESEG_LIBRARY_FILE. (pip older than 21.3 builds in a copy of this folder: update it.)"
        )
    return path.absolute()


def _make(path: Path) -> None:
    """Builds the library of a source distribution."""
    missing = [name for name in ("swift", "make", "ld.lld", "pkg-config") if not shutil.which(name)]
    if missing:
        raise BuildError(
            f"this is faceseg's source distribution, and building it needs {', '.join(missing)}. Its library is "
            f"written in Swift: install Swift 6.3 from https://swift.org/install, then `make packages` in the unpacked "
            f"distribution (Debian 12), or install a wheel, which needs none of this."
        )
    if subprocess.run(["make", "-C", str(HERE.parent), "build/libfaceseg.so.0"]).returncode:
        raise BuildError("`make build/libfaceseg.so.0` failed, see above; `make packages` installs what it needs")


def _openmp() -> Path:
    """The system's libomp.so.5, as the linker finds it."""
    ldconfig = shutil.which("ldconfig", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    listed = subprocess.run([ldconfig, "-p"], capture_output=True, text=True).stdout if ldconfig else ""
    paths = [Path(path) for path in re.findall(r"^\s*libomp\.so\.5 \(.*\) => (\S+)$", listed, re.M)]
    for path in paths:
        if path.is_file() and _kind(path) == _kind(_library()):
            return path.resolve()
    raise BuildError("no libomp.so.5, the OpenMP runtime, on this system: `apt-get install libomp-dev`")


def _kind(path: Path) -> bytes:
    """ELF's class and machine: a runtime of another one cannot be loaded."""
    with path.open("rb") as file:
        head = file.read(20)
    return head[:6] + head[18:20]


def _licences() -> Iterator[tuple[str, bytes]]:
    yield "LICENSE", _text(HERE.parent / "LICENSE", "the project's top folder")
    yield "LICENSE-weights.txt", WEIGHTS.encode()
    yield "libomp/Apache-2.0", _text(Path("/usr/share/common-licenses/Apache-2.0"), "Debian's base-files")
    yield "libomp/copyright", _text(_openmp_copyright(), "Debian's libomp5 package")


def _openmp_copyright() -> Path:
    """Of the package that the runtime's file is from."""
    runtime = _openmp()
    owner = subprocess.run(["dpkg-query", "-S", str(runtime)], capture_output=True, text=True).stdout.split(":")[0]
    return Path("/usr/share/doc") / (owner or "libomp5") / "copyright"


def _text(path: Path, whose: str) -> bytes:
    if not path.is_file():
        raise BuildError(f"{path} is not there: {whose} has it, and the wheel must carry it")
    return path.read_bytes()


def _write(folder: str, files: dict[str, bytes]) -> str:
    files[f"{INFO}/METADATA"] = (METADATA + (HERE / "README.md").read_text("utf-8")).encode()
    files[f"{INFO}/WHEEL"] = WHEEL.encode()
    for name, data in _licences():
        files[f"{INFO}/licenses/{name}"] = data
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{INFO}/RECORD"] = f"{record}{INFO}/RECORD,,\n".encode()
    wheel = f"{NAME}-{VERSION}-{TAG}.whl"
    with zipfile.ZipFile(Path(folder) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))  # the same files give the same wheel
            entry.external_attr = (0o100755 if ".so" in name else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return wheel


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
