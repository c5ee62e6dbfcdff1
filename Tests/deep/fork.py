"""faceseg with Python's multiprocessing: fork, spawn and forkserver, before and after the parent's use, with sessions
of the parent's and with the parent's threads at work. Each case is a program of its own; every child must end well
and give the labels that the parent has.

Usage: fork.py [CASE WAY]
"""

import subprocess
import sys
import threading

CASES = ["before", "after", "session", "threads", "process"]
WAYS = ["fork", "spawn", "forkserver"]


def photo():
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)


def labels(_=None):
    import faceseg

    return faceseg.segment(photo())


session = None


def labels_of_the_parents_session(_=None):
    return session.segment(photo())


def same(results, wanted):
    return len(results) > 0 and all((result == wanted).all() for result in results)


def in_pool(way, function, count=4):
    import multiprocessing

    with multiprocessing.get_context(way).Pool(2) as pool:
        return pool.map_async(function, range(count)).get(120)


def before(way):
    """The parent imports faceseg and uses it after its children."""
    import faceseg  # noqa: F401

    results = in_pool(way, labels)
    return same(results, labels()) and same(in_pool(way, labels), labels())


def after(way):
    wanted = labels()
    return same(in_pool(way, labels), wanted) and (labels() == wanted).all()


def with_session(way):
    """A session that was opened and used before: only a fork has it in the child."""
    global session
    import faceseg

    session = faceseg.Session(threads=2)
    wanted = session.segment(photo())
    results = in_pool(way, labels_of_the_parents_session if way == "fork" else labels)
    return same(results, wanted) and (session.segment(photo()) == wanted).all()


def with_threads(way):
    """Threads of the parent's run photos while children are made."""
    wanted, go_on = labels(), threading.Event()

    def run_on():
        while not go_on.is_set():
            assert (labels() == wanted).all()

    workers = [threading.Thread(target=run_on) for _ in range(2)]
    for worker in workers:
        worker.start()
    results = [result for _ in range(3) for result in in_pool(way, labels)]
    go_on.set()
    for worker in workers:
        worker.join()
    return same(results, wanted)


def put(queue):
    queue.put(labels())


def single_process(way):
    """multiprocessing.Process, which ends the child its own way, and a second one after the first."""
    import multiprocessing

    context, wanted = multiprocessing.get_context(way), labels()
    for _ in range(2):
        queue = context.Queue()
        child = context.Process(target=put, args=(queue,))
        child.start()
        result = queue.get(timeout=120)
        child.join(120)
        if child.exitcode != 0 or not (result == wanted).all():
            return False
    return True


RUN = dict(zip(CASES, [before, after, with_session, with_threads, single_process]))


def main():
    if len(sys.argv) > 2:
        sys.exit(0 if RUN[sys.argv[1]](sys.argv[2]) else 1)
    for case in CASES:
        for way in WAYS:
            done = subprocess.run(
                [sys.executable, "-W", "ignore::DeprecationWarning", __file__, case, way],
                capture_output=True, text=True, timeout=300,
            )  # fmt: skip
            if done.returncode or done.stderr:
                sys.exit(f"{case}, {way}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"multiprocessing: {len(CASES)} cases by {', '.join(WAYS)}: the parent's labels in every child")


if __name__ == "__main__":
    main()
