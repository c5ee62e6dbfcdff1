# Plots: what is drawn where, in the library's own colours, and that nothing is shown unasked.
import subprocess
import sys

import numpy as np
import pytest

import faceseg

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def no_window():
    matplotlib.use("Agg")


def drawn(axes):
    return np.asarray(axes.images[0].get_array())


def test_labels(session, photo):
    labels = session.segment(photo)
    figure = faceseg.plot(photo, labels, heads=session.heads())
    assert [axes.get_title() for axes in figure.axes] == ["photo", "overlay", "labels"]
    assert np.array_equal(drawn(figure.axes[0]), photo) and len(figure.axes[0].patches) == 2 * len(session.heads()) > 0
    overlay = session.segment(photo, output="overlay").astype(int)
    assert np.abs(drawn(figure.axes[1]) - overlay).max() <= 1
    colors = drawn(figure.axes[2])
    for label, color in enumerate([(0, 0, 0), (128, 0, 0), (0, 128, 0)]):  # PASCAL VOC's first three
        assert (colors[labels == label] == color).all()
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    shares = np.bincount(labels.ravel()) / labels.size
    assert names == [f"{name} {share:.1%}" for name, share in zip(("background", "face", "hair"), shares)]


def test_probabilities_alpha_and_bgr(session, small):
    session.run(small)
    by_probabilities = faceseg.plot(small, session.probabilities())
    assert np.array_equal(drawn(by_probabilities.axes[2]), drawn(faceseg.plot(small, session.labels()).axes[2]))
    alpha = session.alpha()
    figure = faceseg.plot(small[..., ::-1], alpha, channels="bgr")
    assert np.array_equal(drawn(figure.axes[0]), small) and np.array_equal(drawn(figure.axes[2]), alpha)
    assert figure.axes[2].get_title() == "alpha"


def test_classes_and_figures_of_ones_own(tmp_path):
    import matplotlib.pyplot as pyplot

    labels = np.arange(21).reshape(3, 7)
    figure = pyplot.figure()
    assert (
        faceseg.plot(np.zeros((3, 7), np.uint8), labels, class_names=list("abcdefghijklmnopqrstu"), figure=figure)
        is figure
    )
    assert figure.legends[0].get_texts()[20].get_text() == "u 4.8%"
    assert tuple(drawn(figure.axes[2])[2, 6]) == (0, 64, 128)  # VOC's tvmonitor, class 20
    numbered = faceseg.plot(np.zeros((3, 7), np.uint8), labels).legends[0].get_texts()
    assert numbered[20].get_text() == "class 20 4.8%"
    figure.savefig(tmp_path / "plot.png")
    pyplot.close(figure)
    assert pyplot.get_fignums() == []  # those that plot made itself are not pyplot's


def test_show(monkeypatch, small):
    import matplotlib.pyplot as pyplot

    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(pyplot.gcf().axes[1].get_title()))
    faceseg.plot(small, faceseg.segment(small))
    assert shown == []
    faceseg.show(small, faceseg.segment(small))
    assert shown == ["overlay"] and pyplot.get_fignums() == []


def test_refused(small):
    with pytest.raises(ValueError, match=r"result has shape \(3, 3\); \(130, 97\) is wanted"):
        faceseg.plot(small, np.zeros((3, 3), int))
    with pytest.raises(TypeError, match="dtype bool"):
        faceseg.plot(small, np.zeros((130, 97), bool))
    with pytest.raises(ValueError, match="labels from -1 to 0"):
        faceseg.plot(small, np.full((130, 97), -1).cumsum(0).clip(-1, 0) * (np.arange(97) > 3))
    with pytest.raises(ValueError, match="class_names has 1 names; labels go to 1"):
        faceseg.plot(small, np.ones((130, 97), np.uint8), class_names=["only"])


def test_matplotlib_is_not_needed():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import faceseg, numpy\n"
        "try: faceseg.plot(numpy.zeros((9, 9), numpy.uint8), numpy.zeros((9, 9), int))\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install matplotlib" in done.stdout, done.stderr
