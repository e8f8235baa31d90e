"""Frames of 720 x 1,280 pixels of three colours: differences by blocks, other sizes, other colours, floats, blurs."""

import os

HEIGHT, WIDTH, CHANNELS, BLOCK, SIDE = 720, 1280, 3, 16, 5


def frames_of(film):
    return film.reshape(-1, HEIGHT, WIDTH, CHANNELS)


def numpy(what, film, *more):
    import numpy as np

    frames = frames_of(film)
    if what == "block_mse":
        other = frames_of(more[0])[0].astype(np.float32)
        blocks = (-1, HEIGHT // BLOCK, BLOCK, WIDTH // BLOCK, BLOCK * CHANNELS)

        def run():
            difference = frames.astype(np.float32) - other
            return (difference * difference).reshape(blocks).mean(axis=(2, 4), dtype=np.float64)

        return run
    if what == "mix_bgr":
        return lambda: np.ascontiguousarray(frames[..., ::-1])
    if what == "normalise":
        scale, shift = more
        return lambda: np.ascontiguousarray((frames * scale + shift).transpose(0, 3, 1, 2))
    return None


def cv2(what, film, *more):
    import cv2 as cv
    import numpy as np

    cv.setNumThreads(int(os.environ["OMP_NUM_THREADS"]))
    frames = frames_of(film)
    if what == "normalise":
        scale, shift = (np.asarray(m, np.float64) for m in more)
        params = cv.dnn.Image2BlobParams(tuple(scale), mean=tuple(-shift / scale))
        return lambda: cv.dnn.blobFromImagesWithParams(list(frames), params)

    def each(height, width, step, channels=CHANNELS):
        out = np.empty((len(frames), height, width, *([channels] if channels > 1 else [])), np.uint8)

        def run():
            for frame, to in zip(frames, out):
                step(frame, to)
            return out

        return run

    how, *sides = what.split("_")
    kinds = {"nearest": cv.INTER_NEAREST, "bilinear": cv.INTER_LINEAR, "area": cv.INTER_AREA}
    if how in kinds:
        height, width = (int(s) for s in sides)
        return each(height, width, lambda a, to: cv.resize(a, (width, height), dst=to, interpolation=kinds[how]))
    if what == "mix_grey":
        return each(HEIGHT, WIDTH, lambda a, to: cv.cvtColor(a, cv.COLOR_RGB2GRAY, dst=to), 1)
    if what == "mix_bgr":
        return each(HEIGHT, WIDTH, lambda a, to: cv.cvtColor(a, cv.COLOR_RGB2BGR, dst=to))
    if what == "box_filter":
        edge = cv.BORDER_REPLICATE
        return each(HEIGHT, WIDTH, lambda a, to: cv.blur(a, (SIDE, SIDE), dst=to, borderType=edge))
    return None
