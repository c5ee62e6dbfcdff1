"""examples/spark on all processors here against one process on them, faceseg.map, over the same files: files in,
Parquet out.

    python benchmarks/spark.py DATA [--photos 20000] [--rounds 3]       (make bench-spark)

DATA: a folder of photos, linked under other names until there are enough. Both have started up: Spark has run a job, and
either has opened its sessions. Rounds alternate, and the least of each counts. Spark's own time for planning and
starting a job, and for the last tasks, when not all processors are busy, is within its figure. What processors were
busy with it is counted too: on a machine that does other things beside, that tells more than the clock.
"""

import argparse
import os
import re
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


def family(process):
    """A process and those below it."""
    below = Path(f"/proc/{process}/task").glob("*/children")
    yield process
    for child in " ".join(path.read_text() for path in below).split():
        yield from family(child)


def processor_seconds():
    """That this program and all it started have taken, user and system, those that have ended too; and Java's of it."""
    every, java = 0, 0
    for process in family(os.getpid()):
        try:
            _, name, numbers = re.split(r"\((.*)\)", Path(f"/proc/{process}/stat").read_text())
        except OSError:  # it has just ended, and its parent counts it
            continue
        ticks = sum(map(int, numbers.split()[11:15]))
        every, java = every + ticks, java + ticks * (name == "java")
    return every / os.sysconf("SC_CLK_TCK"), java / os.sysconf("SC_CLK_TCK")


def measured(run, *arguments):
    """Seconds by the clock, of processors, and of them Java's."""
    before = time.perf_counter(), *processor_seconds()
    run(*arguments)
    return [after - begin for after, begin in zip((time.perf_counter(), *processor_seconds()), before)]


def one_process(paths, output):
    """Rows as Spark's, but for the milliseconds, which threads that share an interpreter cannot tell."""
    rows = []
    with pyarrow.parquet.ParquetWriter(output, COLUMNS) as file:
        for path, row in zip(paths, faceseg.map(paths, photo_rows.segmented, on_error="return")):
            rows.append({"path": path, **(row if isinstance(row, dict) else {"error": str(row)})})
            if len(rows) == 500:
                file.write_table(pa.Table.from_pylist(rows, COLUMNS))
                rows = []
        file.write_table(pa.Table.from_pylist(rows, COLUMNS))


def same(first, second):
    """Whether both wrote the same masks and shares."""
    columns = ["path", "face", "hair", "mask"]
    tables = [pyarrow.parquet.read_table(output, columns=columns).sort_by("path") for output in (first, second)]
    return tables[0].to_pylist() == tables[1].to_pylist()


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
        one_process(paths[:40], work / "warmed.parquet")
        times = []
        for number in range(options.rounds):
            print(f"round {number + 1}", flush=True)
            one = measured(one_process, paths, work / f"{number}.parquet")
            # Spark ends workers that were idle for a minute: this begins them again.
            segment_photos.segment(spark, str(work / "warm"), str(work / f"warmed{number}"), 5)
            other = measured(
                segment_photos.segment, spark, str(photos), str(work / str(number)), options.photos_per_task)
            times.append((one, other))
            print("one process %.1f s, %.1f s of processors; " % tuple(one[:2])
                  + "Spark %.1f s, %.1f s of processors, Java's %.1f s of that" % tuple(other), flush=True)
        is_same = same(work / "0.parquet", work / "0")
        spark.stop()
    print(f"{options.photos} photos, {faceseg.runtime().threads} processors, least of {options.rounds} rounds,"
          f" {'the same' if is_same else 'DIFFERENT'} results")
    for i, name in enumerate(("by the clock", "of processors")):
        one, other = (min(pair[which][i] for pair in times) for which in range(2))
        print(f"{name}: one process {1000 * one / options.photos:.2f} ms a photo, Spark"
              f" {1000 * other / options.photos:.2f}, {100 * (other / one - 1):+.1f} %")


if __name__ == "__main__":
    main()
