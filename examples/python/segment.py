"""Shares of face and hair in a photo, and its cut-out: python segment.py photo.jpg cutout.png"""

import sys

import numpy as np
from PIL import Image

import faceseg

if len(sys.argv) != 3:
    sys.exit("usage: segment.py PHOTO CUTOUT.png")
photo = Image.open(sys.argv[1]).convert("RGB")
labels = faceseg.segment(photo)  # (H, W) uint8: 0 background, 1 face, 2 hair
print(f"face {np.mean(labels == 1):.1%}, hair {np.mean(labels == 2):.1%}")

alpha = faceseg.segment(photo, output="alpha", target="head")  # (H, W) float32, 0 to 1
photo.putalpha(Image.fromarray((alpha * 255 + 0.5).astype(np.uint8)))
photo.save(sys.argv[2])
