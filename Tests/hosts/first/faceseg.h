/* faceseg.h - face, hair and background of a photo, in process. C99, also C++.
 *
 *     uint8_t rgb[480 * 640 * 3], labels[480 * 640];           // your photo, room for its labels
 *     faceseg_image image = {.plane = {rgb}, .row_bytes = {640 * 3},
 *                            .width = 640, .height = 480, .format = FACESEG_RGB8};
 *     faceseg_plane out = {.data = labels, .row_bytes = 640, .type = FACESEG_U8};
 *     faceseg_error error;
 *     if (faceseg_segment(&image, out, &error) != FACESEG_OK)  // 0 background, 1 face, 2 hair
 *         fprintf(stderr, "%s\n", error.message);
 *
 * Ownership  What faceseg_*_open gives is freed with its *_close (NULL is fine). A session keeps its model
 *            alive, so the order of closing never matters. Buffers stay yours. A handle that was closed
 *            must not be used again: that cannot be detected.
 * Threads    A model may be used by any number of threads, a session by one at a time.
 *            faceseg_session_cancel alone may be called from another.
 * Errors     A status comes back, its message in the error you passed, which may be NULL. The library never
 *            prints, exits, or touches a global setting of the process.
 * Structs    Every options struct begins with its size, set by its init function. A larger size than this
 *            library knows is FACESEG_UNSUPPORTED unless what lies beyond is zero; what a smaller size lacks
 *            has its default. Enums travel as int32_t.
 * Files      Caffe's .caffemodel and .prototxt, as Caffe, FCN, FaceFCN and TextFCN wrote them.
 * Licence    The program is BSD-2-Clause. The built-in network's weights: see faceseg_model_text. */
#ifndef FACESEG_H
#define FACESEG_H

#include <stddef.h>
#include <stdint.h>

#define FACESEG_VERSION_MAJOR 0
#define FACESEG_VERSION_MINOR 1
#define FACESEG_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ---------------------------------------------------------------------------------------- */

typedef int32_t faceseg_status;
enum {
  FACESEG_OK = 0,
  FACESEG_INVALID_ARGUMENT = 1, /* a value passed to the function */
  FACESEG_FILE_ERROR = 2,       /* a file that cannot be read or is damaged */
  FACESEG_MODEL_ERROR = 3,      /* a network that contradicts itself or has an unknown layer */
  FACESEG_SHAPE_ERROR = 4,      /* a network that does not take this size */
  FACESEG_OUT_OF_MEMORY = 5,    /* more than there is, or than memory_limit allows */
  FACESEG_CANCELLED = 6,        /* by faceseg_session_cancel or the progress function */
  FACESEG_UNSUPPORTED = 7,      /* a request of a newer header than this library's */
  FACESEG_NO_RESULT = 8         /* a result was asked for before a run */
};

typedef struct faceseg_error {
  int32_t status;
  char message[512]; /* what, where, what to do; UTF-8, ends with 0; empty after success */
} faceseg_error;

/* "FACESEG_OK" and so on; "unknown status" for other numbers. A static string. Since 0.1. */
const char *faceseg_status_name(faceseg_status status);

/* ---- Version and run-time ----------------------------------------------------------------------------- */

/* Of the library that runs: major * 10000 + minor * 100 + patch. Since 0.1. */
int32_t faceseg_version(void);
/* "0.1.0". A static string. Since 0.1. */
const char *faceseg_version_string(void);

/* The instruction set of the kernels: "avx512", "avx2", "neon", "scalar". A static string. Since 0.1. */
const char *faceseg_runtime_cpu(void);
/* The OpenMP runtime in use, by its file's name; NULL: none was found, everything runs on the calling thread.
 * A runtime that the process has loaded already is preferred. A static string. Since 0.1. */
const char *faceseg_runtime_openmp(void);
/* Threads that a session uses by default: the processors this process may run on. Since 0.1. */
int32_t faceseg_runtime_threads(void);

/* ---- Pictures in, planes out -------------------------------------------------------------------------- */

enum { FACESEG_RGB8 = 0, FACESEG_BGR8 = 1, FACESEG_RGBA8 = 2, FACESEG_BGRA8 = 3, FACESEG_GRAY8 = 4 };

/* A photo in memory, borrowed and only read. Alpha is passed over. */
typedef struct faceseg_image {
  const void *plane[3];   /* plane[0]: the first pixel of the first row; the others NULL */
  ptrdiff_t row_bytes[3]; /* row_bytes[0]: from row to row, at least width * bytes a pixel */
  int32_t width, height;  /* pixels, 1 to 16384 */
  int32_t format;         /* FACESEG_RGB8 ... */
} faceseg_image;

enum { FACESEG_U8 = 0, FACESEG_F32 = 1 };

/* Where a result goes: the photo's width and height, rows row_bytes apart; bytes between rows stay as they
 * are. F32 planes are aligned to 4 bytes. */
typedef struct faceseg_plane {
  void *data;
  ptrdiff_t row_bytes;
  int32_t type; /* FACESEG_U8 or FACESEG_F32 */
} faceseg_plane;

/* ---- Model: immutable, opened once, shared by any number of threads ----------------------------------- */

typedef struct faceseg_model faceseg_model;

/* What a plain Caffe file does not say. Defaults (after init): what the file's own metadata say, and where
 * there are none, FaceFCN's: means 104.00699, 116.66877, 122.67892, scale 1, photos reduced to 250 and
 * enlarged to 512 (longest side). */
typedef struct faceseg_model_options {
  size_t struct_size;
  const char *prototxt_path; /* the network's description, where the caffemodel's own is not wanted; or NULL */
  float mean[3];             /* B, G, R, subtracted from 0..255; NaN: the default */
  float scale;               /* multiplied afterwards; NaN: the default */
  int32_t working_size;      /* longest side in the network, 1 to 4096; -1: the photo's own; 0: the default */
  int32_t reduce_size;       /* longest side to reduce to before that; -1: none; 0: the default */
  const char *class_names;   /* "background,face,hair": one a class, by commas; NULL: the default */
} faceseg_model_options;

void faceseg_model_options_init(faceseg_model_options *options);

/* Opens a .caffemodel (headers only: weights are read when the first session is opened, and the file stays
 * open until then). path: UTF-8. options may be NULL. Since 0.1. */
faceseg_status faceseg_model_open(const char *path, const faceseg_model_options *options,
                                  faceseg_model **model, faceseg_error *error);
/* The same from memory, of which everything needed is copied before it returns. Since 0.1. */
faceseg_status faceseg_model_open_memory(const void *bytes, size_t size, const faceseg_model_options *options,
                                         faceseg_model **model, faceseg_error *error);
/* The network inside the library: background, face, hair. Since 0.1. */
faceseg_status faceseg_model_open_builtin(faceseg_model **model, faceseg_error *error);
void faceseg_model_close(faceseg_model *model);

/* Classes of the main output; 0 for NULL. Since 0.1. */
int32_t faceseg_model_class_count(const faceseg_model *model);
/* Name of class index, counted from 0; NULL where there is none. Yours until the model is closed. Since 0.1. */
const char *faceseg_model_class_name(const faceseg_model *model, int32_t index);
/* Weights, counted as numbers; 0 for NULL. Since 0.1. */
int64_t faceseg_model_parameter_count(const faceseg_model *model);

enum {
  FACESEG_TEXT_NAME = 0,
  FACESEG_TEXT_VERSION = 1,
  FACESEG_TEXT_LICENSE = 2, /* of the weights: what they may be used for */
  FACESEG_TEXT_DESCRIPTION = 3,
  FACESEG_TEXT_ACCURACY = 4
};
/* What the model says of itself, "" where it says nothing, NULL for an unknown `which`. Yours until the model
 * is closed. Since 0.1. */
const char *faceseg_model_text(const faceseg_model *model, int32_t which);

/* ---- Session: scratch memory, one thread at a time ---------------------------------------------------- */

typedef struct faceseg_session faceseg_session;

/* Calls task(argument, i) once for each i < count, on any threads, and returns when all have returned. */
typedef void (*faceseg_task)(void *argument, size_t index);
typedef void (*faceseg_parallel_for)(void *context, faceseg_task task, void *argument, size_t count);

typedef struct faceseg_session_options {
  size_t struct_size;
  int32_t threads;                   /* 1 to 1024; 0: faceseg_runtime_threads() */
  uint64_t memory_limit;             /* bytes of scratch memory; 0: no limit */
  faceseg_parallel_for parallel_for; /* the host's own threads instead of OpenMP's; or NULL */
  void *parallel_for_context;
} faceseg_session_options;

void faceseg_session_options_init(faceseg_session_options *options);

/* Reads the model's weights if no session did before. options may be NULL. Since 0.1. */
faceseg_status faceseg_session_open(const faceseg_model *model, const faceseg_session_options *options,
                                    faceseg_session **session, faceseg_error *error);
void faceseg_session_close(faceseg_session *session);
/* Makes a run that is under way in another thread end early with FACESEG_CANCELLED; the session works
 * afterwards. Without a run it does nothing. Since 0.1. */
void faceseg_session_cancel(faceseg_session *session);

/* ---- Run once, fetch many ----------------------------------------------------------------------------- */

/* A part of the photo, in its pixels: a rectangle and a turn about its own centre. */
typedef struct faceseg_region {
  float x, y, width, height; /* top left corner before the turn, sizes above 0; may reach beyond the photo */
  float angle;               /* clockwise, degrees: how far the content is turned */
} faceseg_region;

typedef struct faceseg_run_options {
  size_t struct_size;
  int32_t orientation;          /* 0, 90, 180, 270: clockwise turn that makes the buffer upright */
  int32_t has_region;           /* 0: the whole photo */
  faceseg_region region;        /* outside it all is background (class 0) */
  int32_t (*progress)(void *context, float done); /* called in the calling thread, done 0..1; other than 0
                                                     cancels; or NULL */
  void *progress_context;
} faceseg_run_options;

void faceseg_run_options_init(faceseg_run_options *options);

/* Segments a photo. The image's memory is borrowed until the next run or close. options may be NULL.
 * Results have the buffer's own size and orientation. Since 0.1. */
faceseg_status faceseg_run(faceseg_session *session, const faceseg_image *image,
                           const faceseg_run_options *options, faceseg_error *error);

/* The likeliest class of each pixel, U8: 0 background, 1 face (skin, ears, neck), 2 hair for the built-in
 * network. Decided on probabilities at the photo's size. Since 0.1. */
faceseg_status faceseg_get_labels(faceseg_session *session, faceseg_plane out, faceseg_error *error);
/* Probability of a class: F32 0..1, or U8 0..255. Since 0.1. */
faceseg_status faceseg_get_probability(faceseg_session *session, int32_t class_index, faceseg_plane out,
                                       faceseg_error *error);

enum { FACESEG_FACE = 1, FACESEG_HAIR = 2, FACESEG_HEAD = 3 };
/* How much of each pixel belongs to a target: F32 0..1, or U8 0..255. Head is face and hair. The model's
 * classes of these names count, or where it has none, classes 1 and 2. Since 0.1. */
faceseg_status faceseg_get_alpha(faceseg_session *session, int32_t target, faceseg_plane out,
                                 faceseg_error *error);
/* The photo with each class but 0 painted over it, half transparent, in the VOC palette: U8, three bytes a
 * pixel R, G, B, so out.row_bytes is at least 3 * width. Reads the photo again. Since 0.1. */
faceseg_status faceseg_get_overlay(faceseg_session *session, faceseg_plane out, faceseg_error *error);

/* The one-call form: built-in network, labels, default options. Threads may call it at the same time; each
 * call opens and closes a session of its own. Since 0.1. */
faceseg_status faceseg_segment(const faceseg_image *image, faceseg_plane labels, faceseg_error *error);

/* ---- Networks as Caffe runs them ------------------------------------------------------------------------ */

/* Numbers in rows, planes and so on, the last dimension contiguous, as Caffe's blobs. */
typedef struct faceseg_tensor {
  const float *data;
  int32_t rank;     /* 0 to 8 */
  int64_t shape[8];
} faceseg_tensor;

/* Forward pass: inputs[i] goes into the i-th input of the network, with any shape that it takes, and no mean
 * or scale is applied. *output describes blob `blob` (NULL: the one that no layer
 * consumes; of several the one called "score", else the first); its data
 * belong to the session until its next run, forward or close. Since 0.1. */
faceseg_status faceseg_forward(faceseg_session *session, const faceseg_tensor *inputs, size_t input_count,
                               const char *blob, faceseg_tensor *output, faceseg_error *error);

#ifdef __cplusplus
}
#endif
#endif
