"""Makes the files beside it with Pillow and NumPy: truth that does not come from our own code.

Run by hand (`pip install pillow numpy`, then `python3 make.py`); tests read the files only. Values that tests expect
stand in MediaFixture.swift too.
"""

import io
import pathlib
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent

# Upright: 24 x 16 pixels, six squares of 8 x 8, so that JPEG keeps them.
COLORS = [[(200, 40, 40), (40, 180, 60), (50, 60, 200)], [(230, 230, 230), (30, 30, 30), (220, 200, 40)]]
SQUARES = np.kron(np.array(COLORS, np.uint8), np.ones((8, 8, 1), np.uint8))
# 7 x 5 pixels, each one different.
RAMP = np.array([[(30 * x, 40 * y, 5 * x * y) for x in range(7)] for y in range(5)], np.uint8)
ALPHA = np.array([[[255 - 20 * x - 10 * y] for x in range(7)] for y in range(5)], np.uint8)

STORED = {  # what exif_transpose undoes
    1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def write(name, data):
    assert len(data) < 3000, (name, len(data))
    (HERE / name).write_bytes(data)


def picture(name, image, **options):
    buffer = io.BytesIO()
    image.save(buffer, name.rsplit(".")[-1].replace("jpg", "jpeg"), **options)
    write(name, buffer.getvalue())
    return buffer.getvalue()


def exif(orientation, endian):
    block = Image.Exif()
    block.endian = endian
    block[0x010F] = "maker"  # a tag before the one that counts
    block[0x0112] = orientation
    return block.tobytes()


def jpegs():
    best = {"quality": 95, "subsampling": 0}
    for orientation, method in STORED.items():
        stored = Image.fromarray(SQUARES)
        stored = stored if method is None else stored.transpose(method)
        data = picture(f"orientation{orientation}.jpg", stored, exif=exif(orientation, "<>"[orientation % 2]), **best)
        upright = np.array(ImageOps.exif_transpose(Image.open(io.BytesIO(data))), int)
        assert abs(upright - SQUARES).max() < 6
    whole = picture("progressive.jpg", Image.fromarray(SQUARES), progressive=True, **best)
    write("cut_progressive.jpg", whole[: len(whole) * 4 // 5])
    whole = picture("grey.jpg", Image.fromarray(SQUARES).convert("L"), quality=95)
    write("cut.jpg", whole[:-8])
    inks = Image.fromarray(255 - np.concatenate([SQUARES, np.full((16, 24, 1), 205, np.uint8)], 2), "CMYK")
    cmyk = picture("cmyk.jpg", inks, quality=95)  # black at 50 of 255
    # Adobe's mark says 0 (CMYK); with 2 the same numbers mean YCCK.
    at = cmyk.index(b"Adobe") + 11
    ycck = cmyk[:at] + b"\x02" + cmyk[at + 1 :]
    write("ycck.jpg", ycck)
    for data in cmyk, ycck:
        print("cmyk or ycck at (4, 4):", Image.open(io.BytesIO(data)).convert("RGB").getpixel((4, 4)))
    write("rubbish.jpg", rubbish(whole))
    write("sampling31.jpg", sampling31())


def rubbish(jpeg):
    """Four bytes before the quantisation table that belong to nothing, as some cameras leave them."""
    at = jpeg.index(b"\xff\xdb")
    return jpeg[:at] + b"\1\2\3\4" + jpeg[at:]


def sampling31():
    """24 x 8 pixels, luma 50, 120, 200 in three blocks; Cb 100, Cr 160; sampling 3 x 1, which has no name."""
    def segment(marker, data):
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    def coefficient(difference):
        size = abs(difference).bit_length()
        value = difference if difference >= 0 else difference + (1 << size) - 1
        return f"{size:04b}" + (f"{value:0{size}b}" if size else "") + "0"  # and the end of block

    bits = "".join(map(coefficient, [50 - 128, 120 - 50, 200 - 120, 100 - 128, 160 - 128]))
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHB", 8, 8, 24, 3) + bytes([1, 0x31, 0, 2, 0x11, 0, 3, 0x11, 0])
    return (
        b"\xff\xd8" + segment(0xDB, b"\0" + bytes([8] + [1] * 63)) + segment(0xC0, frame)
        + segment(0xC4, b"\0" + bytes([0, 0, 0, 12] + [0] * 12) + bytes(range(12)))
        + segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
        + segment(0xDA, bytes([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])) + scan + b"\xff\xd9"
    )


def png(width, height, depth, kind, interlaced, rows, extra=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def adam7(array):
    for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = array[y::dy, x::dx]
        yield from (row.tobytes() for row in part if part.size)


def pngs():
    deep = (RAMP.astype(">u2") * 257 + 100).astype(">u2")  # still nearest to the same 8 bits
    write("rgb16.png", png(7, 5, 16, 2, 0, [row.tobytes() for row in deep]))
    write("grey16.png", png(7, 5, 16, 0, 0, [row.tobytes() for row in deep[:, :, 0]]))
    write("interlaced.png", png(7, 5, 8, 2, 1, list(adam7(RAMP))))
    assert (np.array(Image.open(HERE / "interlaced.png")) == RAMP).all()
    write("huge.png", png(0x7FFFFFFF, 0x7FFFFFFF, 8, 6, 0, [b"\0"]))
    write("wide.png", png(16385, 1, 8, 0, 0, [bytes(16385)]))
    indexed = Image.fromarray(np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.uint8), "P")
    indexed.putpalette([10, 20, 30, 200, 0, 0, 0, 200, 0, 0, 0, 200])
    picture("palette.png", indexed)
    picture("palette_alpha.png", indexed, transparency=bytes([0, 128, 255, 255]))
    picture("grey.png", Image.fromarray(RAMP[:, :, 0]))
    picture("grey_alpha.png", Image.fromarray(np.concatenate([RAMP[:, :, :1], ALPHA], 2), "LA"))
    picture("black_white.png", Image.fromarray(np.eye(5, dtype=bool)))
    whole = picture("rgba.png", Image.fromarray(np.concatenate([RAMP, ALPHA], 2)))
    write("cut.png", whole[:-20])
    write("damaged.png", whole.replace(b"IDAT", b"IDAT\xff", 1))
    picture("turned.png", Image.fromarray(RAMP).transpose(Image.Transpose.ROTATE_90), exif=exif(6, ">"))


def webps():
    lossy = picture("lossy.webp", Image.fromarray(SQUARES), quality=95)
    lossless = picture("lossless.webp", Image.fromarray(RAMP), lossless=True)
    rgba = Image.fromarray(np.concatenate([RAMP, ALPHA], 2))
    picture("alpha.webp", rgba, lossless=True, exact=True)
    picture("lossy_alpha.webp", rgba, quality=90)
    picture("turned.webp", Image.fromarray(RAMP).transpose(Image.Transpose.ROTATE_90), lossless=True, exif=exif(6, "<"))
    picture("animated.webp", Image.fromarray(RAMP), save_all=True, append_images=[Image.fromarray(255 - RAMP)])
    write("cut_lossy.webp", lossy[:-10])
    write("cut_lossless.webp", lossless[:-10])
    # Cut off, and both lengths made to fit.
    short = lossy[:-30]
    short = short[:4] + struct.pack("<I", len(short) - 8) + short[8:16] + struct.pack("<I", len(short) - 20) + short[20:]
    write("damaged.webp", short)


def array(name, values, version=None):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, version)
    write(name, buffer.getvalue())


def arrays():
    values = np.arange(6).reshape(2, 3)
    array("float32.npy", (values * 0.5 - 1).astype("<f4"))
    array("float64.npy", (values * 0.1).astype("<f8"))
    array("int32.npy", (values - 3).astype("<i4"))
    array("int64.npy", (values << 40).astype("<i8"))
    array("uint8.npy", (values * 51).astype("u1"))
    array("version2.npy", values.astype("<f4"), (2, 0))
    array("version3.npy", values.astype("<f4"), (3, 0))
    array("vector.npy", np.array([1.5], "<f4"))
    array("scalar.npy", np.array(7, "<f4"))
    array("empty.npy", np.zeros((0, 3), "<f4"))
    array("four_axes.npy", np.arange(24, dtype="<f4").reshape(1, 2, 3, 4))
    array("fortran.npy", np.asfortranarray(values.astype("<f4")))
    array("big_endian.npy", values.astype(">f4"))
    array("complex.npy", values.astype("<c8"))
    array("fields.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))


def archives():
    two = {"first": np.arange(6, dtype="<f4").reshape(2, 3), "second": np.array([1, 2, 255], "u1")}
    for name, save in ("stored.npz", np.savez), ("compressed.npz", np.savez_compressed):
        buffer = io.BytesIO()
        save(buffer, **two)
        write(name, buffer.getvalue())
        if save is np.savez:
            stored = buffer.getvalue()
    write("cut.npz", stored[:-30])
    at = stored.index(np.float32(5).tobytes())
    write("damaged.npz", stored[:at] + b"\1" + stored[at + 1 :])
    wide = zip64(stored, 1)
    assert np.load(io.BytesIO(wide))["second"].tolist() == [1, 2, 255]
    write("wide.npz", wide)
    write("overlapping.npz", zip64(stored, 9))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as other:
        other.writestr(zipfile.ZipInfo("notes.txt"), "hello")
    write("other.npz", buffer.getvalue())


def zip64(stored, copies):
    """The same archive with every size and place in zip64 fields, as files above 4 GiB have them.

    With several copies, the directory names the same bytes again and again.
    """
    source = zipfile.ZipFile(io.BytesIO(stored))
    entries = [("" if copy == 0 else f"{copy}_", info) for copy in range(copies) for info in source.infolist()]
    start, directory = source.start_dir, b""
    for prefix, info in entries:
        name = (prefix + info.filename).encode()
        extra = struct.pack("<HHQQQ", 1, 24, info.file_size, info.compress_size, info.header_offset)
        extra = struct.pack("<HHI", 0x7777, 4, 0) + extra  # a field of somebody else's before it
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 0, 0, 0, info.CRC, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra),
            0, 0, 0, 0, 0xFFFFFFFF) + name + extra
    end, count = start + len(directory), len(entries)
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return stored[:start] + directory + record + locator + last


for make in jpegs, pngs, webps, arrays, archives:
    make()
