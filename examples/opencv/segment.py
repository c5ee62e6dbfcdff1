"""Heads in what OpenCV reads, in its own order of channels, blue first.

    python segment.py photo.jpg cutout.png         cuts the head out of a photo
    python segment.py film.mp4 painted.avi         paints face and hair over each frame of a video
    python segment.py 0 painted.avi 250            the same for 250 frames of camera 0
"""

import sys

import cv2

import faceseg


def cut_out(photo, path):
    alpha = faceseg.segment(photo, channels="bgr", output="alpha", target="head")  # (H, W) float32, 0 to 1
    cutout = cv2.merge([photo, (alpha * 255 + 0.5).astype("uint8")])
    if not cv2.imwrite(path, cutout):
        sys.exit(f"{path}: not written")


def paint(video, path, most):
    rate = video.get(cv2.CAP_PROP_FPS) or 25
    size = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    out = cv2.VideoWriter(path, cv2.VideoWriter_fourcc(*"MJPG"), rate, size)
    if not out.isOpened():
        sys.exit(f"{path}: not written; an .avi file is wanted")
    count = 0
    with faceseg.Session() as session:  # one for all frames: its memory is laid out once
        while most is None or count < most:
            read, frame = video.read()
            if not read:
                break
            painted = session.segment(frame, channels="bgr", output="overlay")  # R, G, B
            out.write(cv2.cvtColor(painted, cv2.COLOR_RGB2BGR))
            count += 1
    out.release()
    print(f"{count} frames")


def main(source, path, most=None):
    photo = None if source.isdigit() else cv2.imread(source)
    if photo is not None:
        return cut_out(photo, path)
    video = cv2.VideoCapture(int(source) if source.isdigit() else source)
    if not video.isOpened():
        sys.exit(f"{source}: OpenCV finds neither a photo nor a video")
    paint(video, path, None if most is None else int(most))


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
