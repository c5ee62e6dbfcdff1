# Sessions: threads, cancelling, progress, closing, limits.
import copy
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from conftest import NET

import faceseg
from faceseg._segment import _thread_session


def test_threads_share_a_model(small):
    photos = [np.ascontiguousarray(np.roll(small, 7 * i, axis=1)) for i in range(4)]
    wanted = [faceseg.segment(photo, output="probabilities") for photo in photos]
    with faceseg.Model() as model:

        def work(photo):
            with faceseg.Session(model, threads=1) as session:
                return [session.segment(photo, output="probabilities") for _ in range(3)]

        with ThreadPoolExecutor(4) as pool:
            for results, expected in zip(pool.map(work, photos), wanted):
                assert all(np.array_equal(result, expected) for result in results)


def test_threads_share_a_session(session, small):
    photos = [np.ascontiguousarray(small[: 130 - 20 * i]) for i in range(4)]
    wanted = [faceseg.segment(photo) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        for i, got in enumerate(pool.map(session.segment, photos * 5)):
            assert np.array_equal(got, wanted[i % 4])


def test_segment_has_a_session_a_thread(small):
    mine, wanted = _thread_session("guided"), faceseg.segment(small)
    assert _thread_session("guided") is mine
    with ThreadPoolExecutor(2) as pool:
        both = threading.Barrier(2)
        others = list(
            pool.map(lambda _: both.wait() >= 0 and (_thread_session("guided"), faceseg.segment(small)), range(2))
        )
    assert len({id(mine), id(others[0][0]), id(others[1][0])}) == 3
    assert all(np.array_equal(labels, wanted) for _, labels in others)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_same_bits_with_any_number_of_threads(small, threads):
    with faceseg.Session(threads=threads) as session:
        assert np.array_equal(
            session.segment(small, output="probabilities"), faceseg.segment(small, output="probabilities")
        )


def test_interpreter_lock_is_released(session, photo):
    """Another thread counts on while a run is under way."""
    inside, counted = threading.Event(), []

    def progress(done):
        inside.set()

    worker = threading.Thread(target=lambda: [session.run(photo, progress=progress) for _ in range(5)])
    worker.start()
    inside.wait()
    while worker.is_alive():
        counted.append(time.perf_counter())
        time.sleep(0)
    assert len(counted) > 100


def test_progress(session, small):
    shares, threads = [], set()
    session.run(small, progress=lambda done: shares.append(done) or threads.add(threading.get_ident()))
    assert len(shares) > 3 and shares == sorted(shares) and shares[0] >= 0 and shares[-1] == 1
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("value", [None, True, 1, 0, "go on"])
def test_progress_goes_on(session, small, value):
    session.run(small, progress=lambda done: value)
    session.labels()


@pytest.mark.parametrize("false", [False, np.False_])
def test_progress_cancels(session, small, false):
    session.run(small)
    with pytest.raises(faceseg.FaceSegError) as caught:
        session.run(small, progress=lambda done: false)
    assert caught.value.status_name == "FACESEG_CANCELLED"
    with pytest.raises(faceseg.FaceSegError, match="run a photo first"):
        session.labels()
    assert np.array_equal(session.segment(small), faceseg.segment(small))


@pytest.mark.parametrize("when", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_exception_in_progress_comes_out(session, small, kind, when):
    error, calls = kind("mine"), []

    def progress(done):
        if done >= when:
            calls.append(done)
            raise error

    with pytest.raises(kind) as caught:
        session.run(small, progress=progress)
    assert caught.value is error and len(calls) == 1
    with pytest.raises(faceseg.FaceSegError, match="run a photo first"):
        session.labels()
    assert np.array_equal(session.segment(small), faceseg.segment(small))


def test_interrupt_during_a_run_with_progress(session, small):
    # Python has no handler of its own where SIGINT is ignored from the beginning, as in a shell's background.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            session.run(small, progress=lambda done: signal.raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, before)
    session.run(small)


class Interrupted(BaseException):
    pass


def test_interrupt_at_any_moment_of_a_run_with_progress(session, small):
    """Also as the progress function begins, where ctypes would drop it."""

    def interrupt(*_):
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for i in range(60):
            signal.setitimer(signal.ITIMER_REAL, 0.01 + 0.0003 * i)
            with pytest.raises(Interrupted):
                while True:
                    session.run(small, progress=lambda done: None)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    session.run(small)


def test_session_opened_from_within_the_opening_of_another():
    """As a signal's handler or a __del__ may."""
    model = faceseg.Model()

    def open_within():
        with model._borrowed(), faceseg._model._shared_lock:
            faceseg.Session(model).close()
            faceseg.Session().close()

    thread = threading.Thread(target=open_within, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_fork_while_another_thread_opens_a_session():
    model, inside, go_on = faceseg.Model(), threading.Event(), threading.Event()

    def open_slowly():
        with model._borrowed(), faceseg._model._shared_lock:
            inside.set()
            go_on.wait(60)

    thread = threading.Thread(target=open_slowly)
    thread.start()
    inside.wait(10)
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        faceseg.Session(model, threads=1).close()
        faceseg.Session(threads=1).close()
        os._exit(0)
    go_on.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


def test_progress_must_not_call_its_session(session, small):
    for call in (session.labels, session.close, lambda: session.run(small)):
        with pytest.raises(RuntimeError, match="busy"):
            session.run(small, progress=lambda done: call())
    assert not session.closed


def test_progress_may_cancel_its_session_and_use_another(session, small):
    with pytest.raises(faceseg.FaceSegError) as caught:
        session.run(small, progress=lambda done: session.cancel())
    assert caught.value.status == faceseg.Status.CANCELLED
    session.run(small, progress=lambda done: faceseg.segment(small[:20, :20]).shape)


def test_cancel_from_another_thread(small):
    with faceseg.Session(faceseg.Model(NET)) as session:
        inside = threading.Event()
        go_on = threading.Event()

        def progress(done):
            inside.set()
            go_on.wait(10)

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(session.run, small, progress=progress)
            assert inside.wait(10)
            session.cancel()
            go_on.set()
            with pytest.raises(faceseg.FaceSegError) as caught:
                running.result()
        assert caught.value.status == faceseg.Status.CANCELLED
        session.run(small)
        session.cancel()  # without a run: nothing
        session.labels()


def test_close_waits_for_a_run(small):
    session, inside, go_on = faceseg.Session(), threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(session.run, small, progress=lambda done: inside.set() or go_on.wait(10))
        assert inside.wait(10)
        closing = pool.submit(session.close)
        time.sleep(0.05)
        assert not closing.done()
        go_on.set()
        running.result()
        closing.result()
    assert session.closed


def test_closed(small):
    session = faceseg.Session()
    session.run(small)
    session.close()
    session.close()
    session.cancel()
    for call in (
        session.labels,
        session.overlay,
        lambda: session.run(small),
        lambda: session.forward(np.ones((1, 3, 9, 9), np.float32)),
    ):
        with pytest.raises(ValueError, match="the session is closed"):
            call()


def test_closed_by_its_context(small):
    with faceseg.Session() as session:
        session.run(small)
    assert session.closed


def test_model_may_be_closed_first(small):
    model = faceseg.Model()
    session = faceseg.Session(model)
    model.close()
    gc.collect()
    assert np.array_equal(session.segment(small), faceseg.segment(small))
    with pytest.raises(ValueError, match="the model is closed"):
        faceseg.Session(model)


def test_closing_the_shared_model_breaks_nothing(small):
    session = faceseg.Session()
    session.model.close()
    assert np.array_equal(session.segment(small), faceseg.Session().segment(small))
    assert faceseg.Session().model is not session.model


def test_memory_limit(small):
    with faceseg.Session(memory_limit=1000) as session:
        with pytest.raises(faceseg.FaceSegError) as caught:
            session.run(small)
    assert caught.value.status == faceseg.Status.OUT_OF_MEMORY


def test_precision(small):
    exact, fast = faceseg.Session(), faceseg.Session(precision="fast")
    same = exact.segment(small) == fast.segment(small)
    assert same.mean() >= 0.995
    difference = np.abs(exact.probabilities() - fast.probabilities()).max()
    assert difference < 0.2
    with pytest.raises(ValueError, match="precision is 'fastest'; one of exact, fast is wanted"):
        faceseg.Session(precision="fastest")


def test_refinement(small):
    none, guided = faceseg.Session(refine="none"), faceseg.Session(refine="guided")
    assert np.array_equal(guided.segment(small), faceseg.Session().segment(small))
    assert np.array_equal(guided.segment(small), faceseg.segment(small))
    assert np.array_equal(none.segment(small), faceseg.segment(small, refine="none"))
    assert (none.segment(small) == guided.segment(small)).mean() >= 0.9
    soft, sharp = none.probabilities(), guided.probabilities()
    assert np.abs(soft - sharp).max() > 0.01
    assert np.abs(sharp.sum(axis=0) - 1).max() < 1e-5
    for opened in (lambda: faceseg.Session(refine="best"), lambda: faceseg.segment(small, refine="best")):
        with pytest.raises(ValueError, match="refine is 'best'; one of none, guided, matting, crf is wanted"):
            opened()


def test_numbers_out_of_range():
    for options in (
        {"threads": -1},
        {"threads": 1025},
        {"threads": 2**32 + 1},
        {"memory_limit": -1},
        {"memory_limit": 2**64},
    ):
        with pytest.raises(ValueError, match="is not between"):
            faceseg.Session(**options)
    with pytest.raises(TypeError):
        faceseg.Session(threads=1.5)
    faceseg.Session(threads=np.int64(1), memory_limit=2**64 - 1).close()


@pytest.mark.parametrize("model", [str(NET), NET, NET.read_bytes(), 7, faceseg.Model])
def test_a_model_is_opened_first(model, small):
    for use in (faceseg.Session, lambda model: faceseg.segment(small, model=model)):
        with pytest.raises(TypeError, match=rf"model is a {type(model).__name__}; open a file first: model=faceseg\.Model"):
            use(model)


@pytest.mark.parametrize("make", [faceseg.Session, faceseg.Model])
def test_handles_are_not_copied(make):
    with make() as handle:
        for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                duplicate(handle)


def child(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)


GROWTH = """
import faceseg, gc, numpy, threading
photo = numpy.zeros((130, 97, 3), numpy.uint8)

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def in_a_thread():
    thread = threading.Thread(target=faceseg.segment, args=(photo,))
    thread.start()
    thread.join()

def work(count):
    for _ in range(count):
        WORK
    gc.collect()

# A leak grows in every stretch; the allocator's own habits in some.
growth = []
work(5)
for _ in range(3):
    before = resident()
    work(20)
    growth.append(resident() - before)
print(min(growth))
"""


@pytest.mark.parametrize(
    "work",
    [
        "faceseg.Model()",
        "faceseg.Session().segment(photo)",
        "faceseg.Session(faceseg.Model()).segment(photo)",
        "faceseg.Session().run(photo.repeat(20, 0))",
        "faceseg.Session().forward(numpy.zeros((1, 3, 256, 256), numpy.float32))",
        "in_a_thread()",
    ],
)
def test_dropped_handles_give_their_memory_back(work):
    """In a program of its own: in this one, freed memory of other tests would hide a leak."""
    done = child(GROWTH.replace("WORK", work))
    assert int(done.stdout) < 10e6, done.stderr


def test_program_may_end_with_everything_open():
    done = child(
        "import faceseg, numpy, threading\n"
        "photo = numpy.zeros((64, 64, 3), numpy.uint8)\n"
        "session = faceseg.Session(); session.run(photo); faceseg.segment(photo)\n"
        "threading.Thread(target=lambda: [faceseg.segment(photo) for _ in range(10**6)], daemon=True).start()\n"
        "print('end')"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_forked_children_work():
    done = child(
        "import faceseg, numpy, multiprocessing as m\n"
        "photo = numpy.zeros((64, 64, 3), numpy.uint8)\n"
        "wanted = faceseg.segment(photo)\n"
        "with m.get_context('fork').Pool(2) as pool:\n"
        "    print(all((labels == wanted).all() for labels in pool.map(faceseg.segment, [photo] * 4)))"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")
