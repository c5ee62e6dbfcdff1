"""The application: the page, the photos' way through it, what browsers are told to allow. Not cameras, not pictures."""

from __future__ import annotations

import asyncio
import threading
import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import anyio
from fastapi import FastAPI, Query, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .._errors import FaceSegError, Status
from .._library import runtime
from .._model import Model
from .._session import Session
from ._live import Cameras
from ._photos import Photo, Refused, decode
from ._pictures import Wanted, picture, png, shares
from ._settings import Settings

__all__ = ["Settings", "make_app"]
PAGE = Path(__file__).with_name("page")
CLIENT_LEFT = 499  # nobody reads it
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PHOTO_BODY = {
    "requestBody": {
        "description": "The photo's file: JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF.",
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
SENTENCE = {
    "content": {"application/json": {"schema": {"type": "object", "properties": {"detail": {"type": "string"}}}}}
}
ANSWERS: dict[Any, Any] = {
    200: {"content": {"image/png": {}}, "description": "The picture, of the photo's size, upright."},
    400: {"description": "The body is empty.", **SENTENCE},
    403: {"description": "Another site's page asks.", **SENTENCE},
    413: {"description": "Too many bytes or pixels.", **SENTENCE},
    415: {"description": "Not a photo.", **SENTENCE},
    422: {"description": "A damaged photo, or a parameter that is not known.", **SENTENCE},
    503: {"description": "No memory for it, or the server is ended.", **SENTENCE},
}


def make_app(settings: Settings = Settings()) -> FastAPI:
    """The application as ASGI servers take it. It keeps nothing of a photo when its answer is gone."""
    server = Server(settings)
    app = FastAPI(
        title="FaceSeg",
        version=runtime().version,
        description='Face and hair masks of photos. Errors are `{"detail": sentence}`.',
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.server = server
    app.add_middleware(ToldToBrowsers)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.post("/api/segment", response_class=Response, responses=ANSWERS, openapi_extra=PHOTO_BODY)(server.segment)
    app.get("/api/about")(server.about)
    app.websocket("/api/live")(server.live)
    app.mount("/", StaticFiles(directory=PAGE, html=True))
    return app


class Server:
    """One model, shared by all; a session for each photo and each camera."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.model = Model(network=settings.network)
        self.cameras = Cameras(self.model, settings)
        self.is_ending = threading.Event()
        """Set when the program is told to end: runs are cancelled."""
        self.places = anyio.CapacityLimiter(settings.at_once)

    async def about(self) -> dict[str, Any]:
        """What runs here, and its limits."""
        return {
            "version": runtime().version,
            "network": self.model.name,
            "license": self.model.license,
            "classes": self.model.class_names,
            "max_bytes": self.settings.max_bytes,
            "max_pixels": self.settings.max_pixels,
        }

    async def segment(self, request: Request, wanted: Annotated[Wanted, Query()]) -> Response:
        """A photo in, one picture of it out, as PNG.

        The header `FaceSeg-Shares` has the shares of background, face and hair of the pixels, `Server-Timing` what the
        steps took. The photo's colour profile stays, all else that its file tells is left out.
        """
        if not _same_origin(request):
            raise Refused(403, "Another site's page asked: only the page of this server may.")
        data = await self._body(request)
        open_session = partial(Session, self.model, threads=self.settings.threads, refine=wanted.refine)
        with await anyio.to_thread.run_sync(open_session) as session:
            left = threading.Event()
            watch = asyncio.create_task(_set_when_left(request, left))
            try:
                return await anyio.to_thread.run_sync(self._work, session, data, wanted, left, limiter=self.places)
            except MemoryError:
                raise Refused(503, "There is not enough memory for this photo now.") from None
            finally:
                watch.cancel()

    async def live(self, socket: WebSocket) -> None:
        """Frames of a camera: see docs/web.md."""
        if _same_origin(socket):
            await self.cameras.serve(socket)
        else:
            await socket.close()

    async def _body(self, request: Request) -> bytes:
        """Reads no further than the limit."""
        most = self.settings.max_bytes
        sentence = f"The file is too large: {most / 2**20:g} MiB are the most here."
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > most:
            raise Refused(413, sentence)
        data = bytearray()
        try:
            async for part in request.stream():
                if len(data) + len(part) > most:
                    raise Refused(413, sentence)
                data += part
        except ClientDisconnect:
            raise Refused(CLIENT_LEFT, "Cancelled.") from None
        return bytes(data)

    def _work(self, session: Session, data: bytes, wanted: Wanted, left: threading.Event) -> Response:
        times = [time.perf_counter()]
        photo = decode(data, self.settings.max_pixels)
        times.append(time.perf_counter())
        self._run(session, photo, left)
        image = picture(session, photo.pixels, wanted)
        times.append(time.perf_counter())
        file = png(image, photo.profile)
        times.append(time.perf_counter())
        steps = zip(("decode", "segment", "encode"), times, times[1:])
        headers = {
            "Cache-Control": "no-store",
            "FaceSeg-Shares": " ".join(f"{share:.4f}" for share in shares(session)),
            "Server-Timing": ", ".join(f"{name};dur={1000 * (end - start):.1f}" for name, start, end in steps),
        }
        return Response(file, media_type="image/png", headers=headers)

    def _run(self, session: Session, photo: Photo, left: threading.Event) -> None:
        try:
            session.run(photo.pixels, progress=lambda _: not (left.is_set() or self.is_ending.is_set()))
        except FaceSegError as error:
            if left.is_set():
                raise Refused(CLIENT_LEFT, "Cancelled.") from None
            if self.is_ending.is_set():
                raise Refused(503, "The server was ended.") from None
            raise Refused(503 if error.status == Status.OUT_OF_MEMORY else 422, error.message) from None


async def _set_when_left(request: Request, left: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    left.set()


def _same_origin(asked: HTTPConnection) -> bool:
    """Browsers say which site's page asks. Another's may neither use this machine's time nor read what comes back."""
    origin = asked.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == asked.headers.get("host")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return JSONResponse({"detail": error.sentence}, error.status)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return JSONResponse({"detail": f"{first['loc'][-1]} is {first['input']!r}. {first['msg']}."}, 422)


class ToldToBrowsers:
    """Adds what a browser is to allow to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self.app(scope, receive, told)
