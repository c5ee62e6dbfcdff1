"""examples/spark on all processors here against one process on them, faceseg.map, over the same files: files in,
Parquet out.

    python benchmarks/spark.py DATA [--photos 20000] [--rounds 3]       (make bench-spark)

DATA: a folder of photos, linked under other names until there are enough. Both have started up: Spark has run a job, and
either has opened its sessions. Rounds alternate, and the least of each counts. Spark's own time for planning and
starting a job, and for the last tasks, when not all processors are busy, is within its figure.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

import faceseg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples/spark"))
import photo_rows  # noqa: E402
import segment_photos  # noqa: E402

COLUMNS = pa.schema([
    ("path", pa.string()), ("width", pa.int32()), ("height", pa.int32()), ("face", pa.float64()),
    ("hair", pa.float64()),
    ("heads", pa.list_(pa.struct([
        ("x", pa.int32()), ("y", pa.int32()), ("width", pa.int32()), ("height", pa.int32()),
        ("confidence", pa.float64())]))),
    ("mask", pa.binary()), ("error", pa.string())])


def linked(data, count, folder):
    """So many small photos, as files of their own."""
    found = sorted(path for path in Path(data).rglob("*") if path.suffix in (".jpg", ".png"))
    for i, path in enumerate(islice(cycle(found), count)):
        shutil.copyfile(path, folder / f"{i:06}{path.suffix}")
    return sorted(map(str, folder.iterdir()))


def one_process(paths, output):
    """Seconds. Rows as Spark's, but for the milliseconds, which threads that share an interpreter cannot tell."""
    begin, rows = time.perf_counter(), []
    with pyarrow.parquet.ParquetWriter(output, COLUMNS) as file:
        for path, row in zip(paths, faceseg.map(paths, photo_rows.segmented, on_error="return")):
            rows.append({"path": path, **(row if isinstance(row, dict) else {"error": str(row)})})
            if len(rows) == 500:
                file.write_table(pa.Table.from_pylist(rows, COLUMNS))
                rows = []
        file.write_table(pa.Table.from_pylist(rows, COLUMNS))
    return time.perf_counter() - begin


def by_spark(spark, folder, output, photos_per_task):
    begin = time.perf_counter()
    segment_photos.segment(spark, folder, output, photos_per_task)
    return time.perf_counter() - begin


def same(first, second):
    """Whether both wrote the same masks and shares."""
    columns = ["path", "face", "hair", "mask"]
    tables = [pyarrow.parquet.read_table(output, columns=columns).sort_by("path") for output in (first, second)]
    return all(one.to_pylist() == other.to_pylist() for one, other in zip(*[t.to_batches(500) for t in tables]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--photos", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos-per-task", type=int, default=250)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        photos, work = Path(work) / "photos", Path(work)
        photos.mkdir()
        (work / "warm").mkdir()
        paths = linked(options.data, options.photos, photos)
        for path in paths[:40]:
            os.link(path, work / "warm" / os.path.basename(path))
        spark = segment_photos.opened_spark()
        by_spark(spark, str(work / "warm"), str(work / "warmed"), 5)
        one_process(paths[:40], work / "warmed.parquet")
        times = []
        for number in range(options.rounds):
            print(f"round {number + 1}", flush=True)
            one = one_process(paths, work / f"{number}.parquet")
            other = by_spark(spark, str(photos), str(work / str(number)), options.photos_per_task)
            times.append((one, other))
            print(f"one process {one:.1f} s, Spark {other:.1f} s", flush=True)
        is_same = same(work / "0.parquet", work / "0")
        spark.stop()
    one, other = map(min, zip(*times))
    print(f"{options.photos} photos, {faceseg.runtime().threads} processors, least of {options.rounds} rounds:"
          f" one process {options.photos / one:.1f} photos a second, Spark {options.photos / other:.1f},"
          f" {100 * (other / one - 1):+.1f} % time; {'the same' if is_same else 'DIFFERENT'} results")


if __name__ == "__main__":
    main()
