# examples/spark, run by real Spark: each row is what faceseg and Pillow say of its photo alone, and nothing is lost when
# files are broken, jobs are killed or workers die.
#
#     make test-spark
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image

import faceseg

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples/spark"
sys.path.insert(0, str(EXAMPLE))
import photo_rows  # noqa: E402
import segment_photos  # noqa: E402


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = segment_photos.SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    spark.sparkContext.addPyFile(photo_rows.__file__)
    yield spark
    spark.stop()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """A folder of twelve photos of several kinds, one of them lying on its side, two broken files and a text."""
    folder = tmp_path_factory.mktemp("photos")
    whole = Image.open(REPOSITORY / "examples/photos/astronaut.png").convert("RGB")
    (folder / "below").mkdir()
    for i in range(10):
        whole.crop((100 + 3 * i, i, 330 + 2 * i, 200 + 5 * i)).save(folder / f"below/{i}.jpg", quality=95)
    whole.convert("L").save(folder / "grey.png")
    exif = Image.Exif()
    exif[0x0112] = 8
    whole.crop((60, 0, 400, 300)).rotate(-90, expand=True).save(folder / "lying.JPEG", exif=exif)
    bytes_ = (folder / "below/0.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(bytes_[: len(bytes_) // 2])
    (folder / "text.jpg").write_text("no picture")
    (folder / "notes.txt").write_text("not looked at")
    return folder


def rows(output):
    """By path; each path once."""
    given = pyarrow.parquet.read_table(output).to_pylist()
    assert len({row["path"] for row in given}) == len(given)
    return {row["path"]: row for row in given}


def check(row):
    """The row of a photo that opens, against faceseg and Pillow alone."""
    with Image.open(row["path"]) as image:
        pixels = np.asarray(Image.fromarray(np.rot90(np.asarray(image))) if "lying" in row["path"] else image)
    labels = faceseg.segment(pixels)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(row["mask"]))), labels)
    assert (row["height"], row["width"]) == labels.shape
    assert row["face"] == pytest.approx((labels == 1).mean()) and row["hair"] == pytest.approx((labels == 2).mean())
    with faceseg.Session() as session:
        session.run(pixels)
        boxes = [(head.x, head.y, head.width, head.height) for head in session.heads()]
    assert [(head["x"], head["y"], head["width"], head["height"]) for head in row["heads"]] == boxes
    assert row["error"] is None and row["milliseconds"] > 0


def test_rows_and_errors(spark, photos, tmp_path):
    output = str(tmp_path / "out")
    assert segment_photos.segment(spark, str(photos), output, 5) == 14
    found = rows(output)
    broken = {str(photos / "half.jpg"): "OSError", str(photos / "text.jpg"): "UnidentifiedImageError"}
    for path, row in found.items():
        if path in broken:
            assert row["error"].startswith(broken[path]) and all(
                row[name] is None for name in ("width", "face", "heads", "mask")
            )
        else:
            check(row)
    assert len(found) == 14 and found[str(photos / "lying.JPEG")]["width"] == 340
    assert segment_photos.segment(spark, str(photos), output, 5) == 0


def test_lists_and_restart(spark, photos, tmp_path):
    output, some = str(tmp_path / "out"), [str(path) for path in sorted((photos / "below").iterdir())]
    (tmp_path / "list.txt").write_text("\n".join(some[:4] + some[:1]) + "\n\nnowhere.jpg\n")
    assert segment_photos.segment(spark, str(tmp_path / "list.txt"), output, 2) == 5
    before = {file: os.stat(file).st_mtime_ns for file in Path(output).glob("*.parquet")}
    table = pyarrow.table({"path": some[2:6], "other": range(4)})
    pyarrow.parquet.write_table(table, tmp_path / "list.parquet")
    assert segment_photos.segment(spark, str(tmp_path / "list.parquet"), output, 2) == 2
    assert segment_photos.segment(spark, str(photos / "**/*.jpg"), output, 2) == 6
    found = rows(output)
    assert sorted(found) == sorted(some + ["nowhere.jpg", str(photos / "half.jpg"), str(photos / "text.jpg")])
    assert found["nowhere.jpg"]["error"].startswith("FileNotFoundError")
    assert all(os.stat(file).st_mtime_ns == time for file, time in before.items())


def test_more_rows_than_are_handed_back_at_once(spark, tmp_path):
    (tmp_path / "list.txt").write_text("\n".join(f"nowhere{i}.jpg" for i in range(3 * photo_rows.ROWS + 7)))
    assert (
        segment_photos.segment(spark, str(tmp_path / "list.txt"), str(tmp_path / "out"), 1000)
        == 3 * photo_rows.ROWS + 7
    )
    assert len(rows(tmp_path / "out")) == 3 * photo_rows.ROWS + 7


def test_guide(spark, photos, tmp_path, monkeypatch, capsys):
    """Its Python reads what the job wrote."""
    segment_photos.segment(spark, str(photos / "*.[jJp]*"), str(tmp_path / "faces"), 5)
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs/spark.md").read_text("utf-8"), re.S)
    names = {}
    exec(block, names)
    assert len(names["rows"]) == 4 and "half.jpg" in capsys.readouterr().out and names["labels"].dtype == np.uint8


def test_schemes(spark, photos, tmp_path):
    output, uri = str(tmp_path / "out"), f"file://{photos}/below"
    assert segment_photos.segment(spark, uri, output, 5) == 10
    plain = np.asarray(Image.open(photos / "below/3.jpg"))
    mask = rows(output)[f"{uri}/3.jpg"]["mask"]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(mask))), faceseg.segment(plain))


def readers(path):
    """Processes that have a file open for reading."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(link) == str(path) and int(link.parts[2]) != os.getpid():
                yield int(link.parts[2])
        except OSError:
            pass


def killer(pipe, killed, end):
    """Kills -9 whoever opens the pipe: opening it for writing waits for a reader."""
    while not end.is_set():
        with open(pipe, "wb"):
            for process in set(readers(pipe)):
                killed.append(process)
                os.kill(process, signal.SIGKILL)
            time.sleep(0.3)


def test_a_worker_is_killed(spark, photos, tmp_path):
    """A photo on which its worker dies each time: the first death repeats the task, the second is that photo's row."""
    pipe = tmp_path / "deadly.jpg"
    os.mkfifo(pipe)
    some = sorted(str(path) for path in (photos / "below").iterdir())
    (tmp_path / "list.txt").write_text("\n".join(some[:5] + [str(pipe)] + some[5:]))
    killed, end = [], threading.Event()
    threading.Thread(target=killer, args=(pipe, killed, end), daemon=True).start()
    assert segment_photos.segment(spark, str(tmp_path / "list.txt"), str(tmp_path / "out"), 11) == 11
    end.set()
    found = rows(tmp_path / "out")
    assert len(killed) == 2 and found[str(pipe)]["error"] == "the process that segmented it died"
    for path in some:
        check(found[path])


def test_a_job_is_killed(photos, tmp_path):
    """What its tasks had finished stays, and the next run does the rest."""
    output, copies = tmp_path / "out", tmp_path / "photos"
    copies.mkdir()
    for i in range(60):
        os.link(photos / f"below/{i % 10}.jpg", copies / f"{i}.jpg")
    command = [sys.executable, EXAMPLE / "segment_photos.py", copies, output, "--photos-per-task", "3"]
    job = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    while len(list(output.glob("*.parquet"))) < 4 and job.poll() is None:
        time.sleep(0.01)
    os.killpg(job.pid, signal.SIGKILL)
    job.communicate()
    before = rows(output)
    assert 0 < len(before) < 60
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{60 - len(before)} photos segmented; {output} has 60 rows, 0 of them errors\n"
    after = rows(output)
    assert len(after) == 60 and all(after[path] == row for path, row in before.items())
