"""A page that segments photos and a camera's pictures, served by this machine: ``python -m faceseg.web``.

Needs ``faceseg[web]``: FastAPI, uvicorn, websockets and Pillow. :func:`faceseg.web.app.make_app` gives the application
to those who serve it themselves.
"""
