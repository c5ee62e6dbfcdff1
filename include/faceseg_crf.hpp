// faceseg_crf.hpp - the dense CRF over maps of your own, without a model. A part of faceseg.hpp, which is
// what to include.
#ifndef FACESEG_CRF_HPP
#define FACESEG_CRF_HPP

#include "faceseg_views.hpp"

namespace faceseg {

// As faceseg_crf_options says. Since 0.1.
struct CrfOptions {
    float appearance_weight = 10, appearance_distance = 80, color_distance = 13;
    float smoothness_weight = 3, smoothness_distance = 3;
    int rounds = 10;
    int threads = 0; // 1 to 1024; 0: runtime().threads
};

// Makes probabilities, a plane for each class, agree with an image of the same size, in place; as faceseg_crf
// says. Throws invalid_argument, out_of_memory. Since 0.1.
inline void crf(const ImageView &image, const std::vector<FloatPlane> &probabilities,
                const CrfOptions &options = {}) {
    std::vector<faceseg_plane> planes;
    for (const FloatPlane &plane : probabilities)
        planes.push_back(plane.get(image.width(), image.height()));
    faceseg_crf_options raw;
    faceseg_crf_options_init(&raw);
    raw.appearance_weight = options.appearance_weight;
    raw.appearance_distance = options.appearance_distance;
    raw.color_distance = options.color_distance;
    raw.smoothness_weight = options.smoothness_weight;
    raw.smoothness_distance = options.smoothness_distance;
    raw.rounds = options.rounds;
    raw.threads = options.threads;
    if (planes.size() > 256)
        throw Error(Status::invalid_argument, std::to_string(planes.size()) + " classes, at most 256");
    detail::call(faceseg_crf, &image.get(), planes.data(), static_cast<std::int32_t>(planes.size()), &raw);
}

} // namespace faceseg

#endif
