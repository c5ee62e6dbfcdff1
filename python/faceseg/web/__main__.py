"""``python -m faceseg.web``: serves the page on this machine. Exit code 1 when it cannot, 2 for a wrong option."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import socket
import sys
from types import FrameType
from typing import Callable, Optional, Sequence

PROGRAM = "python -m faceseg.web"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Serves until Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        import uvicorn
        import websockets  # noqa: F401  uvicorn takes it for the camera's frames

        from .app import Settings, make_app
    except ModuleNotFoundError as error:
        return _failed(f"{error.name} is missing: pip install 'faceseg[web]'")
    try:
        listening = _listen(options.host, options.port)
    except OSError as error:
        return _failed(_why(error, options.host, options.port))
    settings = Settings(options.network, options.threads, options.max_bytes, options.max_pixels)
    app = make_app(settings)
    config = uvicorn.Config(
        app,
        log_level="warning",
        limit_concurrency=64,
        ws_max_size=options.max_bytes,
        ws_per_message_deflate=False,  # pictures do not become smaller
        timeout_graceful_shutdown=10,  # an upload that stands still must not hold it
    )

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Optional[FrameType]) -> None:
            app.state.server.is_ending.set()
            super().handle_exit(sig, frame)

    host, port = listening.getsockname()[:2]
    print(f"FaceSeg is at http://{_in_address(host)}:{port}; Ctrl-C ends it", flush=True)
    if not ipaddress.ip_address(host).is_loopback:
        print("anyone who reaches this address can use it; browsers give it a camera over https only", flush=True)
    try:
        Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="A page that segments photos and a camera's pictures, served by this machine."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=_whole(0, 65535), default=8000, help="8000; 0: any that is free")
    parser.add_argument("--network", choices=["standard", "small"], default="standard", help="which built-in network")
    parser.add_argument("--threads", type=_whole(0, 1024), default=0, help="of each photo; 0: one a processor")
    parser.add_argument("--max-bytes", type=_whole(1, 2**31 - 1), default=32 << 20, help="of a photo's file (32 MiB)")
    parser.add_argument("--max-pixels", type=_whole(1, 2**28), default=50_000_000, help="of a photo (50 million)")
    return parser


def _whole(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {least} to {most}")
        return int(text)

    return number


def _listen(host: str, port: int) -> socket.socket:
    """Bound here, not by uvicorn, which would only log that it could not."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use: end what uses it, or choose another by --port"
    return f"cannot listen at {host}, port {port}: {error.strerror}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _failed(why: str) -> int:
    print(f"{PROGRAM}: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
