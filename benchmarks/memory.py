"""Memory that the astronaut photo's labels take by the built-in network: faceseg against OpenCV 4's dnn.

    make memory

What the peak of a process grows by from the decoded photo to its labels, each runtime in a process of its own. Needs
`make` before, for build/faceseg, and OpenCV below 5.
"""

import os
import resource
import subprocess
import sys
import tempfile

import cv2
import numpy as np

import faceseg

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PHOTO = os.path.join(ROOT, "examples/photos/astronaut.png")
NETWORK = os.path.join(ROOT, "Sources/EmbeddedNetwork/standard.caffemodel")
MEANS, SCALE, SIDE = (104.00699, 116.66877, 122.67892), 0.017, 256


def by_faceseg(photo, _):
    with faceseg.Session(threads=2) as session:
        return session.segment(photo, channels="bgr")


def by_opencv(photo, prototxt):
    cv2.setNumThreads(2)
    net = cv2.dnn.readNetFromCaffe(prototxt, NETWORK)
    net.setInput(cv2.dnn.blobFromImage(photo, SCALE, (SIDE, SIDE), MEANS))
    labels = net.forward()[0].argmax(axis=0).astype(np.uint8)
    return cv2.resize(labels, photo.shape[1::-1], interpolation=cv2.INTER_NEAREST)


def peak_kib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def measure(name, prototxt):
    photo, runs = cv2.imread(PHOTO), {"faceseg": by_faceseg, "OpenCV": by_opencv}
    before = peak_kib()
    labels = runs[name](photo, prototxt)
    hair = (labels == 2).mean()
    print(f"{name}: {(peak_kib() - before) / 1024:.0f} MiB (hair {hair:.1%})")


def main():
    print(f"faceseg {faceseg.runtime().version}, {faceseg.runtime().cpu}, OpenCV {cv2.__version__}, 2 threads", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        prototxt = os.path.join(folder, "net.prototxt")
        command = [os.path.join(ROOT, "build/faceseg"), "convert", NETWORK, "-o", prototxt]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for name in ("faceseg", "OpenCV"):
            subprocess.run([sys.executable, __file__, name, prototxt], check=True)


if __name__ == "__main__":
    measure(*sys.argv[1:]) if len(sys.argv) > 1 else main()
