"""Scanned pages and photographs to lines of text, by an OCR engine that is an optional extra.

Renders pages within bounds and asks the engine; layout.py puts what it finds into reading order.
It joins no lines and mends no text. Its libraries, which are large, are imported only when a
picture is to be recognised; the engine's models are in its package, nothing is fetched.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING, Any

from index.documents.layout import lines_of
from index.errors import DocumentFault
from prompts.notices import notice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Progress = Callable[[int, int], None]

INSTALL = notice("install-recognition")
# Ten minutes of work on two cores.
MOST_PAGES = 200
DOTS = 200
# The longer side of a page as it is given to the engine: A4 at 170 dots an inch, at which a page of
# official print is recognised with 3 wrong characters in a thousand.
MOST_SIDE = 2000
LEAST_SIDE = 32
# A3 at 600 dots an inch has 70 million.
MOST_PIXELS = 100_000_000
MOST_THREADS = 4


@dataclass(frozen=True)
class Pictures:
    """What is to be recognised: these pages (from 0) of a PDF, or picture files.

    `data` is the PDF or the only picture; `files` are several pictures, each a page.
    """

    data: bytes
    name: str
    pages: tuple[int, ...] = ()
    files: tuple[bytes, ...] = ()

    @property
    def count(self) -> int:
        """How many pages they are."""
        return len(self.pages) or len(self.files) or 1


Recognise = Callable[[Pictures], list[list[str]]]


def installed() -> bool:
    """Whether the extra is there; nothing of it is imported."""
    return all(find_spec(name) for name in ("onnxruntime", "PIL", "pypdfium2", "rapidocr"))


def threads() -> int:
    """How many threads the engine may use: the processor's cores, four at most."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(cores or 1, MOST_THREADS)


def recognise(pictures: Pictures, progress: Progress = lambda done, total: None) -> list[list[str]]:
    """The lines of each page, in reading order. `progress` is told the pages done, and all.

    Raises DocumentFault without the extra, and for pictures that are broken or out of bounds.
    """
    if not installed():
        raise DocumentFault("needs-recognition", name=pictures.name, install=INSTALL)
    count = pictures.count
    if count > MOST_PAGES:
        raise DocumentFault("too-many-scanned", name=pictures.name, count=count, most=MOST_PAGES)
    progress(0, count)
    lines = []
    for done, pixels in enumerate(_rendered(pictures) if pictures.pages else _opened(pictures), 1):
        # Not before there is a page that may be read: the engine takes a second to load.
        found = _engine()(pixels)
        boxes = [] if found.boxes is None else found.boxes.tolist()
        lines.append(lines_of(list(zip(boxes, found.txts or (), strict=True))))
        progress(done, count)
    return lines


@cache
def _engine() -> Any:
    """The engine with the models of its package, in as many threads as there are cores."""
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(threads())
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": MOST_SIDE,
            # Finds lines that stand on their head, which pages do as a whole if at all.
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads(),
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _rendered(pictures: Pictures) -> Iterator[Pixels]:
    """The pages of a PDF, each in pixels, one after the other."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pictures.data)
        for number in pictures.pages:
            page = document[number]
            size = page.get_size()
            scale = min(DOTS / 72, MOST_SIDE / max(*size, 1.0))
            if not min(size) * scale >= LEAST_SIDE:
                raise DocumentFault(
                    "page-too-thin",
                    name=pictures.name,
                    page=number + 1,
                    width=size[0],
                    height=size[1],
                )
            bitmap = page.render(scale=scale, draw_annots=False)
            yield bitmap.to_numpy()[:, :, :3].copy()
            bitmap.close()
            page.close()
        document.close()
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise DocumentFault("pdf-damaged", name=pictures.name) from error


def _opened(pictures: Pictures) -> Iterator[Pixels]:
    """The pixels of picture files."""
    for data in pictures.files or (pictures.data,):
        yield _pixels(data, pictures.name)


def _pixels(data: bytes, name: str) -> Pixels:
    """The pixels of a picture file, turned as the camera was held."""
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as image:
            check_pixels(image.width, image.height, name)
            if min(image.size) < LEAST_SIDE:
                raise DocumentFault(
                    "picture-too-small", name=name, width=image.width, height=image.height
                )
            image.draft("RGB", (MOST_SIDE, MOST_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((MOST_SIDE, MOST_SIDE))
            shown = upright.convert("RGBA") if upright.has_transparency_data else upright
            if shown.mode == "RGBA":  # what is not drawn is paper, not ink
                shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
            return np.ascontiguousarray(np.asarray(shown.convert("RGB"))[:, :, ::-1])
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except (OSError, ValueError, SyntaxError) as error:
        raise DocumentFault("picture-not-opened", name=name) from error


def doubt(places: Sequence[int], count: int) -> str:
    """The warning that these of `count` pages (from 0) were recognised."""
    return notice("recognised", pages=page_numbers(places, count))


def page_numbers(places: Sequence[int], count: int) -> str:
    """Pages (from 0) in words: `pages 1-3, 7 of 9`."""
    runs: list[list[int]] = []
    for number in (place + 1 for place in places):
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    shown = ", ".join("-".join(map(str, run)) for run in runs)
    return notice("page-of" if len(places) == 1 else "pages-of", pages=shown, count=count)


def check_pixels(width: int, height: int, name: str) -> None:
    """Raises DocumentFault for a picture that would fill the memory when it is unpacked."""
    if width * height > MOST_PIXELS:
        raise _too_large(name)


def _too_large(name: str) -> DocumentFault:
    return DocumentFault("picture-too-large", name=name, most=MOST_PIXELS // 1000000)
