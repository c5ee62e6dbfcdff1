"""What compare.py measured, as a page and as a picture."""

import statistics


def best(net, runtime, threads, key="median"):
    """Over the rounds: the median of medians, the least of the others; None where it did not run."""
    runs = net.runs.get((runtime, threads))
    if not runs:
        return None
    values = [run[key] for run in runs]
    return statistics.median(values) if key == "median" else min(values)


def table(net, runtimes, peaks):
    ours = best(net, "faceseg", 2)
    lines = ["| runtime | 2 threads, ms | least | 1 thread, ms | 1 -> 2 | FaceSeg is faster by | load + first run, s | "
             "peak memory, MiB | largest error |", "|---|---|---|---|---|---|---|---|---|"]
    for runtime in runtimes:
        two, one = best(net, runtime, 2), best(net, runtime, 1)
        if two is None or one is None:
            continue
        ratio = "" if runtime == "faceseg" else f"{two / ours:.2f} x"
        load, first = best(net, runtime, 2, "load"), best(net, runtime, 2, "first")
        lines.append(
            f"| {'**FaceSeg**' if runtime == 'faceseg' else runtime} | {two:.1f} | {best(net, runtime, 2, 'minimum'):.1f} "
            f"| {one:.1f} | {one / two:.2f} | {ratio} | {load:.2f} + {first:.2f} | {best(net, runtime, 2, 'peak'):.0f} "
            f"| {net.errors[runtime]:.0e} |")
    share = [net.flops / best(net, "faceseg", t) / 1e6 / peaks[t] for t in (2, 1)]
    lines.append("")
    lines.append(
        f"By the definition the net is {net.flops / 1e9:.1f} GFLOP: in FaceSeg's time {share[0]:.2f} (2 threads) and "
        f"{share[1]:.2f} (1) times what the processor can do. Above 1 because transforms and borders skip products "
        "(`faceseg info --plan`).")
    return lines


def markdown(nets, runtimes, peaks, head):
    lines = ["# Speed", "", f"{head}.", "",
             f"Measured peak, fp32: {peaks[2]:.0f} GFLOP/s on both cores, {peaks[1]:.0f} on one. Written by `make bench`; "
             "medians over rounds of fresh processes."]
    for net in nets:
        lines += ["", f"## {net.title}", "", *table(net, runtimes, peaks)]
    return "\n".join(lines) + "\n"


def picture(nets, runtimes, path, head):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(1, len(nets), figsize=(11, 3.6))
    for axis, net in zip(axes, nets):
        shown = [name for name in runtimes if best(net, name, 2) is not None][::-1]
        times = [best(net, name, 2) for name in shown]
        bars = axis.barh(shown, times, color=["#c44e52" if name == "faceseg" else "#8c8c8c" for name in shown])
        axis.bar_label(bars, [f" {time:.3g}" for time in times], fontsize=8)
        axis.set_title(net.title, fontsize=10)
        axis.set_xlabel("milliseconds, 2 threads")
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
