"""faceseg beside numpy, OpenCV and PyTorch: imported and used in every order, the threads of each before and after
ours, with right results; and which OpenMP runtimes that brings. A case is a program of its own.

Usage: imports.py CASE ARGUMENTS..., where cases are the functions below.
"""

import ctypes
import importlib
import itertools
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

NAMES = ["faceseg", "numpy", "cv2", "torch"]
INTEL = Path(sysconfig.get_path("data")) / "lib/libiomp5.so"


def runtimes():
    """File names of the OpenMP runtimes in this process."""
    with open("/proc/self/maps") as maps:
        names = {line.rstrip().rpartition("/")[2] for line in maps if "/" in line}
    return {name for name in names if name.startswith(("libgomp", "libiomp5", "libomp."))}


def photo():
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)


# ---- Each library at work on its threads: True if its result is right


def use_faceseg(wanted=[], **options):
    import faceseg
    import numpy as np

    with faceseg.Session(**(options or {"threads": 2})) as session:
        labels = session.segment(photo())
    wanted.append(labels)
    return np.array_equal(labels, wanted[0])


def use_numpy():
    """A product of whole numbers, exact in any order of adding up, of several of OpenBLAS's blocks."""
    import numpy as np

    a = np.arange(700 * 700, dtype=np.float64).reshape(700, 700) % 7
    columns = a.sum(0)
    return np.array_equal(np.ones((700, 700)) @ a, np.broadcast_to(columns, (700, 700)))


def use_cv2():
    import cv2
    import numpy as np

    cv2.setNumThreads(2)
    picture = np.full((1500, 1500, 3), 7, np.uint8)
    return bool((cv2.resize(cv2.GaussianBlur(picture, (9, 9), 0), (700, 700)) == 7).all())


def use_torch():
    import torch

    torch.set_num_threads(2)
    a = torch.arange(700 * 700, dtype=torch.float64).reshape(700, 700) % 7
    pictures = torch.nn.functional.conv2d(torch.ones(8, 16, 64, 64), torch.ones(16, 16, 3, 3))
    return bool((torch.ones(700, 700, dtype=torch.float64) @ a == a.sum(0)).all() and (pictures == 144).all())


USE = {"faceseg": use_faceseg, "numpy": use_numpy, "cv2": use_cv2, "torch": use_torch}


def use_intel():
    """A region of Intel's runtime on two threads, as a library built with Intel's compiler has one."""
    runtime = ctypes.CDLL(str(INTEL))
    seen = []
    body = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: seen.append(runtime.omp_get_thread_num()))
    runtime.GOMP_parallel(body, None, 2, 0)
    return sorted(seen) == [0, 1]


# ---- Cases


def in_order(*names):
    """Imports in this order; then every library in this order, and in the other one, twice."""
    for name in names:
        importlib.import_module(name)
    for _ in range(2):
        for name in names + names[::-1]:
            assert USE[name](), name
    return runtimes()


def without_openmp(*names):
    """The same with faceseg on one thread."""
    for name in names:
        assert use_faceseg(threads=1) if name == "faceseg" else USE[name](), name
    assert use_faceseg(threads=1)
    return runtimes()


def intel_first():
    import faceseg

    assert use_intel() and use_faceseg() and use_intel() and use_faceseg()
    assert faceseg.runtime().openmp == INTEL.name
    return runtimes()


def intel_later():
    """What OpenMP runtimes forbid: aborts."""
    assert use_faceseg() and use_intel()
    return runtimes()


def intel_later_one_thread():
    assert use_faceseg(threads=1) and use_intel() and use_faceseg(threads=1)
    return runtimes()


# ---- The programs, one a case


def program(case, *arguments):
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    return subprocess.run(
        [sys.executable, __file__, case.__name__, *arguments],
        capture_output=True, text=True, timeout=300, env=environment,
    )  # fmt: skip


def loaded_by(case, *arguments):
    """The runtimes in the case's process, which must have ended well."""
    done = program(case, *arguments)
    if done.returncode or done.stderr:
        sys.exit(f"{case.__name__} {' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return set(done.stdout.split())


def check_orders():
    theirs = loaded_by(in_order, *NAMES[1:])
    assert any(name.startswith("libgomp") for name in theirs), theirs
    for names in itertools.permutations(NAMES):
        ours = loaded_by(in_order, *names) - theirs
        assert ours == {"libomp.so.5"}, f"{names} loads {ours} beside {theirs}"
        assert loaded_by(without_openmp, *names) == theirs, names
    print(f"numpy, OpenCV, PyTorch and faceseg in each of 24 orders: right; {theirs} theirs, libomp.so.5 ours")


def check_intel():
    for case in (intel_first, intel_later_one_thread):
        assert loaded_by(case) == {INTEL.name}, case.__name__
    done = program(intel_later)
    assert done.returncode == -6 and "OMP: Error #15" in done.stderr, f"{done.returncode}\n{done.stderr}"
    print("Intel's runtime first: shared; later: OpenMP's error 15, and well on one thread")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(*sorted(globals()[sys.argv[1]](*sys.argv[2:])))
    else:
        check_intel()
        check_orders()
