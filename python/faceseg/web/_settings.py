"""What a server is told when it starts."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """Network, threads and limits of a server."""

    network: str = "standard"
    """``"standard"`` or ``"small"``, as :class:`faceseg.Model` takes it."""
    threads: int = 0
    """Of each session, 1 to 1024; 0: one a processor."""
    max_bytes: int = 32 * 1024 * 1024
    """Of a photo's file. Reading stops there."""
    max_pixels: int = 50_000_000
    """Of a photo. Its header is asked, before anything is decoded."""
    at_once: int = 4
    """Photos that are worked on at the same time; others wait."""
    max_live: int = 8
    """Cameras at the same time; others are refused."""
