"""A million photos: paths in, a row of Parquet a photo out, by Spark. Run it again and it goes on where it was.

    python segment_photos.py PHOTOS OUTPUT [--photos-per-task 500]

PHOTOS: a folder, a quoted pattern ("photos/**/*.jpg"), a text file of paths (.txt) or Parquet with a column `path`
(.parquet). Every worker must see them under these names; with a scheme (s3://, hdfs://) pyarrow reads them. OUTPUT:
a folder for Spark. Its columns: docs/spark.md.
"""

import argparse
import glob
import math
import os
import sys

import photo_rows
import pyarrow as pa
import pyarrow.fs
from pyspark.sql import SparkSession

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


def opened_spark():
    """What spark-submit says; without it all processors here, a task that fails being tried four times as on clusters."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("faceseg")
    if "PYSPARK_GATEWAY_PORT" not in os.environ:
        builder = builder.master("local[*,4]")
    spark = builder.getOrCreate()
    spark.sparkContext.addPyFile(photo_rows.__file__)
    return spark


def found(folder):
    """Pictures in a folder and below, by their endings."""
    system, inside = pyarrow.fs.FileSystem.from_uri(folder if "://" in folder else os.path.abspath(folder))
    scheme = folder.removesuffix(inside) if "://" in folder else ""
    files = system.get_file_info(pyarrow.fs.FileSelector(inside, recursive=True))
    return [scheme + file.path for file in files if file.is_file and file.path.lower().endswith(ENDINGS)]


def listed(spark, photos):
    """A frame of paths."""
    if photos.endswith(".parquet"):
        return spark.read.parquet(photos).select("path")
    if photos.endswith(".txt"):
        return spark.read.text(photos).withColumnRenamed("value", "path").where("trim(path) != ''")
    if "://" in photos or os.path.isdir(photos):
        paths = found(photos)
    else:
        paths = [os.path.abspath(path) for path in glob.glob(photos, recursive=True)]
    if not paths:
        sys.exit(f"segment_photos: no photos in {photos}")
    return spark.createDataFrame(pa.table({"path": paths}))


def written(spark, output):
    """What runs before this one wrote, or an empty frame."""
    path = spark._jvm.org.apache.hadoop.fs.Path(output)
    if not path.getFileSystem(spark._jsc.hadoopConfiguration()).exists(path):
        return spark.createDataFrame([], photo_rows.SCHEMA)
    return spark.read.schema(photo_rows.SCHEMA).parquet(output)


def segment(spark, photos, output, photos_per_task):
    """Segments what `output` has no row of; gives the number of photos."""
    spark.conf.set("spark.sql.shuffle.partitions", spark.sparkContext.defaultParallelism)
    paths = listed(spark, photos).distinct().join(written(spark, output).select("path"), "path", "left_anti").cache()
    count = paths.count()
    if count:
        rows = paths.repartition(math.ceil(count / photos_per_task)).mapInPandas(photo_rows.rows, photo_rows.SCHEMA)
        # A task's file is moved to its place when the task ends, not when all have: a job that is killed leaves it.
        writer = rows.write.mode("append").option("mapreduce.fileoutputcommitter.algorithm.version", "2")
        writer.parquet(output)
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos")
    parser.add_argument("output")
    parser.add_argument("--photos-per-task", type=int, default=500, help="and per file of the output (500)")
    options = parser.parse_args()
    spark = opened_spark()
    count = segment(spark, options.photos, options.output, options.photos_per_task)
    rows = written(spark, options.output)
    errors = rows.where("error is not null").count()
    print(f"{count} photos segmented; {options.output} has {rows.count()} rows, {errors} of them errors")
    spark.stop()


if __name__ == "__main__":
    main()
