"""A camera's frames: one client, one WebSocket, one steady session, one frame at a time."""

from __future__ import annotations

from functools import partial
from typing import Literal

import anyio
from fastapi import WebSocket, WebSocketDisconnect
from PIL import Image
from pydantic import BaseModel, ConfigDict, ValidationError

from .._errors import FaceSegError
from .._model import Model
from .._recoloring import recolor
from .._session import Session
from ._photos import Refused, decode
from ._pictures import PALETTE, Color, Strength, Target, alpha_of, hexadecimal, jpeg, png
from ._settings import Settings

TRY_LATER = 1013  # of RFC 6455's registry


class Layer(BaseModel):
    """What a client wants of each frame, to lay over it."""

    model_config = ConfigDict(extra="forbid")

    layer: Literal["overlay", "alpha", "recolor"] = "overlay"
    target: Target = "head"
    color: Color = "8a2be2"
    strength: Strength = 1


class Cameras:
    """All clients that show their camera."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model, self._settings = model, settings
        self._count = 0
        self.sessions: set[Session] = set()
        """Open ones."""

    async def serve(self, socket: WebSocket) -> None:
        """Answers frames until the client leaves: each message of bytes, a JPEG say, by one picture of the frame's
        size; each text is a :class:`Layer` in JSON. What is wrong comes back as {"error": ...}."""
        await socket.accept()
        if self._count >= self._settings.max_live:
            await socket.close(TRY_LATER, f"{self._settings.max_live} cameras are shown already: try again later.")
            return
        self._count += 1
        try:
            await self._serve(socket)
        except WebSocketDisconnect:
            pass
        finally:
            self._count -= 1

    async def _serve(self, socket: WebSocket) -> None:
        open_session = partial(Session, self._model, threads=self._settings.threads, precision="fast", steady=True)
        with await anyio.to_thread.run_sync(open_session) as session:
            self.sessions.add(session)
            try:
                await self._answer(socket, session)
            finally:
                self.sessions.discard(session)

    async def _answer(self, socket: WebSocket, session: Session) -> None:
        wanted = Layer()
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                if message.get("bytes") is not None:
                    work = partial(_layer, session, message["bytes"], wanted, self._settings.max_pixels)
                    await socket.send_bytes(await anyio.to_thread.run_sync(work))
                else:
                    wanted = Layer.model_validate_json(message.get("text") or "")
            except ValidationError as error:
                await socket.send_json({"error": f"These are no settings: {error.errors()[0]['msg']}."})
            except Refused as refused:
                await socket.send_json({"error": refused.sentence})
            except FaceSegError as error:
                await socket.send_json({"error": error.message})


def _layer(session: Session, data: bytes, wanted: Layer, max_pixels: int) -> bytes:
    """A PNG of the frame's size: classes in half transparent colours, or white of the target's alpha. Recoloured: a
    JPEG."""
    pixels = decode(data, max_pixels).pixels
    session.run(pixels)
    if wanted.layer != "overlay":
        mask = alpha_of(session, pixels, wanted.target)
        if wanted.layer == "recolor":
            return jpeg(recolor(pixels, mask, hexadecimal(wanted.color), strength=wanted.strength))
        alpha = Image.fromarray(mask)
        return png(Image.merge("LA", (Image.new("L", alpha.size, 255), alpha)))
    labels = Image.fromarray(session.labels())
    labels.putpalette(PALETTE)
    labels.info["transparency"] = bytes([0, 128, 128])
    return png(labels)
