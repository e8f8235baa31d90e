"""Frames of 720 x 1,280 pixels of three colours: differences by blocks, and another size."""

import os

HEIGHT, WIDTH, CHANNELS, BLOCK, SIDE = 720, 1280, 3, 16, 416


def frames_of(film):
    return film.reshape(-1, HEIGHT, WIDTH, CHANNELS)


def numpy(what, film, still=None):
    import numpy as np

    if what != "block_mse":
        return None
    frames, other = frames_of(film), frames_of(still)[0].astype(np.float32)
    blocks = (-1, HEIGHT // BLOCK, BLOCK, WIDTH // BLOCK, BLOCK * CHANNELS)

    def run():
        difference = frames.astype(np.float32) - other
        return (difference * difference).reshape(blocks).mean(axis=(2, 4), dtype=np.float64)

    return run


def cv2(what, film, still=None):
    import cv2 as cv
    import numpy as np

    cv.setNumThreads(int(os.environ["OMP_NUM_THREADS"]))
    how = {"bilinear": cv.INTER_LINEAR, "area": cv.INTER_AREA}.get(what)
    if how is None:
        return None
    frames = frames_of(film)
    out = np.empty((len(frames), SIDE, SIDE, CHANNELS), np.uint8)

    def run():
        for frame, to in zip(frames, out):
            cv.resize(frame, (SIDE, SIDE), dst=to, interpolation=how)
        return out

    return run
