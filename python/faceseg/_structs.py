"""The structs and numbers of faceseg.h, field for field. A test compares them with what a C compiler makes of it."""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_char_p, c_float, c_int32, c_int64, c_size_t, c_ssize_t, c_uint64, c_void_p

RGB8, BGR8, RGBA8, BGRA8, GRAY8 = range(5)
U8, F32 = range(2)
TEXT_NAME, TEXT_VERSION, TEXT_LICENSE, TEXT_DESCRIPTION, TEXT_ACCURACY = range(5)
FACE, HAIR, HEAD = 1, 2, 3
EXACT, FAST = range(2)
REFINE_NONE, REFINE_GUIDED, REFINE_MATTING, REFINE_CRF = range(4)
MOST_SIDE = 16384
MOST_RANK = 8
MOST_HEADS = 255

ProgressFunction = ctypes.CFUNCTYPE(c_int32, ctypes.py_object, c_float)


class faceseg_error(ctypes.Structure):
    _fields_ = [("status", c_int32), ("message", c_char * 512)]


class faceseg_image(ctypes.Structure):
    _fields_ = [
        ("plane", c_void_p * 3),
        ("row_bytes", c_ssize_t * 3),
        ("width", c_int32),
        ("height", c_int32),
        ("format", c_int32),
    ]


class faceseg_plane(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("row_bytes", c_ssize_t), ("type", c_int32)]


class faceseg_model_options(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("prototxt_path", c_char_p),
        ("mean", c_float * 3),
        ("scale", c_float),
        ("working_size", c_int32),
        ("reduce_size", c_int32),
        ("class_names", c_char_p),
    ]


class faceseg_session_options(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("threads", c_int32),
        ("memory_limit", c_uint64),
        ("parallel_for", c_void_p),
        ("parallel_for_context", c_void_p),
        ("precision", c_int32),
        ("refinement", c_int32),
        ("smallest_head", c_int32),
        ("steady", c_int32),
        ("allocate", c_void_p),
        ("release", c_void_p),
        ("allocator_context", c_void_p),
    ]


class faceseg_region(ctypes.Structure):
    _fields_ = [("x", c_float), ("y", c_float), ("width", c_float), ("height", c_float), ("angle", c_float)]


class faceseg_run_options(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("orientation", c_int32),
        ("has_region", c_int32),
        ("region", faceseg_region),
        ("progress", ProgressFunction),
        ("progress_context", c_void_p),
    ]


class faceseg_head(ctypes.Structure):
    _fields_ = [
        ("number", c_int32),
        ("x", c_int32),
        ("y", c_int32),
        ("width", c_int32),
        ("height", c_int32),
        ("confidence", c_float),
        ("face_area", c_int64),
        ("hair_area", c_int64),
    ]


class faceseg_matte_options(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("parallel_for", c_void_p),
        ("parallel_for_context", c_void_p),
        ("cancelled", c_void_p),
        ("threads", c_int32),
    ]


class faceseg_recolor_options(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("parallel_for", c_void_p),
        ("parallel_for_context", c_void_p),
        ("cancelled", c_void_p),
        ("threads", c_int32),
        ("strength", c_float),
    ]


class faceseg_crf_options(ctypes.Structure):
    _fields_ = [
        ("struct_size", c_size_t),
        ("parallel_for", c_void_p),
        ("parallel_for_context", c_void_p),
        ("cancelled", c_void_p),
        ("threads", c_int32),
        ("appearance_weight", c_float),
        ("appearance_distance", c_float),
        ("color_distance", c_float),
        ("smoothness_weight", c_float),
        ("smoothness_distance", c_float),
        ("rounds", c_int32),
    ]


class faceseg_tensor(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("rank", c_int32), ("shape", c_int64 * MOST_RANK)]
