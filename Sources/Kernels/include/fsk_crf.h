// fsk_crf: the fully connected conditional random field: maps of probabilities made to agree with the colours
// and places of a picture, by mean field whose long sums run on the permutohedral lattice. Kraehenbuehl and
// Koltun, "Efficient inference in fully connected CRFs with Gaussian edge potentials", NIPS 2011; Adams, Baek
// and Davis, "Fast high-dimensional filtering using the permutohedral lattice", Eurographics 2010. As in the
// former's program, sums go over all pixels, the own one among them, and both kernels are normalized
// symmetrically: D^-1/2 K D^-1/2, D the sums of K's rows.
#ifndef FSK_CRF_H
#define FSK_CRF_H

#include "fsk_pool.h"

// A point's place has five numbers, and it lies in a simplex of the lattice with six corners: one vertex of
// each of six kinds, which are the remainders of their coordinates.
enum { FSK_LATTICE_KINDS = 6, FSK_LATTICE_BLURS = 2, FSK_CRF_LANES = 4 };

// The lattice of a picture's pixels. All memory is the caller's; each function says what it needs. One that
// runs on a cancelled pool leaves it unfinished: then go no further.
typedef struct fsk_lattice {
    size_t points; // pixels
    // Of fsk_lattice_place:
    uint32_t *corner;                  // [6, points]: which of its kind's vertices; at the end, of all
    float *weight;                     // [6, points]: of each corner; of a point they sum to 1
    uint64_t *keys;                    // [6, points]: of points, then of count[kind] vertices
    uint32_t *slots;                   // [6, fsk_lattice_slots(points)]: only as many are touched as needed
    uint32_t count[FSK_LATTICE_KINDS]; // vertices that points lie at
    // Of fsk_lattice_grow:
    uint64_t *vertex_keys;               // [fsk_lattice_bound]
    uint32_t *vertex_slots;              // [fsk_lattice_bound_slots]
    size_t first[FSK_LATTICE_KINDS + 1]; // vertices of kind r: first[r] ..< first[r + 1]
    uint32_t in_use[FSK_LATTICE_KINDS];  // slots
    // Of fsk_lattice_connect. Vertex first[6], which is none, has the value 0.
    uint32_t *starts;     // [first[6] + 1]: where a vertex's points begin in `order`
    uint32_t *neighbours; // [6 axes, 2, first[6]]
    uint32_t *order;      // [6, points]: the points of each vertex, ascending; may lie in the keys' memory
    float *share;         // [6, points]: their weights; likewise
} fsk_lattice;

// A power of two.
size_t fsk_lattice_slots(size_t points);

// Places each pixel of the guide, [3, height, width] (B, G, R), at (x / position, y / position, R / color,
// G / color, B / color) and finds the vertices. Such a place is at most 1000 from the first one.
void fsk_lattice_place(fsk_lattice *lattice, const float *guide, size_t height, size_t width, float position,
                       float color, const fsk_pool *pool);

// Adds the vertices' neighbours, so that less is lost while values spread: with what points touch alone, up
// to one label in 40 was another than by exact sums on eight pictures of 48 x 48 pixels; with them, one in
// 200. Left out where there are more than half as many vertices as points already: in noise.
void fsk_lattice_grow(fsk_lattice *lattice, const fsk_pool *pool);
size_t fsk_lattice_bound(const fsk_lattice *lattice);
size_t fsk_lattice_bound_slots(const fsk_lattice *lattice);

// Finds each vertex's neighbours and points.
void fsk_lattice_connect(fsk_lattice *lattice, const fsk_pool *pool);

typedef struct fsk_crf {
    const fsk_lattice *lattice; // connected; points: height * width
    float *maps;                // [classes, height, width]: probabilities, in and out; any numbers
    size_t classes, height, width;
    float appearance;          // weight of the kernel of places and colours
    float smoothness;          // weight of the kernel of places alone, a Gaussian
    float smoothness_distance; // its standard deviation, pixels, above 0; cut off at four
    float *scratch;            // fsk_crf_scratch floats
} fsk_crf;

// Floats of scratch memory.
size_t fsk_crf_scratch(const fsk_crf *arguments, size_t threads);

// Unary energies from the maps, -log max(p, 1e-5), norms of the kernels, and the maps divided by their sums.
void fsk_crf_begin(const fsk_crf *arguments, const fsk_pool *pool);

// A round of mean field: maps = softmax(-unary + both kernels times the maps). Potts' model: only equal
// labels agree.
void fsk_crf_round(const fsk_crf *arguments, const fsk_pool *pool);

#endif
