"""What scikit-image, SciPy and OpenCV make of pictures that both sides make up, in the steps of the thesis' alignment, for
tests/media/peer-alignment.json.

Needs numpy, scipy, scikit-image and opencv:  python tools/peer-alignment.py > tests/media/peer-alignment.json
"""

import json

import cv2
import numpy as np
from scipy.ndimage import affine_transform
from skimage.transform import resize


def picture(width, height):
    """Waves under noise: whole numbers from a place's hash, so that both sides agree."""
    index = np.arange(width * height * 3, dtype=np.uint64)
    x = (index * 2654435761 + 12345) & 0xFFFFFFFF
    x ^= x >> np.uint64(15)
    x = (x * 2246822519) & 0xFFFFFFFF
    noise = (x >> np.uint64(26)).astype(np.int64)
    row, column = (index // 3 // width).astype(np.int64), (index // 3 % width).astype(np.int64)
    return ((row * 3 + column * 5 + noise) % 256).astype(np.uint8).reshape(height, width, 3)


def resized(image, width, height):
    return (resize(image, (height, width)) * 255).astype(np.uint8)


def face(centre, size, tilt):
    """68 places whose eyes, jaw and mouth lie as a face's do; 48 of them coincide."""
    points = np.zeros((68, 2))
    points[:] = [0, 0.1]
    points[0:17] = [[np.cos(a), 0.3 + np.sin(a)] for a in np.linspace(np.pi, 0, 17)]
    points[17:27] = [[-0.7 + 0.155 * i, -0.55] for i in range(10)]
    points[36:42] = [[-0.42 + 0.05 * i, -0.3] for i in range(6)]
    points[42:48] = [[0.2 + 0.05 * i, -0.27] for i in range(6)]
    c, s = np.cos(tilt), np.sin(tilt)
    return (points @ np.array([[c, s], [-s, c]])) * size + centre


def box_of(points):
    return [max(int(v), 0) for v in (points[:, 0].min(), points[:, 1].min(), points[:, 0].max(), points[:, 1].max())]


def squared(image, points):
    x1, y1, x2, y2 = box_of(points)
    offset = (max(x2 - x1, y2 - y1) - min(x2 - x1, y2 - y1)) // 2
    if x2 - x1 < y2 - y1:
        x1 = max(x1 - offset, 0)
        return image[y1:y2, x1 : x2 + offset]
    if x2 - x1 > y2 - y1:
        y1 = max(y1 - offset, 0)
        return image[y1 : y2 + offset, x1:x2]
    return image[y1:y2, x1:x2]


def levelled(image, points):
    left, right = (points[a:b].mean(axis=0).astype("int") for a, b in ((42, 48), (36, 42)))
    angle = np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0])) - 180
    centre = (int((left[0] + right[0]) // 2), int((left[1] + right[1]) // 2))
    m = cv2.getRotationMatrix2D(centre, float(angle), scale=1.0)
    matrix, offset = np.eye(3), np.zeros(3)
    matrix[:2, :2], offset[:2] = m[:, :2], m[:, 2]
    return affine_transform(image, matrix, offset, mode="reflect")


def clip_box(points):
    x1, y1, x2, y2 = box_of(points)
    x1, y1, x2, y2 = x1 - 10, y1 - 10, x2 + 10, y2 + 10
    offset = (max(x2 - x1, y2 - y1) - min(x2 - x1, y2 - y1)) // 2
    if x2 - x1 < y2 - y1:
        x1, x2 = max(x1 - offset, 0), x2 + offset
    elif x2 - x1 > y2 - y1:
        y1, y2 = max(y1 - offset, 0), y2 + offset
    return x1, y1, x2, y2


def loaded(image):
    return cv2.resize(image, (128, 128), interpolation=cv2.INTER_LINEAR)


def sparse(image):
    return {"size": [image.shape[1], image.shape[0]], "every": 97, "values": image.reshape(-1)[::97].tolist()}


source = picture(37, 29)
resizing = {f"{w}x{h}": resized(source, w, h).reshape(-1).tolist() for w, h in ((16, 12), (64, 50), (20, 60), (37, 29))}
whole = []
for width, height, centre, size, tilt in ((300, 200, (120, 140), 60, 0.2), (90, 140, (60, 210), 55, -0.35)):
    first, second = face(centre, size, tilt), face((110, 100), 70, tilt)
    crop = resized(squared(resized(picture(width, height), 256, 256), first), 224, 224)
    turned = levelled(crop, second)
    whole.append(
        {"width": width, "height": height, "first": first.tolist(), "second": second.tolist(), "crop": sparse(crop),
         "turned": sparse(turned), "loaded": sparse(loaded(turned))}
    )  # fmt: skip
clips = []
for width, height, centre, size in ((480, 270, (200, 90), 40), (480, 270, (60, 60), 45)):
    points = face(centre, size, 0.0)
    x1, y1, x2, y2 = clip_box(points)
    crop = resized(resized(picture(width, height), 384, 216)[y1:y2, x1:x2], 224, 224)
    clips.append({"width": width, "height": height, "points": points.tolist(), "box": [x1, y1, x2, y2], "crop": sparse(crop)})
print(json.dumps({"resize": resizing, "whole": whole, "clips": clips}))
