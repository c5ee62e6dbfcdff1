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
 *            A progress function or parallel-for that runs its own session gets an error there.
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

/* ---- Errors ---------------------------------------------------------------------------------- */

typedef int32_t faceseg_status;
enum {
  FACESEG_OK = 0,
  FACESEG_INVALID_ARGUMENT = 1, /* a value passed to the function */
  FACESEG_FILE_ERROR = 2,       /* a file that cannot be read or is damaged */
  FACESEG_MODEL_ERROR = 3,      /* a network that contradicts itself or has an unknown layer */
  FACESEG_SHAPE_ERROR = 4,      /* a network that does not take this size */
  FACESEG_OUT_OF_MEMORY = 5,    /* more than there is, or a memory_limit below the least */
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

/* ---- Version and run-time -------------------------------------------------------------------- */

/* Of the library that runs: major * 10000 + minor * 100 + patch. Since 0.1. */
int32_t faceseg_version(void);
/* "0.1.0". A static string. Since 0.1. */
const char *faceseg_version_string(void);

/* The instruction set of the kernels: "avx512", "avx2", "neon", "scalar". The environment variable FACESEG_CPU
 * may name one that the processor has; with another name in it, opening a session is FACESEG_INVALID_ARGUMENT.
 * A static string. Since 0.1. */
const char *faceseg_runtime_cpu(void);
/* The OpenMP runtime, by its file's name; NULL: none was found, or it would end the process (no room in
 * /dev/shm for what it notes there), and threads begin and end with each call. One that the process has loaded
 * already is preferred; where there is none, asking loads one, as the first stage of several tasks does. A static
 * string. Since 0.1. */
const char *faceseg_runtime_openmp(void);
/* Threads that a session uses by default: the processors this process may run on. Since 0.1. */
int32_t faceseg_runtime_threads(void);

/* ---- Pictures in, planes out ----------------------------------------------------------------- */

enum {
  FACESEG_RGB8 = 0,
  FACESEG_BGR8 = 1,
  FACESEG_RGBA8 = 2,
  FACESEG_BGRA8 = 3,
  FACESEG_GRAY8 = 4,
  /* Frames of video, for faceseg_run and faceseg_segment: brightness in plane[0], colours for four pixels each, sides
   * rounded up. NV12, NV21: plane[1] has blue and red differences (U, V) by turns, or red ones first. I420: plane[1]
   * the blue ones, plane[2] the red ones. */
  FACESEG_NV12 = 5,
  FACESEG_NV21 = 6,
  FACESEG_I420 = 7,
  /* Added to these: colours as BT.709 has them, as in videos of 720 rows and more, not as BT.601; and numbers of
   * 0..255, as in JPEG, not brightness of 16..235 and colours of 16..240. */
  FACESEG_BT709 = 256,
  FACESEG_FULL_RANGE = 512
};

/* A photo in memory, borrowed and only read. Alpha is passed over. */
typedef struct faceseg_image {
  const void *plane[3];   /* plane[0]: the first pixel of the first row; the others NULL but of video's formats */
  ptrdiff_t row_bytes[3]; /* of each plane from row to row, at least what a row of it takes */
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

/* ---- Model: immutable, opened once, shared by any number of threads -------------------------- */

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
/* Another one inside the library, with a quarter of that one's arithmetic, for weak machines. Since 0.1. */
faceseg_status faceseg_model_open_builtin_small(faceseg_model **model, faceseg_error *error);
void faceseg_model_close(faceseg_model *model);

/* Classes of the main output; 0 for NULL. Since 0.1. */
int32_t faceseg_model_class_count(const faceseg_model *model);
/* Name of class index, counted from 0; NULL where there is none: beyond the classes, or all if there are more
 * than 256. Yours until the model is closed. Since 0.1. */
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

/* ---- Session: scratch memory, one thread at a time ------------------------------------------- */

typedef struct faceseg_session faceseg_session;

/* How exactly a session computes. Exact: Caffe's scores within 1e-4 of the largest. Fast: products of 16 bits,
 * or of 8 for layers of four million weights and more, with sums of 32 where the processor has them (AVX-512
 * with VNNI and BF16), exact elsewhere: up to twice as fast, FCN-8s's scores within two hundredths of the
 * largest. */
enum { FACESEG_EXACT = 0, FACESEG_FAST = 1 };

/* How probabilities come to the photo's size. None: by linear interpolation. Guided: along the photo's own edges,
 * by the guided filter with a guide of three colours (He, Sun and Tang, PAMI 2013, equations 14 to 19; He and Sun,
 * "Fast guided filter", 2015). Matting: as guided, but alpha is found as faceseg_matte finds it, from a trimap of the
 * probabilities; about a second for a million pixels. Guided and matting results read the photo when they are
 * fetched. CRF: by the dense CRF as faceseg_crf has it, with its default options, over the photo's own pixels up to
 * 1,048,576 of them; above that over a reduced photo, from which the guided filter goes on. */
enum {
  FACESEG_REFINE_NONE = 0,
  FACESEG_REFINE_GUIDED = 1,
  FACESEG_REFINE_MATTING = 2,
  FACESEG_REFINE_CRF = 3
};

/* Memory of your own for what a session computes in: size bytes at a multiple of alignment, or NULL, upon which the
 * call is FACESEG_OUT_OF_MEMORY and the session works on; and back, with the same size and alignment. Called in the
 * threads that call into the session, and must not call into it. */
typedef void *(*faceseg_allocate)(void *context, size_t size, size_t alignment);
typedef void (*faceseg_release)(void *context, void *memory, size_t size, size_t alignment);

/* Calls task(argument, i) once for each i < count, on any threads, and returns when all have returned. */
typedef void (*faceseg_task)(void *argument, size_t index);
typedef void (*faceseg_parallel_for)(void *context, faceseg_task task, void *argument, size_t count);

typedef struct faceseg_session_options {
  size_t struct_size;
  int32_t threads;                   /* 1 to 1024; 0: faceseg_runtime_threads() */
  uint64_t memory_limit;             /* bytes of scratch memory for the network, beside the photo and rows
                                        of results; 0: no limit. Where a run would take more, layers run by
                                        bands of rows, with the same results, to the bit. The message of
                                        FACESEG_OUT_OF_MEMORY tells the least that a size takes */
  faceseg_parallel_for parallel_for; /* the host's own threads instead of OpenMP's; or NULL */
  void *parallel_for_context;
  int32_t precision;                 /* FACESEG_EXACT (the default) or FACESEG_FAST */
  int32_t refinement;                /* FACESEG_REFINE_GUIDED (the default) or another */
  int32_t smallest_head;             /* 8 to 4096: heads of so many pixels and more are looked for, and looked at
                                        one by one, in photos without a region; 0: of 24 in photos of more than
                                        a million pixels; -1: the photo is looked at as a whole only */
  int32_t steady;                    /* other than 0: photos are frames of one video. Uncertain pixels follow the
                                        frames before, along the picture's motion, so that masks do not flicker;
                                        the first frame is as without. A smallest_head of 0 is -1 then */
  faceseg_allocate allocate;         /* memory for the network, the photo's planes and refinement comes from here;
                                        not the model's weights, nor, where heads are looked for, up to 30 MB of
                                        maps of them, nor a few hundred bytes a layer. Or NULL: malloc and mmap */
  faceseg_release release;           /* both or neither; the last calls are those of faceseg_session_close */
  void *allocator_context;
} faceseg_session_options;

void faceseg_session_options_init(faceseg_session_options *options);

/* Reads the model's weights if no session of this precision did before: from its file, which must be there
 * unchanged, or from memory, of which a copy is kept for the first precision only. options may be NULL.
 * Since 0.1. */
faceseg_status faceseg_session_open(const faceseg_model *model, const faceseg_session_options *options,
                                    faceseg_session **session, faceseg_error *error);
void faceseg_session_close(faceseg_session *session);
/* Makes a run that is under way in another thread end early with FACESEG_CANCELLED; the session works
 * afterwards. Without a run it does nothing. Since 0.1. */
void faceseg_session_cancel(faceseg_session *session);
/* The next photo of a steady session is the first of a video: nothing of those before is used for it. Cuts within
 * a video, and photos of another size, format, region or orientation, are noticed without. By the thread that runs the
 * session; NULL, and a session that is not steady, are fine. Since 0.1. */
void faceseg_session_begin_video(faceseg_session *session);

/* ---- Run once, fetch many -------------------------------------------------------------------- */

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

/* Segments a photo. The image's memory is borrowed until the next run, even one that fails, or close (of video's
 * formats for this call alone); a run that fails borrows nothing and leaves no result. options may be NULL. Results
 * have the buffer's own size and orientation. Since 0.1. */
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
 * classes of these names count, or where it has none, classes 1 and 2. Of their probabilities together a quarter and
 * less is nothing, three quarters and more all, linear between, so that what the network hardly believes leaves no
 * shadow; under FACESEG_REFINE_MATTING alpha is solved for. Since 0.1. */
faceseg_status faceseg_get_alpha(faceseg_session *session, int32_t target, faceseg_plane out,
                                 faceseg_error *error);
/* The photo with each class but 0 painted over it, half transparent, in the VOC palette: U8, three bytes a
 * pixel R, G, B, so out.row_bytes is at least 3 * width. Reads the photo again. Since 0.1. */
faceseg_status faceseg_get_overlay(faceseg_session *session, faceseg_plane out, faceseg_error *error);

/* A face with its hair, or hair alone. */
typedef struct faceseg_head {
  int32_t number;                 /* 1 to 255; larger heads have smaller ones */
  int32_t x, y, width, height;    /* the smallest rectangle about its pixels */
  float confidence;               /* mean probability of face and hair where it was looked at, 0.5..1 */
  int64_t face_area, hair_area;   /* pixels */
} faceseg_head;

/* The heads of the last photo: their number into *count, 0 where the call fails, the first `capacity` of them into
 * heads (NULL if capacity is 0). numbers: NULL, or a U8 plane that gets the number of the head at each pixel, 0 where
 * there is none. Faces that touch are one head; hair between two faces is the nearer one's. FACESEG_INVALID_ARGUMENT
 * for a model without classes named face and hair. Since 0.1. */
faceseg_status faceseg_get_heads(faceseg_session *session, const faceseg_plane *numbers, faceseg_head *heads,
                                 size_t capacity, size_t *count, faceseg_error *error);

/* The one-call form: built-in network, labels, default options. Threads may call it at the same time; each
 * call opens and closes a session of its own. Since 0.1. */
faceseg_status faceseg_segment(const faceseg_image *image, faceseg_plane labels, faceseg_error *error);

/* ---- Matting: of any photo, with any trimap ---------------------------------------------------- */

typedef struct faceseg_matte_options {
  size_t struct_size;
  faceseg_parallel_for parallel_for; /* the host's own threads instead of OpenMP's; or NULL */
  void *parallel_for_context;
  const int32_t *cancelled;          /* looked at during the call: once it is other than 0, which another thread may
                                        make it, the call ends with FACESEG_CANCELLED; or NULL */
  int32_t threads;                   /* 1 to 1024; 0: faceseg_runtime_threads() */
} faceseg_matte_options;

void faceseg_matte_options_init(faceseg_matte_options *options);

/* How much of each pixel is foreground, from a trimap: U8, 0 background, 255 foreground, all others unknown. alpha:
 * F32 0..1, or U8 0..255; what is known stays as it is. Both planes have the image's width and height; neither is the
 * image's memory. In closed form (Levin, Lischinski and Weiss, PAMI 2008), windows of 3 x 3, epsilon 1e-7. Images of
 * more than 2,097,152 pixels, or 300,000 unknown ones, are reduced for it, and alpha enlarged along their edges. Takes
 * up to 0.6 GB meanwhile. FACESEG_INVALID_ARGUMENT where nothing is known. Any number of threads may call it. options
 * may be NULL. Since 0.1. */
faceseg_status faceseg_matte(const faceseg_image *image, faceseg_plane trimap, faceseg_plane alpha,
                             const faceseg_matte_options *options, faceseg_error *error);
/* Colours of the foreground alone, without what lies behind its soft edges, so that a cut-out has no halo. alpha: F32
 * 0..1 (others are held within, NaN is 0), or U8. out: U8, three bytes a pixel R, G, B, so out.row_bytes is at least
 * 3 * width; not the image's memory. Level after level (Germer et al., 2020); of images of more than 2,097,152 pixels
 * the last levels are one step. Any number of threads may call it. Since 0.1. */
faceseg_status faceseg_foreground(const faceseg_image *image, faceseg_plane alpha, faceseg_plane out,
                                  faceseg_error *error);

/* ---- Recolouring: hair, skin, or whatever an alpha shows --------------------------------------- */

typedef struct faceseg_recolor_options {
  size_t struct_size;
  faceseg_parallel_for parallel_for; /* the host's own threads instead of OpenMP's; or NULL */
  void *parallel_for_context;
  const int32_t *cancelled;          /* looked at during the call: once it is other than 0, which another thread may
                                        make it, the call ends with FACESEG_CANCELLED; or NULL */
  int32_t threads;                   /* 1 to 1024; 0: faceseg_runtime_threads() */
  float strength;                    /* how much of the new colour is mixed in, 0..1; 1 */
} faceseg_recolor_options;

void faceseg_recolor_options_init(faceseg_recolor_options *options);

/* The image with what alpha shows in another colour, 0xRRGGBB of sRGB. Shading, highlights and strands stay: in OKLab
 * (Ottosson, 2020) the middle lightness becomes the colour's, black stays black and white white; black hair can become
 * blond. alpha: F32 0..1 (others are held within, NaN is 0), or U8, as from faceseg_get_alpha. out: U8, three bytes a
 * pixel R, G, B, so out.row_bytes is at least 3 * width; where alpha is 0 the image's own. It may be the image's memory
 * if that has three bytes a pixel and the same row bytes, so that hair and face are recoloured one after the other. Any
 * number of threads may call it. options may be NULL. Since 0.1. */
faceseg_status faceseg_recolor(const faceseg_image *image, faceseg_plane alpha, uint32_t color, faceseg_plane out,
                               const faceseg_recolor_options *options, faceseg_error *error);

/* ---- Dense CRF: maps of your own that agree with a photo ------------------------------------- */

/* Kraehenbuehl and Koltun's energy: for all pairs of pixels with different labels appearance_weight
 * exp(-place^2 / 2 appearance_distance^2 - color^2 / 2 color_distance^2) + smoothness_weight
 * exp(-place^2 / 2 smoothness_distance^2), both normalized symmetrically. The defaults (after init) are theirs. */
typedef struct faceseg_crf_options {
  size_t struct_size;
  faceseg_parallel_for parallel_for; /* the host's own threads instead of OpenMP's; or NULL */
  void *parallel_for_context;
  const int32_t *cancelled;          /* looked at during the call: once it is other than 0, which another thread may
                                        make it, the call ends with FACESEG_CANCELLED; or NULL */
  int32_t threads;                   /* 1 to 1024; 0: faceseg_runtime_threads() */
  float appearance_weight;           /* 0 to 1000; 10 */
  float appearance_distance;         /* pixels, 0.01 to 100000; 80 */
  float color_distance;              /* of 255, 0.01 to 100000; 13 */
  float smoothness_weight;           /* 0 to 1000; 3 */
  float smoothness_distance;         /* pixels, 0.01 to 100; 3 */
  int32_t rounds;                    /* of mean field, 0 to 1000; 10 */
} faceseg_crf_options;

void faceseg_crf_options_init(faceseg_crf_options *options);

/* Makes probabilities agree with an image: pixels of like colours and near places get the same class (Kraehenbuehl and
 * Koltun, "Efficient inference in fully connected CRFs with Gaussian edge potentials", NIPS 2011; on the lattice of
 * Adams, Baek and Davis, 2010). probabilities: class_count (1 to 256) F32 planes of the image's width and height, in
 * and out, none of them the image's memory. Any numbers may come in: below 1e-5, and NaN, they count as that; out come
 * 0..1 of sum 1. Where the call fails they stay as they were. Takes about 250 bytes a pixel meanwhile, for three
 * classes. Any number of threads may call it. options may be NULL. Since 0.1. */
faceseg_status faceseg_crf(const faceseg_image *image, const faceseg_plane *probabilities, int32_t class_count,
                           const faceseg_crf_options *options, faceseg_error *error);

/* ---- Networks as Caffe runs them ------------------------------------------------------------- */

/* Numbers in rows, planes and so on, the last dimension contiguous, as Caffe's blobs. */
typedef struct faceseg_tensor {
  const float *data;
  int32_t rank;     /* 0 to 8 */
  int64_t shape[8];
} faceseg_tensor;

/* Forward pass: inputs[i] goes into the i-th input of the network, with any shape that it takes, and no mean
 * or scale is applied; their data must not be what the session gave out before. *output describes blob
 * `blob` (NULL: the one that no layer consumes; of several the one called "score", else the first); its data
 * belong to the session until its next run, forward or close. Since 0.1. */
faceseg_status faceseg_forward(faceseg_session *session, const faceseg_tensor *inputs, size_t input_count,
                               const char *blob, faceseg_tensor *output, faceseg_error *error);

#ifdef __cplusplus
}
#endif
#endif
