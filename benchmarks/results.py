"""What compare.py measured, as a page and as a picture."""

import statistics
import textwrap

TITLES = {"faceseg": "**FaceSeg**", "faceseg fast": "**FaceSeg, fast**", "faceseg avx2": "**FaceSeg, AVX2 only**"}
LOADING = ("opened", "ready", "first", "sum")  # seconds, one after the other


def is_fast(runtime):
    """Whether it computes with numbers of 16 bits or fewer."""
    return runtime.endswith(("fast", "bf16"))


def best(runs, key="median"):
    """Over the rounds: the median of medians, the least of the others; None where none was measured."""
    values = [run[key] for run in runs or [] if run[key] is not None]
    if not values:
        return None
    return min(values) if key in ("minimum", *LOADING) else statistics.median(values)


def of(net, runtime, threads, key="median"):
    return best(net.runs.get((runtime, threads)), key)


def ran(net, runtimes):
    return [name for name in runtimes if of(net, name, 1) is not None and of(net, name, 2) is not None]


def paragraph(text):
    return ["", *textwrap.wrap(text, 118, break_long_words=False, break_on_hyphens=False)]


def times(net, runtimes, ours):
    lines = ["", "| runtime | 2 threads, ms | least | 1 thread, ms | 1 -> 2 | FaceSeg is faster by | largest error | "
             "right labels, % |", "|---|---|---|---|---|---|---|---|"]
    for runtime in ran(net, runtimes):
        two, one = of(net, runtime, 2), of(net, runtime, 1)
        is_own = runtime.startswith("faceseg") or of(net, ours, 2) is None
        ratio = "" if is_own else f"{two / of(net, ours, 2):.2f} x"
        error, same = net.errors[runtime]
        lines.append(f"| {TITLES.get(runtime, runtime)} | {two:.1f} | {of(net, runtime, 2, 'minimum'):.1f} | {one:.1f} "
                     f"| {one / two:.2f} | {ratio} | {error:.0e} | {100 * same:.2f} |")
    return lines


def shares(net, peaks):
    """How much of what the processor can do is done: products that the plan leaves, over the time and the peak."""
    lines = ["", "| kernels | GFLOP by definition | left by the plan | threads | peak, GFLOP/s | floor, ms | ms | "
             "of the peak, % |", "|---|---|---|---|---|---|---|---|"]
    for runtime in ran(net, net.left):
        for threads in (2, 1):
            peak = peaks["avx2" if runtime.endswith("avx2") else "widest", threads]
            floor, time = net.left[runtime] / peak / 1e6, of(net, runtime, threads)
            lines.append(f"| {TITLES[runtime]} | {net.flops / 1e9:.2f} | {net.left[runtime] / 1e9:.2f} | {threads} "
                         f"| {peak:.0f} | {floor:.2f} | {time:.2f} | {100 * floor / time:.0f} |")
    return lines


def loading(net, runtimes):
    lines = ["", "| runtime | opened, s | ready, s | first result, s | sum, s | peak memory, MiB | before opening, MiB "
             "|", "|---|---|---|---|---|---|---|"]
    for runtime in ran(net, runtimes):
        seconds = [of(net, runtime, 2, key) for key in LOADING]
        shown = " | ".join("" if value is None else f"{value:.3f}" for value in seconds)
        lines.append(f"| {TITLES.get(runtime, runtime)} | {shown} | {of(net, runtime, 2, 'peak'):.0f} "
                     f"| {of(net, runtime, 2, 'before'):.0f} |")
    return lines


def whole_photo(photo):
    lines = ["", "| precision | threads | ms | least | photo in and network | of it the network | labels out | "
             "labels as exact, % |", "|---|---|---|---|---|---|---|---|"]
    for (precision, threads), runs in sorted(photo.items(), key=lambda item: (item[0][0], -item[0][1])):
        ms = [f"{best(runs, key):.2f}" for key in ("median", "minimum", "run", "network", "labels")]
        lines.append(f"| {precision} | {threads} | {' | '.join(ms)} | {100 * best(runs, 'same'):.2f} |")
    return lines


def section(net, runtimes, peaks):
    exact = [name for name in runtimes if not is_fast(name)] + net.more
    fast = [name for name in runtimes if is_fast(name)]
    lines = ["", f"## {net.title}", *times(net, exact, "faceseg")]
    ours = "faceseg fast" if "faceseg fast" in fast else "faceseg"
    beside = "" if ours in fast else ", against FaceSeg's of 32"
    lines += [*paragraph(f"With products of 16 bits{beside}:"), *times(net, fast, ours)]
    return lines + [*paragraph("Share of the processor's peak:"), *shares(net, peaks)]


def markdown(nets, runtimes, photo, peaks, head):
    lines = ["# Speed", *paragraph(f"{head}."), *paragraph(
        f"Measured peak, fp32: {peaks['widest', 2]:.0f} GFLOP/s on two cores, {peaks['widest', 1]:.0f} on one. Written "
        "by `make bench`; medians over rounds of fresh processes. Errors are the largest difference to Caffe's scores "
        "(FCN-8s) or to double precision, of the largest score. The plan (`faceseg info --plan`) leaves fewer products "
        "than the definition: transforms and borders skip some.")]
    for net in nets:
        lines += section(net, runtimes, peaks)
    lines += ["", "## A whole photo", *paragraph(
        "1280 x 720 RGB in, labels out, built-in network, through the C face, into buffers made before; medians, ms."),
        *whole_photo(photo)]
    lines += ["", "## Loading and memory", *paragraph(
        f"{nets[0].title}, 537 MB of weights in the system's cache, free memory written once before, 2 threads; peak "
        "of a fresh process that loads and runs, and what it had before, Python and the runtime's module being loaded. "
        "Opened: the net's layers are known. Ready: all is done that the runtime does before its first run, such as "
        "packing the weights; with opening, where its API does not separate the two."), *loading(nets[0], runtimes)]
    return "\n".join(lines) + "\n"


def picture(nets, runtimes, path):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(2, (len(nets) + 1) // 2, figsize=(11, 6.4))
    for axis, net in zip(axes.flat, nets):
        shown = ran(net, runtimes)[::-1]
        bars = axis.barh(shown, [of(net, name, 2) for name in shown],
                         color=["#c44e52" if name.startswith("faceseg") else "#8c8c8c" for name in shown])
        axis.bar_label(bars, [f" {bar.get_width():.{0 if bar.get_width() >= 100 else 1}f}" for bar in bars], fontsize=8)
        axis.set_title(net.title, fontsize=9)
        axis.set_xlabel("milliseconds, 2 threads")
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
