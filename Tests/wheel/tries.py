# What a fresh environment's faceseg must do: python tries.py ENVIRONMENT. Prints a line, the same labels for all.
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

import faceseg

photo = Path(__file__).resolve().parents[2] / "examples/photos/astronaut.png"
labels = faceseg.segment(Image.open(photo).convert("RGB"))
shares = [float((labels == label).mean()) for label in range(3)]
assert shares[0] > 0.9 and all(0.02 < share < 0.06 for share in shares[1:]), shares  # a head of 90 x 110 pixels or so
found = faceseg.runtime()
assert found.library.startswith(sys.argv[1]), found
(mapped,) = faceseg.map([photo])
assert np.array_equal(mapped, labels)
assert len(faceseg.plot(Image.open(photo).convert("RGB"), labels).axes) == 3
with open("/proc/self/maps") as maps:
    assert not any("swift" in line.lower() for line in maps)
print(f"numpy {np.__version__}, {found.cpu}, OpenMP {found.openmp}, labels {zlib.crc32(labels):08x}")
